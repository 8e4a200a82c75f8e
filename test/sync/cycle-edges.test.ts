// Cycles at their edges with the host and the storage account, and what a lost right or one sick user does to a feed.
import { describe, expect, it } from "vitest";
import { AccessError, TransientError } from "../../src/rules/errors.ts";
import type { CyclePorts } from "../../src/sync/cycle-ports.ts";
import { runCycle } from "../../src/sync/run-cycle.ts";
import { CycleWorld } from "../doubles/cycle-world.ts";
import { addDrupalUsers } from "../doubles/settled-people.ts";
import { aConfiguration } from "../doubles/world.ts";

const MINUTE_MS = 60_000;
const HOST_RETRY_MS = 10_000; // host.json, extensions.queues.visibilityTimeout
const DEQUEUES = 5;

const GROUP = "66666666-0000-4000-8000-000000000001";

/** Both feeds were read an hour ago, of a site whose editors are the members of a group. */
async function editorsOfAGroup(): Promise<CycleWorld> {
  const cycles = new CycleWorld();
  const roles = { map: [{ drupal: "editor", entraGroups: [GROUP] }] };
  cycles.world.configuration = aConfiguration({ roles });
  addDrupalUsers(cycles, 4);
  await cycles.run({ direction: "drupalToEntra", kind: "initial" });
  await cycles.run({ direction: "entraToDrupal", kind: "initial" });
  cycles.world.now += 60 * MINUTE_MS;
  return cycles;
}

/** Every runner of the world gets these ports instead. */
function replacing(cycles: CycleWorld, changed: (ports: CyclePorts) => Partial<CyclePorts>): void {
  const original = cycles.ports.bind(cycles);
  cycles.ports = (...given) => {
    const ports = original(...given);
    return { ...ports, ...changed(ports) };
  };
}

const storageAway = () =>
  new TransientError("the storage account does not answer", {
    system: "storage",
    code: "storageUnavailable",
  });

/** What the host does with one message: tries it five times, ten seconds apart; answers how often it failed. */
async function delivered(cycles: CycleWorld, cycleId: string): Promise<number> {
  let failures = 0;
  for (let dequeue = 1; dequeue <= DEQUEUES; dequeue += 1) {
    try {
      await runCycle(cycleId, cycles.ports());
      return failures;
    } catch {
      failures += 1;
      cycles.world.now += HOST_RETRY_MS;
    }
  }
  return failures;
}

describe("what the host is told", () => {
  it("an unexpected failure fails each of the five tries, so that the poison queue ends the cycle", async () => {
    const cycles = new CycleWorld();
    addDrupalUsers(cycles, 3);
    const started = await cycles.start({ direction: "drupalToEntra", kind: "initial" });
    if (started.kind !== "started") throw new Error("not started");
    replacing(cycles, (ports) => ({
      listings: {
        ...ports.listings,
        append: () => Promise.reject(new TypeError("a fault of ours")),
      },
    }));
    expect(await delivered(cycles, started.cycle.id)).toBe(DEQUEUES);
  });

  it("a table that is away for a minute ends no cycle: its message goes on", async () => {
    const cycles = new CycleWorld();
    addDrupalUsers(cycles, 3);
    const started = await cycles.start({ direction: "drupalToEntra", kind: "initial" });
    if (started.kind !== "started") throw new Error("not started");
    const until = cycles.world.now + MINUTE_MS;
    cycles.gate = (call) => {
      const isTable = call.startsWith("cycles.") || call.startsWith("jobs.");
      if (isTable && cycles.world.now < until) throw storageAway();
    };
    cycles.cycleQueue = [];
    expect(await delivered(cycles, started.cycle.id)).toBeLessThan(DEQUEUES);
    await cycles.settle();
    expect(cycles.cycle(started.cycle.id).status).toBe("complete");
  });
});

describe("a right to read groups that is lost", () => {
  it("ends an incremental cycle, closes the system and slows the job; nothing goes round for ever", async () => {
    const cycles = await editorsOfAGroup();
    for (const { objectId } of cycles.world.entra.values()) cycles.changedAt.set(objectId, 0);
    const options = { system: "entra", code: "graphPermissionMissing" } as const;
    const refused = new AccessError("grant GroupMember.Read.All", options);
    replacing(cycles, () => ({
      grants: { current: () => Promise.reject(refused), holders: () => Promise.reject(refused) },
    }));
    const cycle = await cycles.run({ direction: "entraToDrupal", kind: "incremental" });
    expect(cycle).toMatchObject({
      status: "incomplete",
      reason: { code: "graphPermissionMissing" },
    });
    expect(cycles.jobs.get("entraToDrupal")?.job.quarantine).not.toBeNull();
  });

  it("is waited for when Graph is only away", async () => {
    const cycles = await editorsOfAGroup();
    let left = 3;
    replacing(cycles, ({ grants }) => ({
      grants: {
        ...grants,
        holders: (configuration) => {
          left -= 1;
          if (left < 0) return grants.holders(configuration);
          const options = { system: "entra", code: "entraUnavailable" } as const;
          return Promise.reject(new TransientError("Graph answered 503", options));
        },
      },
    }));
    const cycle = await cycles.run({ direction: "entraToDrupal", kind: "incremental" });
    expect(cycle.status).toBe("complete");
  });
});

describe("a message that comes twice", () => {
  it("finds the cycle in other hands, leaves it alone and comes back when they could be gone", async () => {
    const cycles = new CycleWorld();
    addDrupalUsers(cycles, 3);
    const started = await cycles.start({ direction: "drupalToEntra", kind: "initial" });
    if (started.kind !== "started") throw new Error("not started");
    const { id } = started.cycle;
    cycles.cycleQueue = [];
    const second: string[] = [];
    let isMet = false;
    const noteSecond = (call: string, at: string) => {
      if (at === "before") second.push(call);
    };
    const meet = async (_call: string, at: string) => {
      if (isMet || at !== "before" || cycles.cycle(id).nominated.users === 0) return;
      isMet = true;
      await runCycle(id, cycles.ports(noteSecond));
    };
    const first = cycles.ports(() => undefined, meet);
    await runCycle(id, first);
    expect(new Set(second)).toEqual(new Set(["cycles.get", "cycleQueue.send"]));
    expect(cycles.cycle(id)).toMatchObject({
      status: "complete",
      tally: { outcomes: { written: 3 } },
    });
    expect(cycles.cycleQueue).toMatchObject([{ cycleId: id }]);
    expect(cycles.cycleQueue[0]?.visibleAt).toBeGreaterThan(cycles.world.now);
  });
});

describe("who is in which group", () => {
  it("is kept once, not again by each incremental cycle that finds nobody moved", async () => {
    const roles = { map: [{ drupal: "editor", entraGroups: [GROUP] }] };
    const cycles = new CycleWorld();
    cycles.world.configuration = aConfiguration({ roles });
    const uuids = addDrupalUsers(cycles, 4);
    await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    const objectIds = uuids.map((uuid) => cycles.world.links.get(uuid)?.link.entraObjectId ?? "");
    cycles.world.grants.set(objectIds[0] ?? "", new Set([GROUP]));
    await cycles.run({ direction: "entraToDrupal", kind: "initial" });
    const kept = cycles.memberships.size;
    for (let run = 0; run < 5; run += 1) {
      cycles.world.now += 5 * MINUTE_MS;
      await cycles.run({ direction: "entraToDrupal", kind: "incremental" });
    }
    expect(cycles.memberships.size).toBe(kept);
    cycles.world.grants.set(objectIds[1] ?? "", new Set([GROUP]));
    const moved = await cycles.run({ direction: "entraToDrupal", kind: "incremental" });
    expect(moved).toMatchObject({ tally: { operations: { assign: 1 } } });
    expect(cycles.memberships.size).toBe(kept + 1);
  });
});

describe("one user whom Graph never answers in the documented shape", () => {
  // Real: `accountEnabled: null` (microsoft-graph-docs#16054), which is "entraAnswerMalformed" at every look.
  const sick = (cycles: CycleWorld, uuid: string) =>
    replacing(cycles, ({ provision }) => ({
      provision: (request) => {
        const reason = { code: "entraAnswerMalformed", message: "not what it documents" };
        return request.drupalUuid === uuid
          ? Promise.resolve({ kind: "deferred", reason, delayMs: 1000 } as const)
          : provision(request);
      },
    }));

  it("does not make every scheduled cycle read everyone again", async () => {
    const cycles = new CycleWorld();
    const [first] = addDrupalUsers(cycles, 7);
    sick(cycles, first ?? "");
    await cycles.run({ direction: "drupalToEntra", actor: null });
    cycles.world.now += 5 * MINUTE_MS;
    const next = await cycles.run({ direction: "drupalToEntra", actor: null });
    expect(next.kind).toBe("incremental");
  });
});

describe("what a target asks for by a Retry-After", () => {
  it("keeps a feed for an hour at most, whatever date it names", async () => {
    const cycles = new CycleWorld();
    addDrupalUsers(cycles, 3);
    const options = { system: "drupal", code: "drupalUnavailable" } as const;
    const retryAfterMs = 30 * 86_400_000;
    cycles.pageFaults.set(
      "drupalToEntra 0",
      new TransientError("Drupal answered 503", { ...options, retryAfterMs }),
    );
    const started = await cycles.start({ direction: "drupalToEntra", kind: "initial" });
    if (started.kind !== "started") throw new Error("not started");
    await runCycle(started.cycle.id, cycles.ports());
    const { waitsFor } = cycles.cycle(started.cycle.id);
    if (waitsFor?.kind !== "time") throw new Error("does not wait");
    expect(Date.parse(waitsFor.until) - cycles.world.now).toBeLessThanOrEqual(60 * MINUTE_MS);
  });

  it("stops a dry run's questions too: a throttled Graph is not asked again for each user", async () => {
    const cycles = new CycleWorld();
    addDrupalUsers(cycles, 400);
    await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    for (const uuid of cycles.world.drupal.keys())
      cycles.world.editDrupal(uuid, {
        changedAt: new Date(cycles.world.now).toISOString(),
        attributes: { field_department: "Navy" },
      });
    let asked = 0;
    cycles.gate = (call, phase) => {
      if (!call.startsWith("entra.") || call === "entra.page" || phase !== "before") return;
      asked += 1;
      const options = { system: "entra", code: "entraThrottled", retryAfterMs: MINUTE_MS } as const;
      throw new TransientError("Graph answered 429", options);
    };
    const order = { direction: "drupalToEntra", kind: "initial", isDryRun: true } as const;
    const started = await cycles.start(order);
    if (started.kind !== "started") throw new Error("not started");
    const before = cycles.world.now;
    await runCycle(started.cycle.id, cycles.ports());
    expect(cycles.world.now - before).toBeLessThan(MINUTE_MS);
    expect(asked).toBeLessThan(40);
  });
});
