// What cycles may not do: harm that nobody approved, changes that are lost, feeds that are kept, and a status that is not true.
import { describe, expect, it } from "vitest";
import {
  AccessError,
  NotFoundError,
  RejectedError,
  TransientError,
} from "../../src/rules/errors.ts";
import { provisionUser } from "../../src/sync/provision-user.ts";
import { runCycle } from "../../src/sync/run-cycle.ts";
import { startCycle, undoCycle } from "../../src/sync/start-cycle.ts";
import { approveCycle, cancelCycle } from "../../src/sync/steer-cycle.ts";
import { failCycle } from "../../src/sync/watch-cycles.ts";
import { CycleWorld } from "../doubles/cycle-world.ts";
import { addDrupalUsers, remove, settledWorld } from "../doubles/settled-people.ts";
import { aConfiguration } from "../doubles/world.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const edit = (cycles: CycleWorld, uuid: string, changes: object) =>
  cycles.world.editDrupal(uuid, {
    ...changes,
    changedAt: new Date(cycles.world.now).toISOString(),
  });
const disabledIn = ({ world }: CycleWorld) =>
  [...world.entra.values()].filter(({ enabled }) => !enabled).length;

/** What the provision queue does in the time to come. */
async function drain({ world }: CycleWorld, forMs: number): Promise<void> {
  const end = world.now + forMs;
  for (let turn = 0; turn < 1000; turn += 1) {
    const next = world.queue.toSorted((a, b) => a.visibleAt - b.visibleAt)[0];
    if (next === undefined || next.visibleAt > end) return;
    const request = world.nextRequest();
    if (request !== null) await provisionUser(request, world.worker());
  }
}

describe("what a cycle holds", () => {
  it("is held too when the user comes back from escrow: a read that was refused once lets nobody through", async () => {
    const { cycles, uuids } = await settledWorld(50);
    for (const uuid of uuids.slice(0, 20)) edit(cycles, uuid, { enabled: false });
    let refusals = 20;
    cycles.gate = (call, phase) => {
      if (call !== "drupal.getUser" || phase !== "before" || refusals === 0) return;
      refusals -= 1;
      throw new RejectedError("422", { system: "drupal", code: "drupalUserUnreadable" });
    };
    const cycle = await cycles.run({ direction: "drupalToEntra", kind: "incremental" });
    expect(cycle.tally.outcomes).toEqual({ failed: 20 });
    expect(disabledIn(cycles)).toBe(0);
    await drain(cycles, 2 * DAY_MS);
    // 3 of 50 may be disabled without an approval.
    expect(disabledIn(cycles)).toBeLessThanOrEqual(3);
  });

  it("is held too after a failure without a name", async () => {
    const { cycles, world, uuids } = await settledWorld(50);
    for (const uuid of uuids.slice(0, 20)) edit(cycles, uuid, { enabled: false });
    let faults = 20;
    cycles.gate = (call, phase) => {
      if (call !== "drupal.getUser" || phase !== "before" || faults === 0) return;
      faults -= 1;
      throw new TypeError("a fault of ours");
    };
    const cycle = await cycles.run({ direction: "drupalToEntra", kind: "incremental" });
    expect(cycle.tally.outcomes).toEqual({ failed: 20 });
    expect(world.escrow.size).toBe(20);
    await drain(cycles, 2 * DAY_MS);
    expect(disabledIn(cycles)).toBeLessThanOrEqual(3);
  });

  it("is a delete also after its grace: nobody is deleted without an approval where the limit is nobody", async () => {
    const { cycles, world, uuids } = await settledWorld(
      50,
      aConfiguration({
        states: { drupalToEntra: { deleted: "delete", graceDays: 3 } },
        thresholds: { deletes: { users: 0, percent: 0 } },
      }),
    );
    remove(cycles, uuids.slice(0, 2));
    await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    const second = await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    expect(second).toMatchObject({ status: "complete", tally: { harm: { deletes: 0 } } });
    expect(world.entra.size).toBe(50);
    await drain(cycles, 4 * DAY_MS);
    expect(world.entra.size).toBe(50);
  });

  it("is held too in the look that follows a value which a read still hid", async () => {
    const { cycles, world, uuids } = await settledWorld(50);
    const some = uuids.slice(0, 20);
    const objectIds = some.map((uuid) => world.links.get(uuid)?.link.entraObjectId ?? "");
    for (const uuid of some) edit(cycles, uuid, { enabled: false });
    const off = await cycles.run({ direction: "drupalToEntra", kind: "incremental" });
    await approveCycle({ cycleId: off.id, plan: off.plan, actor: "ada" }, cycles.ports());
    await cycles.settle();
    expect(disabledIn(cycles)).toBe(20);
    world.now += HOUR_MS;
    for (const uuid of some) edit(cycles, uuid, { enabled: true });
    await cycles.run({ direction: "drupalToEntra", kind: "incremental" });
    expect(disabledIn(cycles)).toBe(0);
    await cycles.run({ direction: "entraToDrupal", kind: "initial" });
    world.queue = [];
    world.now += 10_000;
    for (const objectId of objectIds) cycles.editEntra(objectId, { enabled: false });
    // Nobody is held: the read may lag, and 20 looks are queued that hold nothing.
    await cycles.run({ direction: "entraToDrupal", kind: "incremental" });
    await drain(cycles, HOUR_MS);
    const blocked = [...world.drupal.values()].filter(({ enabled }) => !enabled).length;
    expect(blocked).toBeLessThanOrEqual(3);
  });
});

describe("a cycle comes to an end", () => {
  it("as failed, when its slices fail in a way without a name", async () => {
    const cycles = new CycleWorld();
    const { world } = cycles;
    addDrupalUsers(cycles, 3);
    const started = await cycles.start({ direction: "drupalToEntra", kind: "initial" });
    if (started.kind !== "started") throw new Error("not started");
    const { id } = started.cycle;
    cycles.gate = (call, phase) => {
      if (call === "cycles.nominations" && phase === "before") throw new Error("page 0 is broken");
    };
    // The host: five tries of a message, ten seconds apart, then the poison queue. The watch: each minute.
    let messages = [...cycles.cycleQueue.map(() => ({ tries: 0, at: world.now }))];
    cycles.cycleQueue = [];
    for (const end = world.now + 2 * HOUR_MS; world.now < end; world.now += 10_000) {
      const due = messages.filter(({ at }) => at <= world.now);
      messages = messages.filter(({ at }) => at > world.now);
      for (const message of due) {
        try {
          await runCycle(id, cycles.ports());
        } catch {
          const tries = message.tries + 1;
          if (tries === 5) await failCycle(id, cycles.ports());
          else messages.push({ tries, at: world.now + 10_000 });
        }
      }
      if (world.now % MINUTE_MS === 0) await cycles.watch();
      messages.push(...cycles.cycleQueue.map(({ visibleAt }) => ({ tries: 0, at: visibleAt })));
      cycles.cycleQueue = [];
    }
    expect(cycles.cycle(id).status).toBe("failed");
  });

  it("as incomplete, when who is in the groups may not be read any more", async () => {
    const group = "66666666-0000-4000-8000-000000000001";
    const roles = { map: [{ drupal: "editor", entraGroups: [group] }] };
    const { cycles } = await settledWorld(4, aConfiguration({ roles }));
    await cycles.run({ direction: "entraToDrupal", kind: "initial" });
    let asked = 0;
    cycles.gate = (call, phase) => {
      if (call !== "grants.holders" || phase !== "before") return;
      asked += 1;
      throw new AccessError("403", { system: "entra", code: "graphPermissionMissing" });
    };
    const cycle = await cycles.run({ direction: "entraToDrupal", kind: "incremental" });
    expect(asked).toBeLessThan(10);
    expect(cycle.status).toBe("incomplete");
  });
});

describe("one user alone", () => {
  it("does not keep a feed from ever being complete: who is answered with 404 again and again goes to escrow", async () => {
    const { cycles, world, uuids } = await settledWorld(50);
    remove(cycles, uuids.slice(0, 2));
    await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    edit(cycles, uuids[9] ?? "", { attributes: { field_department: "Navy" } });
    cycles.gate = (call, phase) => {
      if (call !== "entra.updateUser" || phase !== "before") return;
      throw new NotFoundError("404", { system: "entra", code: "entraUserNotFound" });
    };
    const cycle = await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    // As the queue does after five tries (sync/react-to-failure).
    expect(world.escrow.has(uuids[9] ?? "")).toBe(true);
    expect(cycle.status).toBe("complete");
  });

  it("does not, when a system fails for that user alone", async () => {
    const { cycles, world, uuids } = await settledWorld(50);
    remove(cycles, uuids.slice(0, 2));
    await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    addDrupalUsers(cycles, 1, 900);
    cycles.gate = (call, phase) => {
      if (call !== "entra.createUser" || phase !== "before") return;
      throw new TransientError("500", { system: "entra", code: "entraUnavailable" });
    };
    for (let day = 0; day < 30; day += 1) {
      world.now += DAY_MS;
      await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    }
    expect(disabledIn(cycles)).toBe(2);
  });
});

describe("users who left", () => {
  it("do not count as a listing that shrank, years later", async () => {
    const { cycles, world, uuids } = await settledWorld(10);
    const leave = async (some: readonly string[]) => {
      remove(cycles, some);
      for (let turn = 0; turn < 2; turn += 1) {
        world.now += DAY_MS;
        const cycle = await cycles.run({ direction: "drupalToEntra", kind: "initial" });
        if (cycle.status !== "waiting") continue;
        await approveCycle({ cycleId: cycle.id, plan: cycle.plan, actor: "ada" }, cycles.ports());
        await cycles.settle();
      }
    };
    await leave(uuids.slice(0, 3));
    await leave(uuids.slice(3, 5));
    expect(disabledIn(cycles)).toBe(5);
    remove(cycles, uuids.slice(5, 6));
    const cycle = await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    expect(cycle).toMatchObject({ status: "complete" });
  });
});

describe("nobody is passed over", () => {
  it("when another instance still runs by the configuration of ten seconds ago", async () => {
    const { cycles, world, uuids } = await settledWorld(3);
    const old = world.configuration;
    const narrowed = aConfiguration({
      scope: {
        drupalToEntra: {
          anyOf: [[{ attribute: "field_department", operator: "equals", value: "Sales" }]],
        },
      },
    });
    edit(cycles, uuids[0] ?? "", {});
    world.configuration = narrowed;
    const started = await cycles.start({ direction: "drupalToEntra", actor: null });
    if (started.kind !== "started") throw new Error("not started");
    expect(cycles.cycle(started.cycle.id).reason?.code).toBe("configurationChanged");
    world.configuration = old; // what the instance that runs the slice remembers
    await cycles.settle();
    world.configuration = narrowed;
    expect(cycles.cycle(started.cycle.id)).toMatchObject({ status: "complete" });
    world.now += HOUR_MS;
    const next = await cycles.start({ direction: "drupalToEntra", actor: null });
    if (next.kind !== "started") throw new Error("not started");
    expect(next.cycle.kind).toBe("initial");
  });

  it("when a runner that had lost the cycle wakes up and writes its page", async () => {
    const cycles = new CycleWorld();
    const { world } = cycles;
    cycles.pageSize = 300;
    const uuids = addDrupalUsers(cycles, 200);
    const started = await cycles.start({ direction: "drupalToEntra", kind: "initial" });
    if (started.kind !== "started") throw new Error("not started");
    const { id } = started.cycle;
    let wake = () => {};
    const asleep = new Promise<void>((resolve) => {
      wake = resolve;
    });
    let fell = () => {};
    const sleeps = new Promise<void>((resolve) => {
      fell = resolve;
    });
    let once = true;
    const first = runCycle(
      id,
      cycles.ports(
        () => undefined,
        async (call, phase) => {
          if (call !== "cycles.putNominations" || phase !== "before" || !once) return;
          once = false;
          fell();
          await asleep;
        },
      ),
    );
    await sleeps;
    // A person comes, and is on the page that the second runner reads.
    world.now += 31_000;
    world.drupal.delete(uuids[0] ?? "");
    const [late] = addDrupalUsers(cycles, 1, 700);
    let woken = false;
    await runCycle(
      id,
      cycles.ports(
        () => undefined,
        async (call, phase) => {
          // The second one has written the page and knows it when the first wakes up.
          if (call !== "cycles.nominations" || phase !== "before" || woken) return;
          woken = true;
          wake();
          await first;
        },
      ),
    );
    await cycles.settle();
    expect(cycles.cycle(id)).toMatchObject({ status: "complete" });
    expect(world.links.has(late ?? "")).toBe(true);
  });

  it("when an approved plan could not be carried out to its end: the next cycle takes them up, as it says", async () => {
    const group = "66666666-0000-4000-8000-000000000001";
    const roles = { map: [{ drupal: "editor", entraGroups: [group] }] };
    const { cycles, world, uuids } = await settledWorld(20, aConfiguration({ roles }));
    const objectIds = uuids.map((uuid) => world.links.get(uuid)?.link.entraObjectId ?? "");
    for (const objectId of objectIds) world.grants.set(objectId, new Set([group]));
    for (const objectId of objectIds) cycles.changedAt.set(objectId, 0);
    await cycles.run({ direction: "entraToDrupal", kind: "initial" });
    for (const objectId of objectIds.slice(0, 10)) world.grants.delete(objectId);
    const plan = await cycles.run({ direction: "entraToDrupal", kind: "incremental" });
    expect(plan).toMatchObject({ status: "waiting", tally: { harm: { roleRemovals: 10 } } });
    cycles.gate = (call, phase) => {
      if (call !== "drupal.getUser" || phase !== "before") return;
      throw new TransientError("503", { system: "drupal", code: "drupalUnavailable" });
    };
    await approveCycle({ cycleId: plan.id, plan: plan.plan, actor: "ada" }, cycles.ports());
    await cycles.settle();
    expect(cycles.cycle(plan.id)).toMatchObject({ tally: { outcomes: { failed: 10 } } });
    expect(world.escrow.size).toBe(10);
    cycles.gate = () => undefined;
    // Each comes back by itself, and still may not lose anything without a word.
    await drain(cycles, 2 * HOUR_MS);
    expect(world.drupal.get(uuids[0] ?? "")?.roles).toEqual(["editor"]);
    world.now += HOUR_MS;
    const next = await cycles.run({ direction: "entraToDrupal", kind: "incremental" });
    expect(next).toMatchObject({ status: "waiting", tally: { harm: { roleRemovals: 10 } } });
  });
});

describe("more of it", () => {
  it("an undo that fails without a name does not come back as a look that does the opposite", async () => {
    const { cycles, world, uuids } = await settledWorld(40);
    for (const uuid of uuids.slice(0, 2)) edit(cycles, uuid, { enabled: false });
    const wrong = await cycles.run({ direction: "drupalToEntra", kind: "incremental" });
    expect(disabledIn(cycles)).toBe(2);
    world.now += HOUR_MS;
    const started = await undoCycle({ cycleId: wrong.id, actor: "ada" }, cycles.ports());
    if (started?.kind !== "started") throw new Error("not started");
    await cycles.settle();
    const { id, plan } = cycles.cycle(started.cycle.id);
    cycles.gate = (call, phase) => {
      if (call === "drupal.getUser" && phase === "before") throw new TypeError("a fault of ours");
    };
    await approveCycle({ cycleId: id, plan, actor: "ada" }, cycles.ports());
    await cycles.settle();
    expect([...world.escrow.values()]).toEqual([]);
  });

  it("an account that Entra purged is decided on by the cycle that is told of it, or keeps nobody else waiting", async () => {
    const { cycles, world, uuids } = await settledWorld(50);
    await cycles.run({ direction: "entraToDrupal", kind: "initial" });
    for (const { objectId } of world.entra.values()) cycles.changedAt.set(objectId, 0);
    world.now += HOUR_MS;
    const [purged = "", disabled = ""] = uuids.map(
      (uuid) => world.links.get(uuid)?.link.entraObjectId ?? "",
    );
    cycles.deleteInEntra(purged);
    world.deletedEntra.delete(purged);
    cycles.editEntra(disabled, { enabled: false });
    const cycle = await cycles.run({ direction: "entraToDrupal", kind: "incremental" });
    expect(cycle).toMatchObject({ status: "complete" });
    expect(world.drupal.get(uuids[1] ?? "")?.enabled).toBe(false);
  });

  it("a change that the feed shows, and that the read by id does not show yet, is not taken for agreed", async () => {
    const { cycles, world, uuids } = await settledWorld(3);
    await cycles.run({ direction: "entraToDrupal", kind: "initial" });
    for (const { objectId } of world.entra.values()) cycles.changedAt.set(objectId, 0);
    world.now += HOUR_MS;
    const objectId = world.links.get(uuids[0] ?? "")?.link.entraObjectId ?? "";
    world.replicationMs = 30_000;
    cycles.editEntra(objectId, { enabled: false });
    world.now += 5000;
    const cycle = await cycles.run({ direction: "entraToDrupal", kind: "incremental" });
    expect(cycle).toMatchObject({ status: "complete", nominated: { users: 1 } });
    await drain(cycles, HOUR_MS);
    world.now += HOUR_MS;
    await cycles.run({ direction: "entraToDrupal", kind: "incremental" });
    await drain(cycles, HOUR_MS);
    expect(world.drupal.get(uuids[0] ?? "")?.enabled).toBe(false);
  });

  it("many small cycles take no more than one may", async () => {
    const { cycles, uuids } = await settledWorld(50);
    for (let turn = 0; turn < 12; turn += 1) {
      cycles.world.now += 5 * MINUTE_MS;
      for (const uuid of uuids.slice(turn * 3, turn * 3 + 3))
        edit(cycles, uuid, { enabled: false });
      await cycles.run({ direction: "drupalToEntra", kind: "incremental", actor: null });
    }
    expect(disabledIn(cycles)).toBeLessThan(36);
  });

  it("two that start at the same moment get one cycle, also when one is between its two saves", async () => {
    const cycles = new CycleWorld();
    addDrupalUsers(cycles, 2);
    let other: Promise<unknown> | null = null;
    const slow = {
      ...cycles.ports(
        () => undefined,
        async (call, phase) => {
          if (call !== "cycles.save" || phase !== "before") return;
          if (other === null) other = cycles.start({ direction: "drupalToEntra" });
          await other;
        },
      ),
      initialEveryMs: DAY_MS,
    };
    await startCycle({ direction: "drupalToEntra", kind: "initial", actor: "ada" }, slow);
    const going = [...cycles.cycles.values()].filter(({ cycle }) => cycle.status !== "cancelled");
    expect(going).toHaveLength(1);
  });

  it("a cycle can be cancelled also while the configuration is not valid", async () => {
    const cycles = new CycleWorld();
    addDrupalUsers(cycles, 2);
    const started = await cycles.start({ direction: "drupalToEntra" });
    if (started.kind !== "started") throw new Error("not started");
    cycles.gate = (call, phase) => {
      if (call !== "configuration.current" || phase !== "before") return;
      throw new TransientError("not valid", { system: "storage", code: "configurationInvalid" });
    };
    await cycles.settle(MINUTE_MS);
    await cancelCycle({ cycleId: started.cycle.id, actor: "ada" }, cycles.ports());
    await cycles.settle(MINUTE_MS);
    expect(cycles.cycle(started.cycle.id).status).toBe("cancelled");
  });

  it("a listing whose pages are forgotten on the way begins anew, as it says", async () => {
    const { cycles } = await settledWorld(9);
    cycles.onPage = (_direction, page) => {
      if (page > 0 && once)
        throw new TransientError("begins anew", { system: "entra", code: "listingExpired" });
    };
    // The page's link stays forgotten until the listing is begun again.
    let once = true;
    const begin = cycles.ports.bind(cycles);
    let begun = 0;
    cycles.ports = (...given) => {
      const ports = begin(...given);
      const { drupalToEntra, entraToDrupal } = ports.feeds;
      return {
        ...ports,
        feeds: {
          drupalToEntra,
          entraToDrupal: {
            ...entraToDrupal,
            begin: async (...asked) => {
              begun += 1;
              if (begun > 1) once = false;
              return entraToDrupal.begin(...asked);
            },
          },
        },
      };
    };
    const cycle = await cycles.run({ direction: "entraToDrupal", kind: "initial" });
    expect(cycle.status).toBe("complete");
  });
});

describe("a canary", () => {
  it("stops after as many users as were tried, also where each of them is refused", async () => {
    const cycles = new CycleWorld();
    addDrupalUsers(cycles, 60);
    cycles.gate = (call, phase) => {
      if (call !== "entra.createUser" || phase !== "before") return;
      throw new RejectedError("400", { system: "entra", code: "valueRefused" });
    };
    const cycle = await cycles.run({ direction: "drupalToEntra", kind: "initial", canary: 2 });
    expect(cycle.waitsFor).toEqual({ kind: "canary" });
  });
});

describe("what is told", () => {
  it("is no complete cycle when the groups that decide could not be read", async () => {
    const group = "66666666-0000-4000-8000-000000000001";
    const roles = { map: [{ drupal: "editor", entraGroups: [group] }] };
    const { cycles, world } = await settledWorld(4, aConfiguration({ roles }));
    world.areGrantsKnown = false;
    const cycle = await cycles.run({ direction: "entraToDrupal", kind: "initial" });
    expect(cycle.status).toBe("incomplete");
  });
});
