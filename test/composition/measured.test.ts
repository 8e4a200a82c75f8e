// What is counted around the app: outcomes, writes, and wishes to be left alone.
import { describe, expect, it } from "vitest";
import { createThrottleCount, measured, writesCounted } from "../../src/composition/measured.ts";
import type { AuditEntry } from "../../src/rules/audit-entry.ts";
import type { QuotaAnswer } from "../../src/rules/budget.ts";
import type { LogEvent } from "../../src/rules/log-line.ts";
import type { Counted } from "../../src/rules/metrics.ts";
import { because } from "../../src/rules/plan.ts";
import type { ProvisionRequest } from "../../src/rules/provision-request.ts";

const REQUEST: ProvisionRequest = {
  drupalUuid: "8f14e45f-ceea-467f-a34b-2c1d3e4f5a6b",
  cause: "webhook",
  attempt: 0,
  receivedAt: "2026-11-24T08:00:00.000Z",
};
const ENTRY: AuditEntry = {
  id: "1",
  at: "2026-11-24T08:00:00.000Z",
  operation: "update",
  resourceType: "user",
  status: "success",
  system: "entra",
  cause: "webhook",
  changes: [],
  durationMs: 1,
};

function aClock(...times: string[]) {
  return () => new Date(`2026-11-24T${times.shift()}Z`);
}

describe("a measured request", () => {
  it("is answered as before, and counted by when it was picked up and when it ended", async () => {
    const noted: Counted[] = [];
    const outcome = {
      kind: "done",
      status: "success",
      operations: ["update"],
      reason: because("changes", ""),
      explanation: null,
    } as const;
    const provision = measured(
      async () => outcome,
      (event) => noted.push(event),
      aClock("08:00:00.300", "08:00:00.800"),
    );
    expect(await provision(REQUEST)).toBe(outcome);
    expect(noted).toEqual([
      { kind: "ended", status: "success" },
      { kind: "pickedUp", ageMs: 300 },
      { kind: "latency", ms: 800 },
    ]);
  });

  it("that throws comes again, and is not counted", async () => {
    const noted: Counted[] = [];
    const provision = measured(
      async () => Promise.reject(new Error("unexpected")),
      (event) => noted.push(event),
      () => new Date(),
    );
    await expect(provision(REQUEST)).rejects.toThrow("unexpected");
    expect(noted).toEqual([]);
  });
});

it("a write is counted when the audit log has it, and not before", async () => {
  const noted: Counted[] = [];
  let isAway = true;
  const log = writesCounted(
    {
      append: async (_entry: AuditEntry) => {
        if (isAway) throw new Error("storage is away");
      },
      page: 1,
    },
    (event) => noted.push(event),
  );
  await expect(log.append(ENTRY)).rejects.toThrow("storage is away");
  expect(noted).toEqual([]);
  isAway = false;
  await log.append(ENTRY);
  await log.append({ ...ENTRY, operation: "none" });
  expect(noted).toEqual([{ kind: "written", system: "entra" }]);
  expect(log.page).toBe(1);
});

it("a write that is told again after a crash counts again, though the audit log has it once", async () => {
  const noted: Counted[] = [];
  const rows = new Map<string, AuditEntry>();
  const log = writesCounted(
    { append: async (entry: AuditEntry) => void rows.set(entry.id, entry) },
    (event) => noted.push(event),
  );
  await log.append(ENTRY);
  await log.append(ENTRY);
  expect([rows.size, noted.length]).toEqual([1, 2]);
});

describe("a system that asks to be left alone", () => {
  function aCount() {
    const noted: Counted[] = [];
    const told: LogEvent[] = [];
    let time = Date.parse("2026-11-24T08:00:00Z");
    const count = createThrottleCount(
      (event) => noted.push(event),
      (event) => told.push(event),
      () => new Date(time),
    );
    const pass = (ms: number) => {
      time += ms;
    };
    return { noted, told, count, pass, now: () => time };
  }
  const answer = { isWrite: true, percentage: null };

  it("is counted each time, told once for a pause, and heard as before", () => {
    const { noted, told, count, pass } = aCount();
    const heard: number[] = [];
    const meter = count.ofAnswers({ answered: ({ status }: QuotaAnswer) => heard.push(status) });
    for (const status of [204, 429, 429])
      meter.answered({ ...answer, status, retryAfterMs: status === 429 ? 4000 : null });
    expect(heard).toEqual([204, 429, 429]);
    expect(noted).toEqual([
      { kind: "throttled", system: "entra" },
      { kind: "throttled", system: "entra" },
    ]);
    expect(told).toEqual([{ event: "target.throttled", system: "entra", waitMs: 4000 }]);
    pass(4000);
    meter.answered({ ...answer, status: 503, retryAfterMs: 1000 });
    meter.answered({ ...answer, status: 503, retryAfterMs: null });
    expect(told).toHaveLength(2);
    expect(noted).toHaveLength(3);
  });

  it("is heard of Drupal by its pauses", () => {
    const { noted, told, count, now } = aCount();
    const paused: Date[] = [];
    const pauses = count.ofPauses({ pause: (until: Date) => paused.push(until), waitMs: 7 });
    pauses.pause(new Date(now() + 2500));
    expect(paused).toHaveLength(1);
    expect(pauses.waitMs).toBe(7);
    expect(noted).toEqual([{ kind: "throttled", system: "drupal" }]);
    expect(told).toEqual([{ event: "target.throttled", system: "drupal", waitMs: 2500 }]);
  });
});
