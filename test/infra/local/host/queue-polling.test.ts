// How often a queue is looked at, and where its poison goes.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { QueueClient } from "@azure/storage-queue";
import { expect, it, vi } from "vitest";
import { startAzurite } from "../../../../infra/local/azurite.ts";
import { createPollingDelay } from "../../../../infra/local/host/polling-delay.ts";
import {
  poisonQueueName,
  startQueueListener,
} from "../../../../infra/local/host/queue-listener.ts";
import { eventually } from "./eventually.ts";

it("waits longer and longer while a queue is empty, up to the maximum, and starts anew after a message", () => {
  const delay = createPollingDelay(2000, () => 0.5);
  const empty = Array.from({ length: 6 }, () => Math.round(delay.next(false)));
  expect(empty).toEqual([200, 300, 500, 900, 1700, 2000]);
  expect(delay.next(true)).toBe(100);
  expect(Math.round(delay.next(false))).toBe(200);
});

it.each([
  ["items", "items-poison"],
  ["items-poison", undefined],
  ["a".repeat(56), `${"a".repeat(56)}-poison`],
  ["a".repeat(57), undefined],
])("the poison queue of %s is %s", (name, poison) => {
  expect(poisonQueueName(name)).toBe(poison);
});

it("looks at once when an output binding of the same host has written, however long it was empty", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  const directory = await mkdtemp(join(tmpdir(), "host-polling-"));
  const azurite = await startAzurite({ directory, inMemory: true });
  const queue = new QueueClient(azurite.connectionString, "notified");
  await queue.create();
  const bodies: string[] = [];
  const listener = startQueueListener({
    functionName: "f",
    queue,
    poisonQueue: undefined,
    settings: {
      batchSize: 1,
      newBatchThreshold: 0,
      maxDequeueCount: 5,
      visibilityTimeout: 0,
      maxPollingInterval: 60_000,
      messageEncoding: "none",
    },
    leaseMs: 30_000,
    execute: async (_, body) => void bodies.push(body),
    report: () => undefined,
  });
  // Waits of 200, 300, 500 and 900 ms are over, the one of 1700 ms has begun.
  await new Promise((resolve) => setTimeout(resolve, 2100));
  await queue.sendMessage("now");
  listener.notify();
  await eventually(() => bodies.length === 1, 600);
  await listener.stop();
  await azurite.close();
  await rm(directory, { recursive: true, force: true });
  vi.restoreAllMocks();
});
