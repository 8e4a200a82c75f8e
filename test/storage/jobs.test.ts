// The jobs and the queue of cycles against Azurite.
import { describe, expect, it } from "vitest";
import { cycleMessageSchema } from "../../src/rules/cycle-request.ts";
import { ConcurrencyError } from "../../src/rules/errors.ts";
import { type Job, newJob } from "../../src/rules/job.ts";
import { CYCLE_QUEUE, createCycleQueue } from "../../src/storage/cycle-queue.ts";
import { createJobStore } from "../../src/storage/jobs.ts";
import { openQueue } from "../../src/storage/queues.ts";
import { azuriteAccount } from "./azurite-account.ts";

const account = await azuriteAccount();
const jobs = createJobStore(account);
const at = "2026-11-24T08:00:00.000Z";

describe("the job store", () => {
  it("knows nothing of a feed at first, and lets one of two first savers win", async () => {
    const job = newJob("drupalToEntra");
    expect(await jobs.get("drupalToEntra")).toEqual({ job, version: null });
    const saves = await Promise.allSettled([jobs.save(job, null), jobs.save(job, null)]);
    expect(saves.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const rejected = saves.find(({ status }) => status === "rejected");
    expect(rejected).toMatchObject({ reason: expect.any(ConcurrencyError) });
  });

  it("keeps a job for each feed, and lets only the reader of the latest version save", async () => {
    const job: Job = {
      name: "entraToDrupal",
      cycleId: crypto.randomUUID(),
      startedAt: at,
      report: null,
      lately: [{ at, disables: 1, deletes: 0, roleRemovals: 2 }],
      watermark: { position: "delta".repeat(10_000), configuration: "print", memberships: "c1" },
      listing: { cycleId: crypto.randomUUID(), users: 3, at },
      quarantine: { since: at, nextAt: at, reason: { code: "x", message: "y" } },
    };
    const version = await jobs.save(job, null);
    expect(await jobs.get("entraToDrupal")).toEqual({ job, version });
    const next = await jobs.save({ ...job, quarantine: null }, version);
    await expect(jobs.save(job, version)).rejects.toBeInstanceOf(ConcurrencyError);
    expect(await jobs.get("entraToDrupal")).toEqual({
      job: { ...job, quarantine: null },
      version: next,
    });
  });
});

describe("the queue of cycles", () => {
  it("sends what the host expects, without an end, and hides what is delayed", async () => {
    const cycleId = crypto.randomUUID();
    const queue = createCycleQueue(account);
    await queue.send(cycleId);
    await queue.send(crypto.randomUUID(), 60_000);
    const received = await openQueue(account, CYCLE_QUEUE).receiveMessages({
      numberOfMessages: 32,
    });
    const [message, ...others] = received.receivedMessageItems;
    const body: unknown = JSON.parse(Buffer.from(message?.messageText ?? "", "base64").toString());
    expect(cycleMessageSchema.parse(body)).toEqual({ request: { cycleId } });
    expect(message?.expiresOn.getUTCFullYear()).toBe(9999);
    expect(others).toEqual([]);
  });
});
