// Cycles against Azurite: guarded saves, the rows by which a cycle is found, pages, orders to stop, removal.
import { describe, expect, it } from "vitest";
import { type Cycle, type CycleUser, newCycle } from "../../src/rules/cycle.ts";
import { ConcurrencyError, RejectedError } from "../../src/rules/errors.ts";
import { openContainerClient } from "../../src/storage/blobs.ts";
import { createCycleStore } from "../../src/storage/cycles.ts";
import { openTable } from "../../src/storage/tables.ts";
import { azuriteAccount } from "./azurite-account.ts";

const account = await azuriteAccount();
const cycles = createCycleStore(account);
const uuid = () => crypto.randomUUID();
const at = "2026-11-24T08:00:00.000Z";
const reason = { code: "changes", message: "what changed since" };
const order = { direction: "drupalToEntra", kind: "initial", isDryRun: false } as const;
const cycleAt = (time: string, id: string = uuid()): Cycle =>
  newCycle({ ...order, id, canary: null, actor: null }, new Date(time));
const ended = (cycle: Cycle): Cycle => ({ ...cycle, status: "complete", endedAt: at });

const everything: Cycle = {
  ...cycleAt(at),
  ...{ kind: "undo", isDryRun: true, canary: 10, actor: "grace", ignoresAbsence: true },
  ...{ status: "waiting", phase: "provisioning", startedAt: at, workedAt: at, endedAt: at },
  runner: { owner: "me", until: at },
  reading: {
    ...{ position: "p", isDone: true, pages: 1, users: 2, unchanged: 1, failures: 3 },
    ...{ fault: reason, watermark: "w", feed: "entraToDrupal", memberships: null, gap: null },
  },
  buffer: [{ drupalUuid: uuid(), entraObjectId: uuid(), attempt: 1, expects: "print" }, {}],
  nominated: { pages: 1, users: 2 },
  page: 1,
  collecting: { page: 0, end: 1 },
  tally: {
    outcomes: { written: 1, held: 2 },
    operations: { create: 1 },
    harm: { disables: 1, deletes: 2, roleRemovals: 3 },
  },
  plan: "print",
  approval: { plan: "print", actor: "grace", at },
  waitsFor: { kind: "time", until: at },
  reason,
  ...{ phaseStartedAt: at, phaseUsers: 7, undoes: uuid() },
};

describe("the cycle store", () => {
  it("gives back what was saved, and lets only the reader of the latest version save", async () => {
    const version = await cycles.save(everything, null);
    expect(await cycles.get(everything.id)).toEqual({ cycle: everything, version });
    const next = await cycles.save({ ...everything, page: 2 }, version);
    await expect(cycles.save(everything, version)).rejects.toBeInstanceOf(ConcurrencyError);
    expect(await cycles.get(everything.id)).toMatchObject({ cycle: { page: 2 }, version: next });
    expect(await cycles.get(uuid())).toBeNull();
  });

  it("lets one of two first savers win", async () => {
    const cycle = cycleAt(at);
    const saves = await Promise.allSettled([cycles.save(cycle, null), cycles.save(cycle, null)]);
    expect(saves.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const rejected = saves.find(({ status }) => status === "rejected");
    expect(rejected).toMatchObject({ reason: expect.any(ConcurrencyError) });
  });

  it("keeps a cycle whose buffer is larger than a column", async () => {
    const buffer = Array.from({ length: 1000 }, () => ({ drupalUuid: uuid(), expects: "𝒜é" }));
    const cycle = { ...cycleAt(at), buffer };
    await cycles.save(cycle, null);
    expect((await cycles.get(cycle.id))?.cycle).toEqual(cycle);
  });

  it("reads a row of an earlier release, which lacks what came later", async () => {
    const cycle = cycleAt(at);
    const { undoes: _u, collecting: _c, ignoresAbsence: _i, tally: _t, ...earlier } = cycle;
    await openTable(account, "cycles").run((table) =>
      table.createEntity({
        partitionKey: "cycles",
        rowKey: `cycle-${cycle.id}`,
        cycle: JSON.stringify(earlier),
      }),
    );
    expect((await cycles.get(cycle.id))?.cycle).toEqual(cycle);
  });

  it("names the open cycles, for as long as they are open", async () => {
    const before = await cycles.open();
    const [first, second] = [cycleAt(at), cycleAt(at)];
    const added = async () => (await cycles.open()).filter((id) => !before.includes(id));
    const version = await cycles.save(first, null);
    await cycles.save(second, null);
    await cycles.save(ended(cycleAt(at)), null);
    expect((await added()).toSorted()).toEqual([first.id, second.id].toSorted());
    const running = await cycles.save({ ...first, status: "running" }, version);
    const done = await cycles.save(ended(first), running);
    expect(await added()).toEqual([second.id]);
    const again = await cycles.save(ended(first), done);
    await cycles.save(first, again);
    expect((await added()).toSorted()).toEqual([first.id, second.id].toSorted());
  });

  it("changes nothing about who is open when a save comes too late", async () => {
    const cycle = cycleAt(at);
    const version = await cycles.save(cycle, null);
    await cycles.save({ ...cycle, status: "running" }, version);
    await expect(cycles.save(ended(cycle), version)).rejects.toBeInstanceOf(ConcurrencyError);
    expect(await cycles.open()).toContain(cycle.id);
  });

  it("keeps pages of nominations and of what is done, each replaced as a whole", async () => {
    const id = uuid();
    const user: CycleUser = {
      ...{ drupalUuid: uuid(), entraObjectId: null, displayName: "Ada", outcome: "held", reason },
      steps: [
        {
          ...{ operation: "disable", system: "entra", resource: "user", status: "planned", reason },
          changes: [{ attribute: "accountEnabled", before: true, after: false, why: "blocked" }],
        },
      ],
      plan: "print",
    };
    expect([await cycles.nominations(id, 12), await cycles.users(id, 12)]).toEqual([null, null]);
    const nominations = { users: [{ drupalUuid: uuid() }, { entraObjectId: uuid() }] };
    const first = await cycles.putNominations(id, 12, { ...nominations, notBefore: null }, null);
    const refused = await cycles.putNominations(id, 12, { ...nominations, notBefore: at }, null);
    expect([first.isWritten, refused.isWritten, refused.version]).toEqual([
      true,
      false,
      first.version,
    ]);
    const { version } = first;
    await cycles.putNominations(id, 12, { ...nominations, notBefore: at }, version);
    await cycles.putUsers(id, 12, [null, user], null);
    expect(await cycles.nominations(id, 12)).toEqual({ ...nominations, notBefore: at });
    expect(await cycles.users(id, 12)).toEqual([null, user]);
  });

  it("remembers who asked to stop a cycle", async () => {
    const id = uuid();
    expect(await cycles.cancelAskedBy(id)).toBeNull();
    await cycles.askCancel(id, "grace");
    expect(await cycles.cancelAskedBy(id)).toBe("grace");
  });

  it("removes a cycle with everything that belongs to it, also one that is half gone", async () => {
    const [gone, stays] = [cycleAt("2026-01-01T00:00:00.000Z"), cycleAt("2026-01-02T00:00:00Z")];
    for (const cycle of [gone, stays]) {
      await cycles.save(ended(cycle), await cycles.save(cycle, null));
      await cycles.askCancel(cycle.id, "grace");
      for (const page of [0, 1]) await cycles.putUsers(cycle.id, page, [], null);
    }
    await openContainerClient(account, "cycles").deleteBlob(`${gone.id}/users/000000.json`);
    await cycles.remove(gone.id);
    await cycles.remove(gone.id);
    expect(await cycles.get(gone.id)).toBeNull();
    expect(await cycles.cancelAskedBy(gone.id)).toBeNull();
    expect(await cycles.users(gone.id, 1)).toBeNull();
    const old = await cycles.createdBefore(new Date("2026-01-03T00:00:00Z"), 10, null);
    expect(old).toEqual({ cycles: [ended(stays)], continuation: null });
    expect(await cycles.users(stays.id, 1)).toEqual([]);
  });

  it("tells old cycles page by page, also where the page before is removed meanwhile", async () => {
    const days = ["01", "02", "03", "04", "05"].map((day) => `2025-01-${day}T00:00:00.000Z`);
    const old = days.map((at) => cycleAt(at));
    for (const cycle of old) await cycles.save(ended(cycle), null);
    const before = new Date("2025-01-05T00:00:00.000Z");
    const first = await cycles.createdBefore(before, 2, null);
    expect(first.cycles.map(({ id }) => id)).toEqual([old[3]?.id, old[2]?.id]);
    for (const { id } of first.cycles) await cycles.remove(id);
    const second = await cycles.createdBefore(before, 2, first.continuation);
    expect(second).toEqual({
      cycles: [old[1], old[0]].flatMap((cycle) => (cycle ? [ended(cycle)] : [])),
      continuation: null,
    });
  });
});

describe("the cycle reader", () => {
  it("pages over all cycles, the newest first, each once", async () => {
    const times = ["2027-01-01", "2027-01-03", "2027-01-02", "2027-01-05", "2027-01-04"];
    const mine = times.map((day) => cycleAt(`${day}T08:00:00.000Z`));
    for (const cycle of mine) await cycles.save(cycle, null);
    const newestFirst = mine.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    const first = await cycles.page(2);
    expect(first.cycles).toEqual(newestFirst.slice(0, 2));
    const second = await cycles.page(2, first.continuation);
    expect(second.cycles).toEqual(newestFirst.slice(2, 4));
    const all = await cycles.page(1000);
    expect(all.continuation).toBeNull();
    expect(all.cycles.slice(0, 5)).toEqual(newestFirst);
    expect(new Set(all.cycles.map(({ id }) => id)).size).toBe(all.cycles.length);
  });

  it.each([
    ["what is not ours", "abc"],
    [
      "a filter of its own",
      Buffer.from(JSON.stringify(["cycles", "cycles", "order-' or 'a' eq 'a"])).toString(
        "base64url",
      ),
    ],
  ])("refuses %s for a continuation", async (_what, continuation) => {
    await expect(cycles.page(1, continuation)).rejects.toBeInstanceOf(RejectedError);
  });
});
