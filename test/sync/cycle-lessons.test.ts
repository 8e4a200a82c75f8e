// What the simulation of cycles taught: accounts that a cycle made count as served, those who left stay out of the way, and of two
// cycles that start at the same moment one goes on.
import { describe, expect, it } from "vitest";
import { newCycle } from "../../src/rules/cycle.ts";
import { GONE } from "../../src/rules/rest.ts";
import { CycleWorld } from "../doubles/cycle-world.ts";
import { addDrupalUsers } from "../doubles/settled-people.ts";

const HOUR_MS = 3_600_000;

async function settledWorld(count: number) {
  const cycles = new CycleWorld();
  const { world } = cycles;
  const uuids = addDrupalUsers(cycles, count);
  for (const direction of ["drupalToEntra", "entraToDrupal"] as const) {
    await cycles.run({ direction, kind: "initial" });
    world.now += HOUR_MS;
  }
  const entraOf = (uuid: string) => world.links.get(uuid)?.link.entraObjectId ?? "";
  return { cycles, world, uuids, entraOf };
}

describe("an account that a cycle made", () => {
  it("takes its other side's access with it when it is deleted, though nobody has looked since", async () => {
    const { cycles, world, uuids, entraOf } = await settledWorld(10);
    const [uuid = ""] = uuids;
    expect(world.links.get(uuid)?.link.served.entraToDrupal).toBe(true);
    cycles.deleteInEntra(entraOf(uuid));
    const cycle = await cycles.run({ direction: "entraToDrupal", kind: "incremental" });
    expect(cycle).toMatchObject({ status: "complete", tally: { operations: { disable: 1 } } });
    expect(world.drupal.get(uuid)?.enabled).toBe(false);
  });
});

describe("those who left", () => {
  it("are not looked at by each cycle for ever", async () => {
    const { cycles, world, uuids } = await settledWorld(20);
    const [uuid = ""] = uuids;
    world.drupal.delete(uuid);
    await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    const second = await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    expect(second.tally.operations).toEqual({ disable: 1 });
    expect(world.links.get(uuid)?.link.rest.drupal).toBe(GONE);
    const third = await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    expect(third).toMatchObject({ reading: { unchanged: 19 }, nominated: { users: 0 } });
  });

  it("do not make a listing look as if it had shrunk once they are more than half", async () => {
    const { cycles, world, uuids, entraOf } = await settledWorld(12);
    // Gone in Entra is a matter for an operator, and so is never at rest.
    for (const some of [uuids.slice(0, 4), uuids.slice(4, 7)]) {
      for (const uuid of some) cycles.deleteInEntra(entraOf(uuid));
      world.now += HOUR_MS;
      const cycle = await cycles.run({ direction: "entraToDrupal", kind: "initial" });
      expect(cycle.reason?.code).not.toBe("listingShrank");
    }
    for (const uuid of uuids.slice(7, 11)) cycles.deleteInEntra(entraOf(uuid));
    const shrunk = await cycles.run({ direction: "entraToDrupal", kind: "initial" });
    expect(shrunk).toMatchObject({ status: "incomplete", reason: { code: "listingShrank" } });
  });
});

describe("two cycles that start at the same moment", () => {
  it("leave one: the other ends as soon as it finds that the job does not name it", async () => {
    const { cycles, world } = await settledWorld(3);
    const started = await cycles.start({ direction: "drupalToEntra", kind: "initial" });
    if (started.kind !== "started") throw new Error("not started");
    // Its starter saved the job, was stopped, and goes on only now that another has taken the job.
    const id = "0c000000-0000-4000-8000-000000000009";
    const order = { id, kind: "initial", isDryRun: false, canary: null, actor: null } as const;
    const late = newCycle({ ...order, direction: "drupalToEntra" }, new Date(world.now));
    await cycles.ports().cycles.save(late, null);
    await cycles.ports().queue.send(id);
    await cycles.settle();
    expect(cycles.cycle(id)).toMatchObject({
      status: "cancelled",
      reason: { code: "superseded" },
      reading: { users: 0 },
    });
    expect(cycles.cycle(started.cycle.id).status).toBe("complete");
  });
});
