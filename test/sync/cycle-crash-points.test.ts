// A cycle killed before and after every call: the next runner ends where an undisturbed one does.
import { expect, it } from "vitest";
import { shownStatus } from "../../src/rules/cycle.ts";
import { runCycle } from "../../src/sync/run-cycle.ts";
import { approveCycle } from "../../src/sync/steer-cycle.ts";
import { CycleWorld } from "../doubles/cycle-world.ts";
import { addDrupalUsers } from "../doubles/settled-people.ts";
import { aConfiguration, Killed } from "../doubles/world.ts";

const HOUR_MS = 3_600_000;

async function prepared() {
  const cycles = new CycleWorld();
  const { world } = cycles;
  world.configuration = aConfiguration();
  const uuids = addDrupalUsers(cycles, 12);
  await cycles.run({ direction: "drupalToEntra", kind: "initial" });
  world.now += 2 * HOUR_MS;
  for (const uuid of uuids.slice(0, 4)) world.editDrupal(uuid, { enabled: false });
  for (const uuid of uuids.slice(4, 6))
    world.editDrupal(uuid, { attributes: { field_department: "Navy" } });
  addDrupalUsers(cycles, 2, 50);
  return { cycles, world };
}

async function outcome(killAt: number, phase: "before" | "after") {
  const { cycles, world } = await prepared();
  const started = await cycles.start({ direction: "drupalToEntra", kind: "initial" });
  if (started.kind !== "started") throw new Error("not started");
  const { id } = started.cycle;
  let calls = 0;
  let last = "";
  let dead = false;
  const drive = async () => {
    for (let turn = 0; turn < 60; turn += 1) {
      const next = cycles.cycleQueue.toSorted((a, b) => a.visibleAt - b.visibleAt)[0];
      if (next === undefined) {
        if (cycles.cycle(id).status === "waiting" || cycles.cycle(id).endedAt !== null) return;
        world.now += 120_000;
        await cycles.watch();
        continue;
      }
      cycles.cycleQueue = cycles.cycleQueue.filter((one) => one !== next);
      world.now = Math.max(world.now, next.visibleAt);
      const ports = cycles.ports((call, when) => {
        if (when !== phase || dead) return;
        calls += 1;
        if (calls !== killAt) return;
        dead = true;
        last = call;
        throw new Killed(call);
      });
      try {
        await runCycle(next.cycleId, ports);
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
      }
    }
    throw new Error(`stuck after ${last}`);
  };
  await drive();
  const waiting = cycles.cycle(id);
  if (waiting.waitsFor?.kind === "approval") {
    await approveCycle({ cycleId: id, plan: waiting.plan, actor: "ada" }, cycles.ports());
    await drive();
  }
  const cycle = cycles.cycle(id);
  const sum = Object.values(cycle.tally.outcomes).reduce((a, b) => a + b, 0);
  return {
    call: last,
    isDead: dead,
    told: {
      status: cycle.status,
      wasWaiting: waiting.status,
      planned: waiting.tally.harm,
      nominated: cycle.nominated.users,
      sum,
      held: cycle.tally.outcomes.held,
      moved: cycle.tally.outcomes.moved ?? 0,
      failed: cycle.tally.outcomes.failed ?? 0,
      disabled: [...world.entra.values()].filter(({ enabled }) => !enabled).length,
      accounts: world.entra.size,
      navy: [...world.entra.values()].filter(({ attributes }) => attributes.department === "Navy")
        .length,
      watermark: cycles.jobs.get("drupalToEntra")?.job.watermark !== null,
      listing: cycles.jobs.get("drupalToEntra")?.job.listing?.cycleId === id,
      queue: world.queue.length,
    },
  };
}

it("killed at every call, the result is the same", { timeout: 300_000 }, async () => {
  const { told } = await outcome(-1, "before");
  const differences: string[] = [];
  for (const phase of ["before", "after"] as const)
    for (let at = 1; ; at += 1) {
      let one: Awaited<ReturnType<typeof outcome>>;
      try {
        one = await outcome(at, phase);
      } catch (error) {
        differences.push(`${phase} ${at}: ${error instanceof Error ? error.message : "?"}`);
        continue;
      }
      if (!one.isDead) break;
      const other = JSON.stringify(one.told);
      if (other !== JSON.stringify(told)) differences.push(`${phase} ${at} ${one.call}: ${other}`);
    }
  expect([JSON.stringify(told), ...differences]).toEqual([JSON.stringify(told)]);
});

it("a cycle whose host died shows as interrupted once its lease is over, and the watch resumes it", async () => {
  const { cycles, world } = await prepared();
  const started = await cycles.start({ direction: "drupalToEntra", kind: "initial" });
  if (started.kind !== "started") throw new Error("not started");
  const { id } = started.cycle;
  cycles.cycleQueue = [];
  const dying = cycles.ports((call) => {
    if (cycles.cycle(id).nominated.users > 0) throw new Killed(call);
  });
  await expect(runCycle(id, dying)).rejects.toThrow(Killed);
  const shown = () => shownStatus(cycles.cycle(id), new Date(world.now));
  expect(shown()).toBe("running");
  expect((await cycles.watch()).resumed).toBe(0);

  world.now += 5 * 60_000;
  expect(shown()).toBe("interrupted");
  expect((await cycles.watch()).resumed).toBe(1);
  expect(cycles.cycleQueue.map(({ cycleId }) => cycleId)).toEqual([id]);
  await runCycle(id, cycles.ports());
  expect(shown()).toBe("waiting");
  expect(cycles.cycle(id).waitsFor).toMatchObject({ kind: "approval" });
});
