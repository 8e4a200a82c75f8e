// Cycles on an in-memory world: who is nominated, what is held, what a failed read may not do, and how a cycle ends.
import { describe, expect, it } from "vitest";
import { AccessError, TransientError } from "../../src/rules/errors.ts";
import { holdCycle } from "../../src/sync/hold-cycle.ts";
import { startCycle, undoCycle } from "../../src/sync/start-cycle.ts";
import { approveCycle, cancelCycle } from "../../src/sync/steer-cycle.ts";
import { CycleWorld } from "../doubles/cycle-world.ts";
import { addDrupalUsers, remove, settledWorld } from "../doubles/settled-people.ts";
import { aConfiguration, aDrupalUser, anEntraUser, DOMAIN } from "../doubles/world.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

function addEntraUsers(cycles: CycleWorld, count: number): string[] {
  return Array.from({ length: count }, (_, at) => {
    const mail = `member${at}@${DOMAIN}`;
    const user = anEntraUser({
      userPrincipalName: mail,
      attributes: {
        mail,
        displayName: `Member ${at}`,
        department: "Sales",
        givenName: "M",
        surname: `${at}`,
      },
    });
    cycles.world.entra.set(user.objectId, user);
    return user.objectId;
  });
}

const writes = ({ world }: CycleWorld) => world.drupalWrites.length + world.entraWrites.length;

describe("an initial cycle", () => {
  it("serves everyone once, tells each outcome, and leaves a watermark", async () => {
    const cycles = new CycleWorld();
    addDrupalUsers(cycles, 7);
    const cycle = await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    expect(cycle).toMatchObject({
      status: "complete",
      reading: { users: 7, unchanged: 0, pages: 3 },
      nominated: { users: 7, pages: 4 },
      tally: { outcomes: { written: 7 }, operations: { create: 7 } },
    });
    expect(cycles.world.entra.size).toBe(7);
    expect(cycles.jobs.get("drupalToEntra")?.job).toMatchObject({
      watermark: { position: expect.any(String) },
      listing: { cycleId: cycle.id, users: 7 },
    });
    expect(cycles.world.queue).toEqual([]);
    expect(cycles.world.audit.filter(({ cycleId }) => cycleId === cycle.id)).toHaveLength(8);
  });

  it("passes over whoever is as last agreed: the next one writes nothing and asks about nobody", async () => {
    const { cycles } = await settledWorld(7);
    const before = writes(cycles);
    const cycle = await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    expect(cycle).toMatchObject({ reading: { users: 7, unchanged: 7 }, nominated: { users: 0 } });
    const other = await cycles.run({ direction: "entraToDrupal", kind: "initial" });
    expect(other).toMatchObject({ reading: { users: 7, unchanged: 7 }, nominated: { users: 0 } });
    expect(writes(cycles)).toBe(before);
  });

  it("makes Drupal accounts for Entra's users, and looks at nobody again for its own echo", async () => {
    const cycles = new CycleWorld();
    addEntraUsers(cycles, 5);
    const cycle = await cycles.run({ direction: "entraToDrupal", kind: "initial" });
    expect(cycle).toMatchObject({ status: "complete", tally: { operations: { create: 5 } } });
    const echo = await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    expect(echo).toMatchObject({ reading: { users: 5, unchanged: 5 } });
  });
});

describe("an incremental cycle", () => {
  it("serves what changed, and nobody else", async () => {
    const { cycles, world, uuids } = await settledWorld(6);
    const changedAt = new Date(world.now).toISOString();
    world.editDrupal(uuids[2] ?? "", { changedAt, attributes: { field_department: "Navy" } });
    const cycle = await cycles.run({ direction: "drupalToEntra", kind: "incremental" });
    expect(cycle).toMatchObject({
      status: "complete",
      kind: "incremental",
      tally: { outcomes: { written: 1 }, operations: { update: 1 } },
    });
  });

  it("notices a delete in Entra by the change query alone", async () => {
    const { cycles, world, uuids } = await settledWorld(10, aConfiguration());
    await cycles.run({ direction: "entraToDrupal", kind: "initial" });
    const direct = aConfiguration();
    world.configuration = direct;
    world.now += HOUR_MS;
    cycles.deleteInEntra(world.links.get(uuids[0] ?? "")?.link.entraObjectId ?? "");
    const cycle = await cycles.run({ direction: "entraToDrupal", kind: "incremental" });
    expect(cycle.status).toBe("complete");
    expect(cycles.users(cycle.id).map(({ drupalUuid }) => drupalUuid)).toContain(uuids[0]);
  });

  it("starts an initial one when the watermark has expired, and takes nobody for gone then", async () => {
    const { cycles, uuids } = await settledWorld(20);
    await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    remove(cycles, uuids.slice(0, 1));
    await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    cycles.pageFaults.set("drupalToEntra 0", "expired");
    const cycle = await cycles.run({ direction: "drupalToEntra", kind: "incremental" });
    expect(cycle).toMatchObject({ kind: "initial", ignoresAbsence: true, status: "complete" });
    expect(cycle.nominated.users).toBe(0);
  });

  it("serves those who came into a group or left one, of whom the change query does not tell", async () => {
    const group = "66666666-0000-4000-8000-000000000001";
    const roles = { map: [{ drupal: "editor", entraGroups: [group] }] };
    const { cycles, world, uuids } = await settledWorld(4, aConfiguration({ roles }));
    await cycles.run({ direction: "entraToDrupal", kind: "initial" });
    const objectId = world.links.get(uuids[1] ?? "")?.link.entraObjectId ?? "";
    for (const { objectId: other } of world.entra.values()) cycles.changedAt.set(other, 0);
    world.grants.set(objectId, new Set([group]));
    const joined = await cycles.run({ direction: "entraToDrupal", kind: "incremental" });
    expect(joined).toMatchObject({ nominated: { users: 1 }, tally: { operations: { assign: 1 } } });
    world.grants.delete(objectId);
    const left = await cycles.run({ direction: "entraToDrupal", kind: "incremental" });
    expect(left).toMatchObject({
      nominated: { users: 1 },
      tally: { outcomes: { held: 1, written: 1 } },
    });
    expect(world.drupal.get(uuids[1] ?? "")?.roles).toEqual([]);
    const quiet = await cycles.run({ direction: "entraToDrupal", kind: "incremental" });
    expect(quiet.nominated.users).toBe(0);
  });

  it("becomes an initial one when the configuration was changed", async () => {
    const { cycles, world } = await settledWorld(3);
    world.configuration = aConfiguration({ guests: true });
    const cycle = await cycles.run({ direction: "drupalToEntra", kind: "incremental" });
    expect(cycle).toMatchObject({ kind: "initial", reading: { users: 3, unchanged: 0 } });
    expect(cycle.tally.outcomes).toEqual({ inSync: 3 });
  });
});

describe("a read that goes wrong", () => {
  const transient = new TransientError("500", { system: "drupal", code: "drupalUnavailable" });
  const bare = new AccessError("bare", { system: "drupal", code: "drupalRightsMissing" });

  it("is tried again from the same page, and goes on where it was", async () => {
    const cycles = new CycleWorld();
    addDrupalUsers(cycles, 9);
    let left = 2;
    cycles.onPage = (direction, page) => {
      if (page === 1 && left > 0) {
        left -= 1;
        throw transient;
      }
      expect(direction).toBe("drupalToEntra");
    };
    const cycle = await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    expect(cycle).toMatchObject({ status: "complete", reading: { users: 9, failures: 0 } });
  });

  it("disables nobody and says why: a page that never comes, an empty page, rights that are lost", async () => {
    for (const fault of [transient, "empty", bare] as const) {
      const { cycles, world, uuids } = await settledWorld(30);
      for (const uuid of uuids.slice(0, 3)) world.editDrupal(uuid, { enabled: false });
      cycles.pageFaults.set("drupalToEntra 4", fault);
      const cycle = await cycles.run({ direction: "drupalToEntra", kind: "initial" });
      expect(cycle.status).toBe("incomplete");
      expect(cycle.reason?.message).not.toBe("");
      expect([...world.entra.values()].every(({ enabled }) => enabled)).toBe(true);
      const { job } = cycles.jobs.get("drupalToEntra") ?? {};
      expect(job?.listing?.cycleId).not.toBe(cycle.id);
      expect(job?.quarantine?.reason.code).toBe(fault === bare ? "drupalRightsMissing" : undefined);
    }
  });

  it("closes the job for a day when we are not let in, until an operator's cycle succeeds", async () => {
    const { cycles, world } = await settledWorld(3);
    cycles.pageFaults.set("drupalToEntra 0", bare);
    await cycles.run({ direction: "drupalToEntra", actor: null });
    cycles.pageFaults.clear();
    world.closed.clear();
    const scheduled = await cycles.start({ direction: "drupalToEntra", actor: null });
    expect(scheduled).toMatchObject({ kind: "notNow", reason: { code: "jobQuarantined" } });
    world.now += 29 * 24 * HOUR_MS;
    const stopped = await cycles.start({ direction: "drupalToEntra", actor: null });
    expect(stopped).toMatchObject({ kind: "notNow", reason: { code: "jobStopped" } });
    await cycles.run({ direction: "drupalToEntra" });
    expect(cycles.jobs.get("drupalToEntra")?.job.quarantine).toBeNull();
  });
});

describe("users who vanish", () => {
  it("are looked at only after two complete listings, and wait for an approval when they are many", async () => {
    const { cycles, world, uuids } = await settledWorld(50);
    remove(cycles, uuids.slice(0, 6));
    const first = await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    expect(first).toMatchObject({ status: "complete", nominated: { users: 0 } });
    const second = await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    expect(second).toMatchObject({
      status: "waiting",
      waitsFor: { kind: "approval", plan: second.plan },
      reason: { code: "thresholdExceeded" },
      tally: { outcomes: { held: 6 }, harm: { disables: 6 } },
    });
    expect([...world.entra.values()].filter(({ enabled }) => !enabled)).toHaveLength(0);

    // One of them is back by then, with an edit.
    world.now += HOUR_MS;
    const back = aDrupalUser({
      uuid: uuids[0] ?? "",
      name: "person0",
      uid: 100,
      attributes: { field_department: "Navy" },
    });
    world.drupal.set(back.uuid, back);
    const refused = await approveCycle(
      { cycleId: second.id, plan: "another", actor: "ada" },
      cycles.ports(),
    );
    expect(refused).toMatchObject({ kind: "otherPlan" });
    await approveCycle({ cycleId: second.id, plan: second.plan, actor: "ada" }, cycles.ports());
    await cycles.settle();
    const done = cycles.cycle(second.id);
    expect(done).toMatchObject({
      status: "complete",
      tally: { outcomes: { written: 5, moved: 1 } },
    });
    expect([...world.entra.values()].filter(({ enabled }) => !enabled)).toHaveLength(5);
    const rows = world.audit.filter(
      ({ cycleId, operation }) => cycleId === second.id && operation === "disable",
    );
    expect(rows).toHaveLength(5);
    expect(rows.every(({ cause, actor }) => cause === "approval" && actor === "ada")).toBe(true);
  });

  it("are disabled without an approval when they are few", async () => {
    const { cycles, world, uuids } = await settledWorld(50);
    remove(cycles, uuids.slice(0, 2));
    await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    const second = await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    expect(second).toMatchObject({
      status: "complete",
      tally: { outcomes: { held: 2, written: 2 } },
    });
    expect([...world.entra.values()].filter(({ enabled }) => !enabled)).toHaveLength(2);
  });

  it("do not keep others waiting: the feed goes on while a plan waits, and a newer plan takes its place", async () => {
    const { cycles, uuids } = await settledWorld(50);
    remove(cycles, uuids.slice(0, 6));
    await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    const waiting = await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    addDrupalUsers(cycles, 1, 900);
    const next = await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    expect(next).toMatchObject({ status: "waiting", tally: { outcomes: { held: 6, written: 1 } } });
    expect(cycles.cycle(waiting.id)).toMatchObject({
      status: "cancelled",
      reason: { code: "superseded" },
    });
  });
});

describe("a dry run", () => {
  it("writes nothing, shows every plan, and is carried out as shown when it is approved", async () => {
    const cycles = new CycleWorld();
    const { world } = cycles;
    const uuids = addDrupalUsers(cycles, 5);
    const shown = await cycles.run({ direction: "drupalToEntra", kind: "initial", isDryRun: true });
    expect(shown).toMatchObject({ status: "complete", tally: { outcomes: { planned: 5 } } });
    expect(writes(cycles)).toBe(0);
    expect(world.links.size).toBe(0);
    expect(cycles.jobs.get("drupalToEntra")?.job.watermark).toBeNull();
    expect(cycles.users(shown.id)[0]).toMatchObject({
      displayName: "person0",
      steps: [{ operation: "create", system: "entra", status: "planned" }],
    });
    world.editDrupal(uuids[1] ?? "", { attributes: { field_department: "Moved" } });
    await approveCycle({ cycleId: shown.id, plan: shown.plan, actor: "ada" }, cycles.ports());
    await cycles.settle();
    expect(cycles.cycle(shown.id)).toMatchObject({
      status: "complete",
      tally: { outcomes: { planned: 5, written: 4, moved: 1 } },
    });
    expect(world.entra.size).toBe(4);
    const again = await approveCycle(
      { cycleId: shown.id, plan: shown.plan, actor: "ada" },
      cycles.ports(),
    );
    expect(again).toMatchObject({ kind: "notWaiting" });
  });
});

describe("an operator", () => {
  it("lets a few users go first, looks, and goes on", async () => {
    const cycles = new CycleWorld();
    addDrupalUsers(cycles, 9);
    const first = await cycles.run({ direction: "drupalToEntra", kind: "initial", canary: 2 });
    expect(first).toMatchObject({ status: "waiting", waitsFor: { kind: "canary" } });
    expect(cycles.world.entra.size).toBe(2);
    expect(await cycles.start({ direction: "drupalToEntra" })).toEqual({
      kind: "active",
      cycleId: first.id,
    });
    await approveCycle({ cycleId: first.id, canary: 3, actor: "ada" }, cycles.ports());
    await cycles.settle();
    expect(cycles.world.entra.size).toBe(5);
    await approveCycle({ cycleId: first.id, actor: "ada" }, cycles.ports());
    await cycles.settle();
    expect(cycles.cycle(first.id)).toMatchObject({
      status: "complete",
      tally: { outcomes: { written: 9 } },
    });
    expect(cycles.world.entra.size).toBe(9);
  });

  it("cancels before the next user, and nothing of the feed is lost by it", async () => {
    const cycles = new CycleWorld();
    addDrupalUsers(cycles, 40);
    const started = await cycles.start({ direction: "drupalToEntra", kind: "initial" });
    if (started.kind !== "started") throw new Error("not started");
    let created = 0;
    cycles.world.onEntraCreate = () => {
      created += 1;
      if (created === 3)
        void cancelCycle({ cycleId: started.cycle.id, actor: "ada" }, cycles.ports());
    };
    await cycles.settle();
    const cycle = cycles.cycle(started.cycle.id);
    expect(cycle).toMatchObject({ status: "cancelled", reason: { code: "cancelled" } });
    expect(cycles.world.entra.size).toBeLessThan(25);
    expect(cycles.jobs.get("drupalToEntra")?.job.watermark).toBeNull();
    const next = await cycles.run({ direction: "drupalToEntra" });
    expect(next).toMatchObject({ kind: "initial", status: "complete" });
    expect(cycles.world.entra.size).toBe(40);
  });

  it("gets one cycle out of two requests at once", async () => {
    const cycles = new CycleWorld();
    addDrupalUsers(cycles, 2);
    const answers = await Promise.all(
      [1, 2, 3].map(() => cycles.start({ direction: "drupalToEntra" })),
    );
    expect(answers.map(({ kind }) => kind).toSorted()).toEqual(["active", "active", "started"]);
    const going = [...cycles.cycles.values()].filter(({ cycle }) => cycle.status !== "cancelled");
    expect(going).toHaveLength(1);
  });
});

describe("a cycle that is about to start", () => {
  const order = { direction: "drupalToEntra", actor: "operator" } as const;
  /** Ports of one who does something else between naming a cycle and keeping it. */
  const pausing = (cycles: CycleWorld, meanwhile: () => Promise<void>) => {
    const ports = { ...cycles.ports(), initialEveryMs: 24 * HOUR_MS };
    const save: typeof ports.cycles.save = async (cycle, version) => {
      await meanwhile();
      return ports.cycles.save(cycle, version);
    };
    return { ...ports, cycles: { ...ports.cycles, save } };
  };

  it("keeps its feed from the moment at which it is named", async () => {
    const cycles = new CycleWorld();
    const answers: string[] = [];
    const ports = pausing(cycles, async () => {
      answers.push((await cycles.start({ direction: "drupalToEntra" })).kind);
    });
    expect((await startCycle(order, ports)).kind).toBe("started");
    expect(answers).toEqual(["active"]);
    expect(cycles.cycles.size).toBe(1);
    expect(cycles.cycleQueue).toHaveLength(1);
  });

  it("does not keep it for long where whoever named it died", async () => {
    const cycles = new CycleWorld();
    const dies = pausing(cycles, () => Promise.reject(new Error("killed")));
    await expect(startCycle(order, dies)).rejects.toThrow("killed");
    expect((await cycles.start({ direction: "drupalToEntra" })).kind).toBe("active");
    cycles.world.now += MINUTE_MS;
    expect((await cycles.start({ direction: "drupalToEntra" })).kind).toBe("started");
  });
});

describe("a cycle whose host dies", () => {
  it("goes on with the message that comes back, also where that is sooner than its host counts as gone", async () => {
    const cycles = new CycleWorld();
    addDrupalUsers(cycles, 5);
    const started = await cycles.start({ direction: "drupalToEntra" });
    if (started.kind !== "started") throw new Error("not started");
    const { id } = started.cycle;
    const { world } = cycles;
    // Taken, and never given back.
    expect(await holdCycle(id, cycles.ports())).not.toBeNull();
    world.now += 5000;
    const diedAt = world.now;
    await cycles.settle();
    expect(cycles.cycle(id)).toMatchObject({ status: "complete" });
    expect(world.entra.size).toBe(5);
    expect(world.now - diedAt).toBeLessThanOrEqual(30_000);
    expect(cycles.cycleQueue).toEqual([]);
  });
});

describe("users who cannot be served now", () => {
  it("are tried again by the cycle itself, and are never on the queue", async () => {
    const cycles = new CycleWorld();
    cycles.usersPerPage = 4;
    addDrupalUsers(cycles, 4);
    let failures = 3;
    cycles.gate = (call, phase) => {
      if (call !== "entra.createUser" || phase !== "before" || failures === 0) return;
      failures -= 1;
      throw new TransientError("503", { system: "entra", code: "entraUnavailable" });
    };
    const cycle = await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    expect(cycle).toMatchObject({ status: "complete", tally: { outcomes: { written: 4 } } });
    expect(cycle.nominated).toEqual({ pages: 2, users: 4 });
    expect(cycles.world.queue).toEqual([]);
  });

  it("leave the cycle incomplete when they never can, and the watermark where it was", async () => {
    const cycles = new CycleWorld();
    addDrupalUsers(cycles, 2);
    cycles.gate = (call, phase) => {
      if (call !== "entra.findUsers" || phase !== "before") return;
      throw new TransientError("503", { system: "entra", code: "entraUnavailable" });
    };
    const cycle = await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    expect(cycle).toMatchObject({
      status: "incomplete",
      reason: { code: "usersDeferred" },
      tally: { outcomes: { deferred: 2 } },
    });
    expect(cycles.jobs.get("drupalToEntra")?.job.watermark).toBeNull();
  });
});

describe("an undo", () => {
  it("plans the reverse of what a cycle wrote, and carries it out as shown once it is approved", async () => {
    const { cycles, world, uuids } = await settledWorld(6);
    for (const uuid of uuids.slice(0, 3)) {
      const changedAt = new Date(world.now).toISOString();
      world.editDrupal(uuid, { changedAt, attributes: { field_department: "Wrong" } });
    }
    const wrong = await cycles.run({ direction: "drupalToEntra", kind: "incremental" });
    world.now += HOUR_MS;
    const started = await undoCycle({ cycleId: wrong.id, actor: "ada" }, cycles.ports());
    if (started?.kind !== "started") throw new Error("not started");
    await cycles.settle();
    const plan = cycles.cycle(started.cycle.id);
    expect(plan).toMatchObject({
      kind: "undo",
      status: "complete",
      tally: { outcomes: { planned: 3 } },
    });
    expect(cycles.users(plan.id)[0]?.steps).toMatchObject([
      { operation: "update", system: "entra", changes: [{ before: "Wrong", after: "R&D" }] },
    ]);
    await approveCycle({ cycleId: plan.id, plan: plan.plan, actor: "ada" }, cycles.ports());
    await cycles.settle();
    expect(cycles.cycle(plan.id)).toMatchObject({
      status: "complete",
      tally: { outcomes: { written: 3 } },
    });
    const departments = [...world.entra.values()].map(({ attributes }) => attributes.department);
    expect(departments).toEqual(Array.from({ length: 6 }, () => "R&D"));
    const next = await cycles.run({ direction: "entraToDrupal", kind: "initial" });
    expect(next).toMatchObject({ status: "complete", tally: { outcomes: { written: 3 } } });
    expect(world.drupal.get(uuids[0] ?? "")?.attributes.field_department).toBe("R&D");
  });
});
