// Plans that wait for someone's word: not for ever, and of each direction there is one, which holds everyone who waits.
import { describe, expect, it } from "vitest";
import { approveCycle, cancelCycle } from "../../src/sync/steer-cycle.ts";
import { watchCycles } from "../../src/sync/watch-cycles.ts";
import type { CycleWorld } from "../doubles/cycle-world.ts";
import { addDrupalUsers, block, disabled, settledWorld } from "../doubles/settled-people.ts";
import { aConfiguration, Killed } from "../doubles/world.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const SCHEDULE = { direction: "drupalToEntra", kind: "incremental", actor: null } as const;

function strictWorld(count: number) {
  const thresholds = { disables: { users: 2, percent: 1 } };
  return settledWorld(count, aConfiguration({ thresholds }));
}

/** A site whose schedule has found too many blocked people, of whom nobody has decided. */
async function withPlan(people = 50, blocked = 6) {
  const { cycles, world, uuids } = await strictWorld(people);
  block(cycles, uuids.slice(0, blocked));
  // Past what a feed of changes reads again.
  world.now += 2 * MINUTE_MS;
  const plan = await cycles.run(SCHEDULE);
  return { cycles, world, uuids, plan };
}

const told = ({ world }: CycleWorld, id: string) =>
  world.audit.filter((row) => row.cycleId === id && row.resourceType === "cycle");
const waiting = ({ cycles }: CycleWorld) =>
  [...cycles.values()].flatMap(({ cycle }) => (cycle.status === "waiting" ? [cycle.id] : []));

describe("a plan that nobody approves", () => {
  it("ends after a week as not approved: nothing of it is written, and the audit log tells", async () => {
    const { cycles, world, plan } = await withPlan();
    expect(plan).toMatchObject({ status: "waiting", tally: { outcomes: { held: 6 } } });
    world.now += 7 * DAY_MS - MINUTE_MS;
    expect(await cycles.watch()).toEqual({ resumed: 0, expired: 0 });
    world.now += 3 * MINUTE_MS;
    expect(await cycles.watch()).toEqual({ resumed: 0, expired: 1 });
    expect(cycles.cycle(plan.id)).toMatchObject({
      status: "cancelled",
      reason: { code: "approvalExpired" },
      waitsFor: null,
      endedAt: new Date(world.now).toISOString(),
    });
    expect(told(cycles, plan.id)).toMatchObject([
      { status: "skipped", reason: { code: "approvalExpired" } },
    ]);
    await cycles.settle();
    expect(disabled(cycles)).toBe(0);
    expect(await cycles.watch()).toEqual({ resumed: 0, expired: 0 });
  });

  it("takes no approval from that moment on, before the watch has come by as after it", async () => {
    const { cycles, world, plan } = await withPlan();
    world.now += 7 * DAY_MS;
    const order = { cycleId: plan.id, plan: plan.plan, actor: "ada" };
    expect(await approveCycle(order, cycles.ports())).toMatchObject({
      kind: "expired",
      reason: { code: "approvalExpired" },
    });
    world.now += 2 * MINUTE_MS;
    await cycles.watch();
    expect(await approveCycle(order, cycles.ports())).toMatchObject({ kind: "notWaiting" });
    await cycles.settle();
    expect(disabled(cycles)).toBe(0);
  });

  it("is left to whoever cancels it at the moment when the watch comes by", async () => {
    const { cycles, world, plan } = await withPlan();
    world.now += 8 * DAY_MS;
    const ports = cycles.ports();
    const cancel = () => cancelCycle({ cycleId: plan.id, actor: "ada" }, ports);
    const audit = { ...ports.audit, append: async () => void (await cancel()) };
    expect(await watchCycles({ ...ports, audit })).toMatchObject({ expired: 0 });
    await cycles.settle();
    expect(cycles.cycle(plan.id)).toMatchObject({
      status: "cancelled",
      reason: { code: "cancelled" },
    });
  });

  it("is made anew by the next cycle of everyone", async () => {
    const { cycles, world } = await withPlan();
    world.now += 8 * DAY_MS;
    await cycles.watch();
    const next = await cycles.run({ ...SCHEDULE, kind: "initial" });
    expect(next).toMatchObject({ status: "waiting", tally: { outcomes: { held: 6 } } });
  });
});

it("a canary that nobody looked at ends after a day, and its feed is free", async () => {
  const { cycles, world } = await strictWorld(5);
  addDrupalUsers(cycles, 4, 900);
  const first = await cycles.run({ direction: "drupalToEntra", kind: "initial", canary: 1 });
  expect(first).toMatchObject({ status: "waiting", waitsFor: { kind: "canary" } });
  expect(await cycles.start(SCHEDULE)).toMatchObject({ kind: "active" });
  world.now += DAY_MS + 2 * MINUTE_MS;
  expect(await cycles.watch()).toEqual({ resumed: 0, expired: 1 });
  expect(cycles.cycle(first.id)).toMatchObject({
    status: "cancelled",
    reason: { code: "approvalExpired" },
  });
  const next = await cycles.run({ direction: "drupalToEntra", actor: null });
  expect(next).toMatchObject({ status: "complete", tally: { outcomes: { written: 3 } } });
});

describe("while a plan waits", () => {
  it("what is harmless is written all the same, and the plan stays", async () => {
    const { cycles, world, uuids, plan } = await withPlan();
    world.now += 5 * MINUTE_MS;
    const changedAt = new Date(world.now).toISOString();
    world.editDrupal(uuids[20] ?? "", { changedAt, attributes: { field_department: "Navy" } });
    const next = await cycles.run(SCHEDULE);
    expect(next).toMatchObject({ status: "complete", tally: { outcomes: { written: 1 } } });
    expect(waiting(cycles)).toEqual([plan.id]);
  });

  it("the next one of the schedule that would wait takes its place, and holds whom it held", async () => {
    const { cycles, world, uuids, plan } = await withPlan();
    world.now += 5 * MINUTE_MS;
    block(cycles, uuids.slice(10, 15));
    const next = await cycles.run(SCHEDULE);
    expect(next).toMatchObject({
      kind: "incremental",
      status: "waiting",
      tally: { outcomes: { held: 11 }, harm: { disables: 11 } },
    });
    expect(waiting(cycles)).toEqual([next.id]);
    expect(cycles.cycle(plan.id)).toMatchObject({ reason: { code: "superseded" } });
    await approveCycle({ cycleId: next.id, plan: next.plan, actor: "ada" }, cycles.ports());
    await cycles.settle();
    expect(cycles.cycle(next.id)).toMatchObject({
      status: "complete",
      tally: { outcomes: { held: 11, written: 11 } },
    });
    expect(disabled(cycles)).toBe(11);
  });

  it("who stands in both is held once, and who is well again no more", async () => {
    const { cycles, world, uuids } = await withPlan();
    world.now += 5 * MINUTE_MS;
    const changedAt = new Date(world.now).toISOString();
    world.editDrupal(uuids[0] ?? "", { changedAt, attributes: { field_department: "Navy" } });
    world.editDrupal(uuids[1] ?? "", { enabled: true });
    block(cycles, uuids.slice(10, 13));
    const next = await cycles.run(SCHEDULE);
    expect(next).toMatchObject({ status: "waiting", tally: { harm: { disables: 8 } } });
    expect(cycles.users(next.id).filter(({ outcome }) => outcome === "held")).toHaveLength(8);
  });

  it("a host that dies at any call of the one that takes its place loses nobody", {
    timeout: 300_000,
  }, async () => {
    for (const phase of ["before", "after"] as const)
      for (let at = 1; ; at += 1) {
        const { cycles, world, uuids } = await withPlan(12, 3);
        world.now += 5 * MINUTE_MS;
        block(cycles, uuids.slice(6, 9));
        const started = await cycles.start(SCHEDULE);
        if (started.kind !== "started") throw new Error("not started");
        const { id } = started.cycle;
        let calls = 0;
        let killedAt: string | null = null;
        cycles.gate = (call, when) => {
          if (when !== phase || killedAt !== null) return;
          calls += 1;
          if (calls < at) return;
          killedAt = call;
          throw new Killed(call);
        };
        for (let turn = 0; turn < 10 && cycles.cycle(id).status !== "waiting"; turn += 1) {
          await cycles.settle().catch((error: unknown) => {
            if (!(error instanceof Killed)) throw error;
          });
          cycles.gate = () => undefined;
          world.now += 2 * MINUTE_MS;
          await cycles.watch();
        }
        if (killedAt === null) break;
        const { tally, status } = cycles.cycle(id);
        expect({ killedAt, phase, status, held: tally.outcomes.held }).toEqual({
          killedAt,
          phase,
          status: "waiting",
          held: 6,
        });
        expect(waiting(cycles)).toEqual([id]);
        expect(disabled(cycles)).toBe(0);
      }
  });
});
