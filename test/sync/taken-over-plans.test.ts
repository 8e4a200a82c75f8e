// One plan of each direction waits, and holds everyone who waits: whatever happens while a newer one takes its place.
import { expect, it } from "vitest";
import { approveCycle } from "../../src/sync/steer-cycle.ts";
import type { CycleWorld } from "../doubles/cycle-world.ts";
import { block, disabled, settledWorld } from "../doubles/settled-people.ts";
import { aConfiguration } from "../doubles/world.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const SCHEDULE = { direction: "drupalToEntra", kind: "incremental", actor: null } as const;

/** A site whose schedule has found too many blocked people, of whom nobody has decided; and five more were blocked since. */
async function withPlanAndMore() {
  const thresholds = { disables: { users: 2, percent: 1 } };
  const { cycles, world, uuids } = await settledWorld(50, aConfiguration({ thresholds }));
  block(cycles, uuids.slice(0, 6));
  world.now += 2 * MINUTE_MS;
  const plan = await cycles.run(SCHEDULE);
  expect(plan.status).toBe("waiting");
  world.now += 5 * MINUTE_MS;
  const more = uuids.slice(10, 15);
  block(cycles, more);
  world.now += 2 * MINUTE_MS;
  return { cycles, world, uuids, plan, more };
}

const heldNow = (cycles: CycleWorld) =>
  [...cycles.cycles.values()]
    .filter(({ cycle }) => cycle.status === "waiting")
    .flatMap(({ cycle }) => cycles.users(cycle.id))
    .flatMap(({ outcome, drupalUuid }) => (outcome === "held" ? [drupalUuid] : []));

it("a system that closes while a plan is taken over makes the cycle forget nobody of its own", async () => {
  const { cycles, world, more } = await withPlanAndMore();
  let isShut = false;
  cycles.gate = (call, when) => {
    if (call !== "cycles.open" || when !== "before" || isShut) return;
    isShut = true;
    world.closed.set("entra", world.now + 40 * MINUTE_MS);
  };
  await cycles.run(SCHEDULE);
  expect(isShut).toBe(true);
  world.now += 60 * MINUTE_MS;
  world.closed.clear();
  await cycles.run(SCHEDULE);
  expect(heldNow(cycles)).toEqual(expect.arrayContaining([...more]));
});

it("nor does an operator who cancels it at that moment", async () => {
  const { cycles, world, more } = await withPlanAndMore();
  let isAsked = false;
  cycles.onSave = (cycle) => {
    const { nominated, phase, status, id } = cycle;
    if (isAsked || nominated.users <= 5 || phase !== "provisioning" || status !== "running") return;
    isAsked = true;
    cycles.cancels.set(id, "ada");
  };
  expect(await cycles.run(SCHEDULE)).toMatchObject({ status: "cancelled" });
  world.now += 10 * MINUTE_MS;
  await cycles.run(SCHEDULE);
  expect(heldNow(cycles)).toEqual(expect.arrayContaining([...more]));
});

it("a cycle of everyone holds those, too, whom no listing shows any more", async () => {
  const few = { users: 2, percent: 1 };
  const configuration = aConfiguration({
    thresholds: { disables: few, deletes: few },
    directions: { drupalToEntra: true, entraToDrupal: true },
  });
  const { cycles, world, uuids } = await settledWorld(50, configuration);
  const feed = { direction: "entraToDrupal", actor: null } as const;
  for (let listing = 0; listing < 2; listing += 1) {
    await cycles.run({ ...feed, kind: "initial" });
    world.now += 60 * MINUTE_MS;
  }
  const ids = uuids.map((uuid) => world.links.get(uuid)?.link.entraObjectId ?? "");
  for (const id of ids.slice(0, 6)) cycles.deleteInEntra(id);
  world.now += 2 * MINUTE_MS;
  expect(await cycles.run({ ...feed, kind: "incremental" })).toMatchObject({ status: "waiting" });
  world.now += 120 * MINUTE_MS;
  for (const id of ids.slice(10, 16)) cycles.editEntra(id, { enabled: false });
  expect(await cycles.run({ ...feed, kind: "initial" })).toMatchObject({ status: "waiting" });
  expect(heldNow(cycles)).toEqual(expect.arrayContaining(uuids.slice(0, 6)));
});

it("nothing is taken without a word from whom an earlier plan holds, though the hour of the threshold is over", async () => {
  const thresholds = { disables: { users: 2, percent: 10 } };
  const { cycles, world, uuids } = await settledWorld(50, aConfiguration({ thresholds }));
  block(cycles, uuids.slice(0, 2));
  world.now += 2 * MINUTE_MS;
  expect((await cycles.run(SCHEDULE)).status).toBe("complete");
  const begun = world.now;
  world.now += 20 * MINUTE_MS;
  block(cycles, uuids.slice(10, 11));
  world.now += 2 * MINUTE_MS;
  expect(await cycles.run(SCHEDULE)).toMatchObject({ waitsFor: { kind: "approval" } });
  world.now = begun + 57 * MINUTE_MS;
  block(cycles, uuids.slice(20, 21));
  world.now = begun + 59.9 * MINUTE_MS;
  cycles.onSave = ({ kind, nominated, page, status }) => {
    const isTakenOver = kind === "incremental" && nominated.users > 1 && page < nominated.pages;
    if (isTakenOver && status === "running")
      world.now = Math.max(world.now, begun + 61 * MINUTE_MS);
  };
  expect(await cycles.run(SCHEDULE)).toMatchObject({
    status: "waiting",
    reason: { message: expect.stringContaining("wait for an operator in an earlier plan") },
  });
  expect(disabled(cycles)).toBe(2);
});

it("a plan that is superseded says so in the audit log, once", async () => {
  const { cycles, world, plan } = await withPlanAndMore();
  await cycles.run(SCHEDULE);
  const told = world.audit.filter((row) => row.cycleId === plan.id);
  expect(told.filter(({ reason }) => reason?.code === "superseded")).toHaveLength(1);
});

it("one that is approved at the moment when it is superseded goes its own way, and the newer one waits", async () => {
  const { cycles, world, plan } = await withPlanAndMore();
  let isApproved = false;
  let last = "";
  cycles.gate = (call, when) => {
    const before = last;
    last = call;
    // The plan has just been read, to be ended.
    const isEnded = call === "cycles.save" && when === "before" && before === "cycles.get";
    const stored = cycles.cycles.get(plan.id);
    const isTakenOver = [...cycles.cycles.values()].some(
      ({ cycle }) => cycle.plan !== plan.plan && cycle.tally.outcomes.held === 11,
    );
    if (isApproved || !isEnded || !isTakenOver || stored === undefined) return;
    isApproved = true;
    const approval = { plan: plan.plan, actor: "ada", at: new Date(world.now).toISOString() };
    const collecting = { page: 0, end: stored.cycle.nominated.pages };
    const approved = {
      status: "queued",
      waitsFor: null,
      phase: "collecting",
      collecting,
      approval,
    } as const;
    cycles.cycles.set(plan.id, { cycle: { ...stored.cycle, ...approved }, version: "another" });
    cycles.cycleQueue.push({ cycleId: plan.id, visibleAt: world.now });
  };
  expect(await cycles.run(SCHEDULE)).toMatchObject({ status: "waiting" });
  expect(isApproved).toBe(true);
  expect(cycles.cycle(plan.id)).toMatchObject({ status: "complete" });
  expect(disabled(cycles)).toBe(6);
});

it("the rest of an approved plan that nobody looks at ends as such, and the next cycle of everyone plans it anew", async () => {
  const { cycles, world, plan } = await withPlanAndMore();
  const order = { cycleId: plan.id, plan: plan.plan, actor: "ada", canary: 1 };
  await approveCycle(order, cycles.ports());
  await cycles.settle();
  expect(cycles.cycle(plan.id)).toMatchObject({ waitsFor: { kind: "canary" } });
  world.now += DAY_MS + 2 * MINUTE_MS;
  expect(await cycles.watch()).toMatchObject({ expired: 1 });
  const { reason } = cycles.cycle(plan.id);
  expect(reason?.message).toContain("the next cycle of everyone plans anew");
  await cycles.run({ ...SCHEDULE, kind: "initial" });
  expect(disabled(cycles) + heldNow(cycles).length).toBe(11);
});
