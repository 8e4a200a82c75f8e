// Timers: the listener under a clock that the test moves, and host processes that share one storage.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BlobServiceClient } from "@azure/storage-blob";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type Azurite, startAzurite } from "../../../../infra/local/azurite.ts";
import { createClock } from "../../../../infra/local/host/clock.ts";
import { openSingletonLeases } from "../../../../infra/local/host/singleton-lease.ts";
import { type SpawnedHost, spawnHost } from "../../../../infra/local/host/spawn-host.ts";
import { startTimerListener, type TimerRun } from "../../../../infra/local/host/timer-listener.ts";
import { parseTimerSchedule } from "../../../../infra/local/host/timer-schedule.ts";
import type { TimerStatus } from "../../../../infra/local/host/timer-status.ts";
import { openTimerStatusStore } from "../../../../infra/local/host/timer-status-blob.ts";
import { eventually, logged } from "./eventually.ts";

const appDirectory = new URL("./fixtures/timers", import.meta.url).pathname;
const at = (text: string): Date => new Date(`2026-03-01T${text}Z`);

let directory: string;
let azurite: Azurite;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "host-timers-"));
  azurite = await startAzurite({ directory, inMemory: true });
});
afterAll(async () => {
  await azurite?.close();
  await rm(directory, { recursive: true, force: true });
});

/** A listener over a store in memory, with a clock that the test moves. */
function listener(options: {
  schedule?: string;
  now: Date;
  status?: TimerStatus | undefined;
  runOnStartup?: boolean;
  run?: (run: TimerRun) => Promise<void>;
}) {
  let now = options.now;
  let status = options.status;
  const runs: { at: Date; isPastDue: boolean; last: Date | undefined }[] = [];
  const started = startTimerListener({
    functionName: "f",
    schedule: parseTimerSchedule(options.schedule ?? "0 0 * * * *", "f"),
    runOnStartup: options.runOnStartup ?? false,
    store: {
      read: async () => status,
      write: async (_, next) => {
        status = next;
      },
    },
    takeLease: async () => ({ lost: new Promise(() => undefined), release: async () => undefined }),
    recoveryMs: 1000,
    clock: createClock(() => now),
    execute: async (run) => {
      runs.push({ at: now, isPastDue: run.isPastDue, last: run.status?.last });
      await options.run?.(run);
    },
    report: () => undefined,
  });
  return {
    runs,
    status: () => status,
    move: (next: Date) => {
      now = next;
    },
    stop: () => started.stop(),
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 80));

describe("a timer", () => {
  it("that is new writes when it is due, does not run, and then runs on its schedule", async () => {
    const timer = listener({ now: at("10:20:00") });
    await settled();
    expect(timer.runs).toEqual([]);
    expect(timer.status()).toEqual({
      last: undefined,
      next: at("11:00:00"),
      lastUpdated: at("10:20:00"),
    });
    timer.move(at("10:59:59.900"));
    await settled();
    expect(timer.runs).toEqual([]);
    timer.move(at("11:00:00.050"));
    await eventually(() => timer.runs.length === 1);
    await eventually(() => timer.status()?.last);
    expect(timer.runs).toEqual([{ at: at("11:00:00.050"), isPastDue: false, last: undefined }]);
    expect(timer.status()?.next).toEqual(at("12:00:00"));
    await timer.stop();
  });

  it("that missed runs makes up for all of them with one, and says that it is past due", async () => {
    const status = { last: at("08:00:00"), next: at("09:00:00"), lastUpdated: at("08:00:00") };
    const timer = listener({ now: at("12:30:00"), status });
    await eventually(() => timer.runs.length === 1);
    await settled();
    expect(timer.runs).toEqual([{ at: at("12:30:00"), isPastDue: true, last: at("08:00:00") }]);
    expect(timer.status()?.next).toEqual(at("13:00:00"));
    await timer.stop();
    const again = listener({ now: at("12:31:00"), status: timer.status() });
    await settled();
    expect(again.runs).toEqual([]);
    await again.stop();
  });

  it("whose schedule was changed is never past due", async () => {
    const status = { last: at("08:00:00"), next: at("08:30:00"), lastUpdated: at("08:00:00") };
    const timer = listener({ now: at("12:30:00"), status });
    await settled();
    expect(timer.runs).toEqual([]);
    expect(timer.status()).toEqual({
      last: undefined,
      next: at("13:00:00"),
      lastUpdated: at("08:00:00"),
    });
    await timer.stop();
  });

  it("runs at the start when it is told to", async () => {
    const timer = listener({ now: at("10:20:00"), runOnStartup: true });
    await eventually(() => timer.runs.length === 1);
    expect(timer.runs[0]?.isPastDue).toBe(false);
    await timer.stop();
  });

  it("never overlaps itself, skips what came due meanwhile, and goes on after an error", async () => {
    let finish = (): void => undefined;
    const timer = listener({
      now: at("10:59:00"),
      run: () =>
        new Promise((_, reject) => {
          finish = () => reject(new Error("on purpose"));
        }),
    });
    await settled();
    timer.move(at("11:00:00"));
    await eventually(() => timer.runs.length === 1);
    timer.move(at("13:30:00"));
    await settled();
    expect(timer.runs).toHaveLength(1);
    finish();
    await settled();
    expect(timer.runs).toHaveLength(1);
    timer.move(at("14:00:00"));
    await eventually(() => timer.runs.length === 2);
    finish();
    await timer.stop();
    expect(timer.status()?.next).toEqual(at("15:00:00"));
  });
});

describe("what is kept in storage", () => {
  it("is the status in the place and format of the real host", async () => {
    const store = openTimerStatusStore(azurite.connectionString, "a-host");
    expect(await store.read("f")).toBeUndefined();
    const status = { last: undefined, next: at("11:00:00"), lastUpdated: at("10:00:00") };
    await store.write("f", status);
    expect(await store.read("f")).toEqual(status);
    const text = await BlobServiceClient.fromConnectionString(azurite.connectionString)
      .getContainerClient("azure-webjobs-hosts")
      .getBlobClient("timers/a-host/Host.Functions.f/status")
      .downloadToBuffer();
    expect(JSON.parse(text.toString())).toEqual({
      Last: "0001-01-01T00:00:00",
      Next: "2026-03-01T11:00:00.000Z",
      LastUpdated: "2026-03-01T10:00:00.000Z",
    });
  });

  it("is a lease that one owner has until it gives it back", async () => {
    const take = openSingletonLeases(azurite.connectionString, "a-host");
    const first = await take("f");
    expect(first).toBeDefined();
    expect(await take("f")).toBeUndefined();
    expect(await take("other")).toBeDefined();
    await first?.release();
    const second = await take("f");
    expect(second).toBeDefined();
    await second?.release();
  });
});

describe("several hosts on one storage", () => {
  const start = (tickSchedule: string): Promise<SpawnedHost> =>
    spawnHost({
      appDirectory,
      settings: {
        AzureWebJobsStorage: azurite.connectionString,
        TICK_SCHEDULE: tickSchedule,
      },
      timerRecoveryMs: 300,
    });

  it("fire a timer once, and another takes over when its owner stops", async () => {
    const first = await start("* * * * * *");
    await eventually(() => logged(first.events, "tick").length >= 1);
    const second = await start("* * * * * *");
    await eventually(() => logged(first.events, "tick").length >= 3);
    expect(logged(second.events, "tick")).toEqual([]);
    await first.close();
    await eventually(() => logged(second.events, "tick").length >= 1);

    // Several times a minute: no status is kept, and the handler gets null although its type says otherwise.
    expect(logged(second.events, "tick")[0]).toEqual({
      timer: { schedule: { adjustForDST: true }, scheduleStatus: null, isPastDue: false },
      metadata: null,
    });
    await second.close();
  });

  it("retry a failing run with new invocations, and tell the handler which attempt it is", async () => {
    const host = await start("0 0 0 1 1 *");
    const contexts = await eventually(() => {
      const lines = logged(host.events, "retried");
      return lines.length >= 3 && lines;
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(logged(host.events, "retried")).toHaveLength(3);
    expect(contexts[0]).toEqual({ retryCount: 0, maxRetryCount: 2 });
    expect(contexts[2]).toMatchObject({
      retryCount: 2,
      maxRetryCount: 2,
      exception: { message: "not yet" },
    });
    const ids = host.events.flatMap((event) =>
      event.kind === "start" && event.function === "retried" ? [event.invocationId] : [],
    );
    expect(new Set(ids).size).toBe(3);

    const run = await fetch(`${host.url}/admin/functions/hourly`, { method: "POST", body: "{}" });
    expect(run.status).toBe(202);
    const line = await eventually(() => logged(host.events, "hourly")[0]);
    const { timer } = z
      .object({ timer: z.object({ isPastDue: z.boolean(), scheduleStatus: z.unknown() }) })
      .parse(line);
    expect(timer.isPastDue).toBe(false);
    expect(timer.scheduleStatus).toMatchObject({
      next: expect.stringMatching(/:00:00\.000\+00:00$/),
    });
    await host.close();
  });
});
