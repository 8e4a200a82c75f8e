// What a look leaves behind so that the next cycle can pass the user over: the prints of both sides, echoes included.
import { describe, expect, it } from "vitest";
import { RejectedError } from "../../src/rules/errors.ts";
import { planPrint } from "../../src/rules/plan.ts";
import { restPrints } from "../../src/rules/rest.ts";
import { provisionUser } from "../../src/sync/provision-user.ts";
import { worldWithLinkedUser } from "../doubles/linked-user.ts";
import {
  aConfiguration,
  aDrupalUser,
  anEntraUser,
  DOMAIN,
  Killed,
  World,
} from "../doubles/world.ts";

const CYCLE = { cause: "cycle", cycleId: "0c000000-0000-4000-8000-000000000001" } as const;
const NOBODY: ReadonlySet<string> = new Set();

/** The prints that feeds would show now. */
function seen(world: World, uuid: string) {
  const prints = restPrints(world.configuration);
  const drupal = world.drupal.get(uuid);
  const entra = world.entra.get(world.links.get(uuid)?.link.entraObjectId ?? "");
  return {
    drupal: drupal === undefined ? null : prints.drupal(drupal),
    entra: entra === undefined ? null : prints.entra(entra, NOBODY),
  };
}
const rest = (world: World, uuid: string) => world.links.get(uuid)?.link.rest;

describe("a user at rest", () => {
  it("is known by both sides as they are after a create, without another look", async () => {
    const world = new World();
    const user = aDrupalUser();
    world.drupal.set(user.uuid, user);
    await provisionUser(world.request(user.uuid, CYCLE), world.worker());
    expect(world.queue).toEqual([]);
    expect(rest(world, user.uuid)).toEqual(seen(world, user.uuid));
    expect(rest(world, user.uuid)?.entra).not.toBeNull();
  });

  it("is known after a match that fills in what one side lacks", async () => {
    const world = new World();
    const user = aDrupalUser();
    world.drupal.set(user.uuid, user);
    const entra = anEntraUser({
      attributes: {
        mail: `ada.lovelace@${DOMAIN}`,
        department: "Sales",
        givenName: null,
        surname: null,
        displayName: "Ada",
      },
    });
    world.entra.set(entra.objectId, entra);
    await provisionUser(world.request(user.uuid, CYCLE), world.worker());
    expect(world.audit.map(({ operation }) => operation)).toEqual(
      ["link", "update", "update"].slice(0, world.audit.length),
    );
    expect(rest(world, user.uuid)).toEqual(seen(world, user.uuid));
  });

  it("is known after a create in Drupal", async () => {
    const world = new World();
    const entra = anEntraUser({
      attributes: {
        mail: `ada@${DOMAIN}`,
        department: "Sales",
        givenName: "Ada",
        surname: "L",
        displayName: "Ada",
      },
    });
    world.entra.set(entra.objectId, entra);
    await provisionUser(
      world.request(undefined, { ...CYCLE, entraObjectId: entra.objectId }),
      world.worker(),
    );
    const uuid = world.holders.get(entra.objectId) ?? "";
    expect(rest(world, uuid)).toEqual(seen(world, uuid));
  });

  it("is known after an update and after a disable", async () => {
    const { world, user } = await worldWithLinkedUser();
    world.now += 3_600_000;
    world.editDrupal(user.uuid, { attributes: { field_department: "Navy" } });
    await provisionUser(world.request(user.uuid, CYCLE), world.worker());
    expect(rest(world, user.uuid)).toEqual(seen(world, user.uuid));
    world.editDrupal(user.uuid, { enabled: false });
    await provisionUser(world.request(user.uuid, CYCLE), world.worker());
    expect(rest(world, user.uuid)).toEqual(seen(world, user.uuid));
    expect(rest(world, user.uuid)?.drupal).not.toBeNull();
  });

  it("is not known while a conflict is open, and is seen when a side moves", async () => {
    const { world, user } = await worldWithLinkedUser(
      aConfiguration({
        attributes: [
          {
            kind: "direct",
            drupal: "field_department",
            entra: "department",
            flow: "both",
            authority: "manual",
          },
        ],
      }),
    );
    const before = rest(world, user.uuid);
    expect(before).toEqual(seen(world, user.uuid));
    world.now += 3_600_000;
    world.editDrupal(user.uuid, { attributes: { field_department: "Here" } });
    world.editEntra(world.links.get(user.uuid)?.link.entraObjectId ?? "", {
      attributes: { department: "There" },
    });
    expect(seen(world, user.uuid).drupal).not.toBe(before?.drupal);
    expect(seen(world, user.uuid).entra).not.toBe(before?.entra);
    await provisionUser(world.request(user.uuid, CYCLE), world.worker());
    expect(rest(world, user.uuid)).toEqual({ drupal: null, entra: null });
  });
});

describe("a user of a cycle that holds what takes something away", () => {
  it("is told with the plan, and not written; the approved plan is carried out as it was shown", async () => {
    const { world, user, entraUser } = await worldWithLinkedUser();
    world.now += 3_600_000;
    world.editDrupal(user.uuid, { enabled: false });
    const held = await provisionUser(
      world.request(user.uuid, { ...CYCLE, holdsHarm: true }),
      world.worker(),
    );
    if (held.kind !== "held") throw new Error(`not held: ${held.kind}`);
    expect(entraUser()?.enabled).toBe(true);
    expect(world.links.get(user.uuid)?.link.lease).toBeNull();
    const expects = planPrint(held.explanation.export.steps);
    await provisionUser(
      world.request(user.uuid, { ...CYCLE, cause: "approval", expects }),
      world.worker(),
    );
    expect(entraUser()?.enabled).toBe(false);
  });

  it("is left out when they moved since the plan was shown", async () => {
    const { world, user, entraUser } = await worldWithLinkedUser();
    world.now += 3_600_000;
    world.editDrupal(user.uuid, { enabled: false });
    const held = await provisionUser(
      world.request(user.uuid, { ...CYCLE, holdsHarm: true }),
      world.worker(),
    );
    if (held.kind !== "held") throw new Error(`not held: ${held.kind}`);
    const expects = planPrint(held.explanation.export.steps);
    world.editDrupal(user.uuid, { attributes: { field_department: "Navy" } });
    const outcome = await provisionUser(
      world.request(user.uuid, { ...CYCLE, expects }),
      world.worker(),
    );
    expect(outcome).toMatchObject({ kind: "done", reason: { code: "movedSincePlan" } });
    expect(entraUser()).toMatchObject({ enabled: true, attributes: { department: "R&D" } });
  });

  it("is not put on the queue when it cannot be served now: the cycle tries again", async () => {
    const { world, user } = await worldWithLinkedUser();
    world.closed.set("entra", world.now + 60_000);
    const outcome = await provisionUser(world.request(user.uuid, CYCLE), world.worker());
    expect(outcome.kind).toBe("deferred");
    expect(world.queue).toEqual([]);
  });
});

describe("a look that follows one of a cycle on the queue", () => {
  const follows = { cause: "cycle", holdsHarm: true } as const;

  it("sets a user aside who would lose something, and the next cycle counts them with its own", async () => {
    const { world, user, entraUser } = await worldWithLinkedUser();
    world.now += 3_600_000;
    world.editDrupal(user.uuid, { enabled: false });
    const outcome = await provisionUser(world.request(user.uuid, follows), world.worker());
    expect(outcome).toMatchObject({
      kind: "done",
      status: "warning",
      reason: { code: "heldForCycle" },
    });
    expect(entraUser()?.enabled).toBe(true);
    const row = world.escrow.get(user.uuid);
    expect(row).toMatchObject({
      reason: { code: "heldForCycle" },
      nextAt: new Date(world.now).toISOString(),
    });

    const held = await provisionUser(
      world.request(user.uuid, { ...CYCLE, holdsHarm: true }),
      world.worker(),
    );
    if (held.kind !== "held") throw new Error(`not held: ${held.kind}`);
    expect(world.escrow.get(user.uuid)?.nextAt).toBe(
      new Date(world.now + 86_400_000).toISOString(),
    );
    const expects = planPrint(held.explanation.export.steps);
    await provisionUser(world.request(user.uuid, { ...CYCLE, expects }), world.worker());
    expect(entraUser()?.enabled).toBe(false);
    expect(world.escrow.size).toBe(0);
  });

  it("comes back from escrow still held: what a cycle refused is not done an hour later", async () => {
    const { world, user } = await worldWithLinkedUser();
    world.now += 3_600_000;
    world.editDrupal(user.uuid, { attributes: { field_department: "Navy" } });
    const refuses = world.worker((call, phase) => {
      if (call !== "drupal.getUser" || phase !== "before") return;
      throw new RejectedError("no", { system: "drupal", code: "drupalUserUnreadable" });
    });
    await provisionUser(world.request(user.uuid, { ...CYCLE, holdsHarm: true }), refuses);
    expect(world.queue.map(({ request }) => request)).toMatchObject([
      { cause: "replay", holdsHarm: true },
    ]);
    expect(world.queue[0]?.request.cycleId).toBeUndefined();
  });

  it("is told of the cycle that announced a write, whoever finds it", async () => {
    const { world, user } = await worldWithLinkedUser();
    world.now += 3_600_000;
    world.editDrupal(user.uuid, { attributes: { field_department: "Navy" } });
    const dies = world.worker((call, phase) => {
      if (call === "entra.updateUser" && phase === "after") throw new Killed(call);
    });
    await expect(provisionUser(world.request(user.uuid, CYCLE), dies)).rejects.toThrow(Killed);
    world.now += 60_000;
    await provisionUser(world.request(user.uuid), world.worker());
    const row = world.audit.find(({ reason }) => reason?.code === "confirmedAfterInterruption");
    expect(row).toMatchObject({ cause: "cycle", cycleId: CYCLE.cycleId });
  });
});
