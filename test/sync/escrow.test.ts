// Escrow: who is refused returns by themselves, whoever was given up on too, and at once when an operator has mended the cause.
import { describe, expect, it } from "vitest";
import { drupalUuidFor } from "../../src/rules/drupal-names.ts";
import { RejectedError, TransientError } from "../../src/rules/errors.ts";
import { provisionUser } from "../../src/sync/provision-user.ts";
import { recordDeadLetter } from "../../src/sync/record-dead-letter.ts";
import { replayEscrow } from "../../src/sync/replay-escrow.ts";
import { worldWithLinkedUser } from "../doubles/linked-user.ts";
import { drain } from "../doubles/looks.ts";
import { aDrupalUser, anEntraUser, Killed, World } from "../doubles/world.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const refusal = () => new RejectedError("no", { system: "entra", code: "entraRefused" });

/** A worker whom Entra refuses every create and update. */
const refused = (world: World) =>
  world.worker((call) => {
    if (call === "entra.createUser" || call === "entra.updateUser") throw refusal();
  });

/** A world with users whom Entra refused. */
async function worldInEscrow(count = 1) {
  const world = new World();
  const users = Array.from({ length: count }, (_, index) => aDrupalUser({ name: `user${index}` }));
  for (const user of users) {
    world.drupal.set(user.uuid, user);
    await provisionUser(world.request(user.uuid), refused(world));
  }
  const [user = aDrupalUser()] = users;
  return { world, user, users };
}

const waitingMs = ({ now, queue }: World) =>
  queue.map(({ visibleAt }) => visibleAt - now).toSorted((a, b) => a - b);

describe("a user in escrow", () => {
  it("has a row that knows when the return is due", async () => {
    const { world, user } = await worldInEscrow();
    expect(world.escrow.get(user.uuid)).toEqual({
      drupalUuid: user.uuid,
      entraObjectId: null,
      system: "entra",
      reason: { code: "entraRefused", message: "no" },
      attempts: 1,
      since: "2026-11-24T08:00:00.000Z",
      at: "2026-11-24T08:00:00.000Z",
      nextAt: "2026-11-24T09:00:00.000Z",
    });
    expect(waitingMs(world)).toEqual([HOUR_MS]);
  });

  it("ends after four weeks, and the row says so", async () => {
    const { world, user } = await worldInEscrow();
    for (let back = world.nextRequest(); back !== null; back = world.nextRequest())
      await provisionUser(back, refused(world));
    const row = world.escrow.get(user.uuid);
    expect(row?.nextAt).toBeNull();
    expect(Date.parse(row?.at ?? "") - Date.parse(row?.since ?? "")).toBeLessThan(29 * DAY_MS);
  });

  it("is named by the Entra id where there is no link yet, and waits once after the link was made", async () => {
    const world = new World();
    // One attribute that is refused keeps nobody waiting; two may be refused for the user's sake.
    const theirs = anEntraUser({ attributes: { department: "Sales", surname: "Byron" } });
    world.entra.set(theirs.objectId, theirs);
    const ofTheirs = { entraObjectId: theirs.objectId };
    const drupalRefuses = world.worker((call) => {
      if (call === "drupal.createUser") throw refusal();
    });
    await provisionUser(world.request(undefined, ofTheirs), drupalRefuses);
    const own = drupalUuidFor(theirs.objectId);
    expect(world.escrow.get(own)).toMatchObject({ drupalUuid: own, ...ofTheirs });

    // An account of the same mail is made in Drupal, and refused as well once the two are joined.
    const user = aDrupalUser();
    world.drupal.set(user.uuid, user);
    const joining = world.worker((call) => {
      if (call === "entra.updateUser" || call === "drupal.updateUser") throw refusal();
    });
    world.now += 1000;
    await provisionUser(
      world.request(user.uuid, { cause: "onDemand", joins: theirs.objectId }),
      joining,
    );
    await provisionUser(world.request(undefined, ofTheirs), joining);
    expect([...world.escrow.keys()]).toEqual([user.uuid]);
    await drain(world, 2 * HOUR_MS);
    expect(world.escrow.size).toBe(0);
  });

  it("comes back although the return found a link and a target that was away", async () => {
    const world = new World();
    const theirs = anEntraUser({ attributes: { department: "Sales" } });
    world.entra.set(theirs.objectId, theirs);
    const drupalRefuses = world.worker((call) => {
      if (call === "drupal.createUser") throw refusal();
    });
    await provisionUser(
      world.request(undefined, { entraObjectId: theirs.objectId }),
      drupalRefuses,
    );
    const user = aDrupalUser();
    world.drupal.set(user.uuid, user);
    await provisionUser(
      world.request(user.uuid, { cause: "onDemand", joins: theirs.objectId }),
      world.worker(),
    );
    expect(world.links.get(user.uuid)?.link.entraObjectId).toBe(theirs.objectId);
    world.editDrupal(user.uuid, { attributes: { field_department: "Legal" } });
    world.now += HOUR_MS;
    const away = world.worker((call) => {
      const options = { system: "entra", code: "entraUnavailable", isTurnedAway: true } as const;
      if (call === "entra.updateUser") throw new TransientError("503", options);
    });
    const back = world.queue.find(({ request }) => request.escrowedAt !== undefined)?.request;
    if (back === undefined) throw new Error("nothing returns");
    expect((await provisionUser(back, away)).kind).toBe("deferred");
    expect(world.escrow.size).toBe(0);
    await drain(world);
    expect(world.entra.get(theirs.objectId)?.attributes.department).toBe("Legal");
  });
});

describe("a replay", () => {
  it("of one user is a look now, by the operator's name, and makes the delayed return void", async () => {
    const { world, user } = await worldInEscrow(2);
    const whom = { drupalUuid: user.uuid };
    expect(await replayEscrow({ whom, actor: "grace" }, world.worker())).toBe(1);
    expect(world.escrow.size).toBe(2);
    await drain(world, 1000);
    expect([...world.escrow.values()].some(({ drupalUuid }) => drupalUuid === user.uuid)).toBe(
      false,
    );
    expect(world.audit.at(-1)).toMatchObject({
      operation: "create",
      status: "success",
      cause: "replay",
      actor: "grace",
    });
    const writes = world.entraWrites.length;
    const late = world.queue.find(({ request }) => request.drupalUuid === user.uuid)?.request;
    if (late === undefined) throw new Error("nothing returns");
    const outcome = await provisionUser(late, world.worker());
    expect([outcome.reason.code, world.entraWrites.length]).toEqual(["escrowMovedOn", writes]);
  });

  it("that comes second to the delayed return is void itself", async () => {
    const { world, user } = await worldInEscrow();
    const back = world.nextRequest();
    await replayEscrow({ whom: {}, actor: "grace" }, world.worker());
    if (back !== null) await provisionUser(back, world.worker());
    const replay = world.queue.find(({ request }) => request.actor === "grace")?.request;
    if (replay === undefined) throw new Error("nothing was queued");
    expect((await provisionUser(replay, world.worker())).reason.code).toBe("escrowMovedOn");
    expect([world.entra.size, world.escrow.has(user.uuid)]).toEqual([1, false]);
  });

  it("that is refused again goes on in one chain, and a second order costs a read", async () => {
    const { world, user } = await worldInEscrow();
    world.now += 1000;
    await replayEscrow({ whom: {}, actor: "grace" }, world.worker());
    await replayEscrow({ whom: {}, actor: "grace" }, world.worker());
    const outcomes: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      const next = world.nextRequest();
      if (next === null) throw new Error("nothing is queued");
      outcomes.push((await provisionUser(next, refused(world))).reason.code);
    }
    expect(outcomes).toEqual(["entraRefused", "escrowMovedOn", "escrowMovedOn"]);
    expect(world.escrow.get(user.uuid)?.attempts).toBe(2);
    expect(world.queue).toHaveLength(1);
  });

  it("of a cause names those who wait for it, and of nobody nobody", async () => {
    const { world, users } = await worldInEscrow(40);
    const [first, ...others] = users;
    const row = world.escrow.get(first?.uuid ?? "");
    if (row === undefined) throw new Error("not in escrow");
    world.escrow.set(row.drupalUuid, { ...row, reason: { code: "valueTaken", message: "taken" } });
    world.queue = [];
    const replay = (whom: object) => replayEscrow({ whom, actor: "grace" }, world.worker());
    expect(await replay({ code: "entraRefused", system: "drupal" })).toBe(0);
    expect(await replay({ drupalUuid: crypto.randomUUID() })).toBe(0);
    expect(await replay({ code: "entraRefused" })).toBe(39);
    expect(new Set(world.queue.map(({ request }) => request.drupalUuid))).toEqual(
      new Set(others.map(({ uuid }) => uuid)),
    );
    expect(await replay({})).toBe(40);
  });

  it("that dies half-way loses nobody", async () => {
    const { world, users } = await worldInEscrow(30);
    let sends = 0;
    const dying = world.worker((call, phase) => {
      if (call === "queue.send" && phase === "after" && ++sends === 7) throw new Killed(call);
    });
    await expect(replayEscrow({ whom: {}, actor: "grace" }, dying)).rejects.toThrow(Killed);
    expect(world.escrow.size).toBe(30);
    await drain(world, 2 * HOUR_MS);
    expect([world.escrow.size, world.entra.size]).toEqual([0, users.length]);
  });

  it("of an Entra user without link looks at the Entra user", async () => {
    const world = new World();
    const theirs = anEntraUser();
    world.entra.set(theirs.objectId, theirs);
    const drupalRefuses = world.worker((call) => {
      if (call === "drupal.createUser") throw refusal();
    });
    await provisionUser(
      world.request(undefined, { entraObjectId: theirs.objectId }),
      drupalRefuses,
    );
    const whom = { drupalUuid: drupalUuidFor(theirs.objectId) };
    expect(await replayEscrow({ whom, actor: "grace" }, world.worker())).toBe(1);
    await drain(world, 1000);
    expect([world.drupal.size, world.escrow.size]).toEqual([1, 0]);
  });
});

describe("a message that the host gave up on", () => {
  const anOrder = { actor: "grace", direction: "drupalToEntra" } as const;

  it("returns by itself with growing delays, as it was asked", async () => {
    const { world, user } = await worldWithLinkedUser();
    world.editDrupal(user.uuid, { attributes: { field_department: "Legal" } });
    const delays: number[] = [];
    let request = world.request(user.uuid, anOrder);
    for (let count = 0; count < 5; count += 1) {
      await recordDeadLetter(request, world.worker());
      delays.push(...waitingMs(world));
      const next = world.nextRequest();
      if (next === null) throw new Error("nothing returns");
      request = next;
    }
    expect(delays.map((ms) => ms / HOUR_MS)).toEqual([1, 6, 12, 24, 24]);
    expect(request).toMatchObject({ cause: "replay", attempt: 0, ...anOrder });
    expect(world.escrow.get(user.uuid)).toMatchObject({
      system: "storage",
      reason: { code: "unexpectedFailure" },
      attempts: 5,
    });
    await provisionUser(request, world.worker());
    expect([world.escrow.size, world.entraWrites.at(-1)]).toEqual([0, "update department"]);
  });

  it("is told, and no more, when its row has moved on", async () => {
    const { world, user } = await worldInEscrow();
    const back = world.nextRequest();
    if (back === null) throw new Error("nothing returns");
    world.now += 1000;
    await provisionUser(world.request(user.uuid), refused(world));
    const row = world.escrow.get(user.uuid);
    const queued = world.queue.length;
    await recordDeadLetter(back, world.worker());
    expect([world.escrow.get(user.uuid), world.queue.length]).toEqual([row, queued]);
    expect(world.audit.at(-1)).toMatchObject({ reason: { code: "unexpectedFailure" } });
  });

  it("is late where a cycle sees it, when the process dies before the return is queued", async () => {
    const { world, user } = await worldWithLinkedUser();
    const dying = world.worker((call, phase) => {
      if (call === "queue.send" && phase === "before") throw new Killed(call);
    });
    const given = recordDeadLetter(world.request(user.uuid), dying);
    await expect(given).rejects.toThrow(Killed);
    const { nextAt } = world.escrow.get(user.uuid) ?? {};
    expect([Date.parse(nextAt ?? "") - world.now, world.queue]).toEqual([HOUR_MS, []]);
  });

  it("that is none of ours is told, and nobody waits for it", async () => {
    const world = new World();
    await recordDeadLetter(null, world.worker());
    expect(world.audit).toMatchObject([{ reason: { code: "unreadableMessage" } }]);
    expect([world.escrow.size, world.queue]).toEqual([0, []]);
  });
});
