// The end of a host: what ends in time is waited for, what does not is given up, loudly.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { QueueClient } from "@azure/storage-queue";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Azurite, startAzurite } from "../../../../infra/local/azurite.ts";
import type { HostEvent } from "../../../../infra/local/host/host-events.ts";
import { type SpawnedHost, spawnHost } from "../../../../infra/local/host/spawn-host.ts";
import { eventually } from "./eventually.ts";

const appDirectory = new URL("./fixtures/endless", import.meta.url).pathname;

let directory: string;
let azurite: Azurite;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "shutdown-"));
  azurite = await startAzurite({ directory, inMemory: true });
});
afterAll(async () => {
  await azurite.close();
  await rm(directory, { recursive: true, force: true });
});

const lines: string[] = [];
const start = (shutdownMs: number): Promise<SpawnedHost> =>
  spawnHost({
    appDirectory,
    shutdownMs,
    settings: { AzureWebJobsStorage: azurite.connectionString },
    output: (line) => void lines.push(line),
  });

const hasStarted = ({ events }: SpawnedHost, name: string) =>
  eventually(() => events.some((event) => event.kind === "start" && event.function === name));
const isGivenUp = (event: HostEvent): event is Extract<HostEvent, { kind: "log" }> =>
  event.kind === "log" && event.message.startsWith("GIVEN UP");

it("gives up what never ends, says so loudly, and runs the hooks of the end all the same", async () => {
  const host = await start(1000);
  const queue = new QueueClient(azurite.connectionString, "stuck-items");
  await queue.createIfNotExists();
  await queue.sendMessage(Buffer.from("one").toString("base64"));
  const asked = fetch(`${host.url}/api/hangs`).then(
    () => "answered",
    () => "broken off",
  );
  await Promise.all([hasStarted(host, "hangs"), hasStarted(host, "stuck")]);
  lines.length = 0;
  const from = performance.now();
  expect(await host.close()).toBe(0);
  expect(performance.now() - from).toBeGreaterThanOrEqual(1000);
  expect(performance.now() - from).toBeLessThan(15_000);
  const [line, ...others] = host.events.filter(isGivenUp);
  expect(others).toEqual([]);
  expect(line).toMatchObject({ level: "error", category: "host" });
  expect(line?.message).toContain("hangs");
  expect(line?.message).toContain("stuck");
  expect(host.events.at(-1)).toMatchObject({ kind: "stopped" });
  expect(lines).toContain("appTerminate");
  expect(await asked).toBe("broken off");
});

it("waits for what ends in time, and says nothing", async () => {
  const host = await start(20_000);
  await new QueueClient(azurite.connectionString, "stuck-items").clearMessages();
  const asked = fetch(`${host.url}/api/late`).then((response) => response.text());
  await hasStarted(host, "late");
  expect(await host.close()).toBe(0);
  expect(await asked).toBe("done");
  expect(host.events.filter(isGivenUp)).toEqual([]);
});
