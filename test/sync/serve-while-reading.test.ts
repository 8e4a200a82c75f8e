// Users are served from the first page of the feed on: their pages and the feed's take turns.
import { describe, expect, it } from "vitest";
import { TransientError } from "../../src/rules/errors.ts";
import { runCycle } from "../../src/sync/run-cycle.ts";
import { CycleWorld } from "../doubles/cycle-world.ts";
import { addDrupalUsers, settledWorld } from "../doubles/settled-people.ts";

const EVERYONE = { direction: "drupalToEntra", kind: "initial" } as const;

/** How many accounts Entra has when each page of the feed is asked for. */
async function madeAtEachPage(
  order: object,
  prepare: (cycles: CycleWorld) => void = () => undefined,
) {
  const cycles = new CycleWorld();
  addDrupalUsers(cycles, 12);
  prepare(cycles);
  const made: number[] = [];
  cycles.onPage = () => void made.push(cycles.world.entra.size);
  const cycle = await cycles.run({ ...EVERYONE, ...order });
  return { cycles, cycle, made };
}

async function started(cycles: CycleWorld, order: Parameters<CycleWorld["start"]>[0]) {
  const answer = await cycles.start(order);
  if (answer.kind !== "started") throw new Error(`not started: ${answer.kind}`);
  return answer;
}

describe("a cycle that writes", () => {
  it("serves a full page of users after each page of the feed", async () => {
    const { cycle, made } = await madeAtEachPage({});
    expect(made).toEqual([0, 2, 4, 6]);
    expect(cycle).toMatchObject({
      status: "complete",
      reading: { users: 12, pages: 4 },
      nominated: { users: 12 },
      tally: { outcomes: { written: 12 } },
    });
  });

  it("reads on while users wait for their next try", async () => {
    let failures = 1;
    const { cycle, made } = await madeAtEachPage({}, (cycles) => {
      cycles.gate = (call, phase) => {
        if (call !== "entra.createUser" || phase !== "before" || failures === 0) return;
        failures -= 1;
        throw new TransientError("503", { system: "entra", code: "graphUnavailable" });
      };
    });
    // One of the first page; they stand behind those that are full by then.
    expect(made).toEqual([0, 1, 3, 5]);
    expect(cycle).toMatchObject({ status: "complete", tally: { outcomes: { written: 12 } } });
  });

  it("does not let the last few of a busy stretch wait for the end of a quiet feed", async () => {
    const { cycles, world, uuids } = await settledWorld(12);
    const [first = ""] = uuids.toSorted();
    world.links.delete(first);
    world.entra.delete([...world.entra.keys()].find((id) => world.holders.get(id) === first) ?? "");
    const made: number[] = [];
    cycles.onPage = () => void made.push(world.entra.size);
    await cycles.run(EVERYONE);
    // One user, who fills no page: written after the first page of the feed that tells of nobody.
    expect(made).toEqual([11, 11, 12, 12]);
  });

  it("tells in the reading how fast the feed goes, and then how fast its users are served", async () => {
    const cycles = new CycleWorld();
    addDrupalUsers(cycles, 12);
    const counted = { reading: new Set<number>(), collecting: new Set(), provisioning: new Set() };
    cycles.onSave = ({ phase, phaseUsers }) => void counted[phase].add(phaseUsers);
    await cycles.run(EVERYONE);
    expect([...counted.reading]).toEqual([0, 3, 6, 9, 12]);
    // Three pages of two were served by then.
    expect([...counted.provisioning]).toEqual([0, 2, 4, 6]);
  });
});

describe("what somebody looks at before it goes on", () => {
  it("is read to its end first: a dry run, a canary", async () => {
    expect((await madeAtEachPage({ isDryRun: true })).made).toEqual([0, 0, 0, 0]);
    const canary = await madeAtEachPage({ canary: 3 });
    expect(canary.made).toEqual([0, 0, 0, 0]);
    expect(canary.cycle).toMatchObject({ status: "waiting", waitsFor: { kind: "canary" } });
    expect(canary.cycles.world.entra.size).toBe(3);
  });
});

describe("a listing that ends long after it began", () => {
  it("misses nobody whom a look found as agreed since: the other feed's cycle made them meanwhile", async () => {
    const { cycles, world } = await settledWorld(4);
    cycles.pageSize = 4;
    const { cycle } = await started(cycles, { direction: "entraToDrupal", kind: "initial" });
    addDrupalUsers(cycles, 12, 50);
    const others = async (call: string, phase: string) => {
      if (call !== "entra.page" || phase !== "after") return;
      await cycles.run(EVERYONE);
      // Longer than a slice: the links are read again.
      world.now += 5 * 60_000;
    };
    cycles.cycleQueue = [];
    await runCycle(
      cycle.id,
      cycles.ports(() => undefined, others),
    );
    expect(cycles.cycle(cycle.id)).toMatchObject({ status: "queued", reading: { isDone: true } });
    await runCycle(cycle.id, cycles.ports());
    expect(cycles.cycle(cycle.id)).toMatchObject({ status: "complete", reading: { users: 4 } });
    expect(world.links.size).toBe(16);
  });
});
