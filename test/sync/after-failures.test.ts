// What was interrupted, refused, deferred or ordered is finished or told, and nobody is locked out or let in by it.
import { describe, expect, it } from "vitest";
import { RejectedError, TransientError } from "../../src/rules/errors.ts";
import { isAwaited } from "../../src/rules/provision-request.ts";
import { provisionUser } from "../../src/sync/provision-user.ts";
import { unlinkUser } from "../../src/sync/unlink-user.ts";
import { worldWithLinkedUser } from "../doubles/linked-user.ts";
import { drain, look } from "../doubles/looks.ts";
import { aConfiguration, aDrupalUser, anEntraUser, World } from "../doubles/world.ts";

const oslo = { anyOf: [[{ attribute: "city", operator: "equals", value: "Oslo" }]] };

describe("after failures, waits and orders", () => {
  it("an enable that Drupal does not keep is never taken for a block by its own people", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    world.editEntra(objectId, { attributes: { city: "Oslo" } });
    world.configuration = aConfiguration({
      scope: { entraToDrupal: oslo },
      states: { entraToDrupal: { outOfScope: "disable" } },
    });
    await look(world, user.uuid);
    world.editEntra(objectId, { attributes: { city: "Bergen" } });
    await look(world, user.uuid);
    expect(world.drupal.get(user.uuid)?.enabled).toBe(false);
    expect(world.links.get(user.uuid)?.link.blocks.drupal).toBe("ours");
    world.editEntra(objectId, { attributes: { city: "Oslo" } });
    // Five deferrals, whatever for, and then one save that is lost against someone else's.
    const ports = world.worker();
    const losing = { ...ports, drupal: { ...ports.drupal, updateUser: async () => undefined } };
    await provisionUser(world.request(user.uuid, { attempt: 5 }), losing);
    await look(world, user.uuid);
    expect([world.drupal.get(user.uuid)?.enabled, world.entra.get(objectId)?.enabled]).toEqual([
      true,
      true,
    ]);
  });

  it("one failure on the way to a disable does not lose the wake-up for the delete", async () => {
    const { world, user, objectId } = await worldWithLinkedUser(
      aConfiguration({ states: { drupalToEntra: { deleted: "delete", graceDays: 3 } } }),
    );
    world.drupal.delete(user.uuid);
    const ports = world.worker();
    const down = {
      ...ports,
      entra: {
        ...ports.entra,
        updateUser: async () => {
          throw new TransientError("503", {
            system: "entra",
            code: "entraUnavailable",
            isTurnedAway: true,
          });
        },
      },
    };
    await provisionUser(world.request(user.uuid, { event: "deleted" }), down);
    await drain(world);
    await drain(world, 10 * 86_400_000);
    expect(world.entra.has(objectId)).toBe(false);
  });

  it("the looks that follow a return from escrow are not void themselves", async () => {
    const { world, user, objectId } = await worldWithLinkedUser(
      aConfiguration({ states: { drupalToEntra: { deleted: "delete", graceDays: 3 } } }),
    );
    world.editDrupal(user.uuid, { attributes: { field_first_name: "X", field_last_name: "Y" } });
    const ports = world.worker();
    const refusing = {
      ...ports,
      entra: {
        ...ports.entra,
        updateUser: async () => {
          throw new RejectedError("no", { system: "entra", code: "entraRefused" });
        },
      },
    };
    await provisionUser(world.request(user.uuid), refusing);
    expect(world.escrow.size).toBe(1);
    world.drupal.delete(user.uuid);
    await drain(world, 2 * 60 * 60_000);
    await drain(world, 10 * 86_400_000);
    expect(world.entra.has(objectId)).toBe(false);
  });

  it("slow refusals without a name end in escrow, and not in a silent loop", async () => {
    const { world, user } = await worldWithLinkedUser();
    world.editDrupal(user.uuid, {
      attributes: { field_first_name: "X", field_last_name: "Y", field_department: "Z" },
    });
    const make = () => {
      const ports = world.worker();
      return {
        ...ports,
        entra: {
          ...ports.entra,
          updateUser: async () => {
            world.now += 6000;
            throw new RejectedError("no", { system: "entra", code: "entraRefused" });
          },
        },
      };
    };
    await provisionUser(world.request(user.uuid), make());
    let rounds = 0;
    for (; rounds < 500 && world.queue.length > 0 && world.escrow.size === 0; rounds += 1) {
      const next = world.nextRequest();
      if (next) await provisionUser(next, make());
    }
    expect(rounds).toBeLessThan(500);
    expect(world.escrow.size).toBe(1);
    expect(world.audit.at(-1)).toMatchObject({ reason: { code: "entraRefused" } });
  });

  it("an operator who names a pair while a create is open gets no second account", async () => {
    const world = new World();
    const user = aDrupalUser();
    const theirs = anEntraUser({ userPrincipalName: "countess@contoso.example" });
    world.drupal.set(user.uuid, user);
    world.entra.set(theirs.objectId, theirs);
    const ports = world.worker();
    const down = {
      ...ports,
      entra: {
        ...ports.entra,
        createUser: async () => {
          throw new TransientError("504", { system: "entra", code: "entraUnreachable" });
        },
      },
    };
    await provisionUser(world.request(user.uuid), down);
    world.now += 1000;
    await provisionUser(
      world.request(user.uuid, { cause: "onDemand", joins: theirs.objectId }),
      world.worker(),
    );
    expect(world.entra.size).toBe(1);
  });

  it("an order that waited does not join again what an operator took apart since", async () => {
    const world = new World();
    const user = aDrupalUser();
    const theirs = anEntraUser({ userPrincipalName: "countess@contoso.example" });
    world.drupal.set(user.uuid, user);
    world.entra.set(theirs.objectId, theirs);
    const order = { cause: "onDemand" as const, joins: theirs.objectId };
    world.closed.set("drupal", world.now + 10_000);
    const first = await provisionUser(world.request(user.uuid, order), world.worker());
    expect(first.kind).toBe("deferred");
    world.closed.clear();
    await provisionUser(world.request(user.uuid, order), world.worker());
    expect(world.links.get(user.uuid)?.link.entraObjectId).toBe(theirs.objectId);
    world.now += 2000;
    await unlinkUser(user.uuid, "op", world.worker());
    await drain(world);
    expect(world.links.get(user.uuid)?.link.entraObjectId).not.toBe(theirs.objectId);
  });

  it("an account that we made proves nothing about an address that its person typed in", async () => {
    const world = new World();
    world.configuration = aConfiguration({
      directions: { drupalToEntra: true, entraToDrupal: true },
    });
    const mallory = anEntraUser({
      userPrincipalName: "mallory@contoso.example",
      attributes: { mail: "mallory@contoso.example", displayName: "M" },
    });
    const victim = anEntraUser({
      userPrincipalName: "ceo@contoso.example",
      attributes: { mail: "ceo@contoso.example", displayName: "C" },
    });
    world.entra.set(mallory.objectId, mallory);
    world.entra.set(victim.objectId, victim);
    await provisionUser(
      world.request(undefined, { entraObjectId: mallory.objectId }),
      world.worker(),
    );
    await drain(world);
    const [account] = [...world.drupal.values()];
    const uuid = account?.uuid ?? "";
    await unlinkUser(uuid, "op", world.worker());
    world.editDrupal(uuid, { mail: "ceo@contoso.example", isMailProven: false });
    await look(world, uuid);
    expect(world.links.get(uuid)?.link.entraObjectId).not.toBe(victim.objectId);
  });

  it("whoever left the scope long ago keeps their Entra account when the site blocks them", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    await look(world, user.uuid);
    world.configuration = aConfiguration({
      scope: {
        drupalToEntra: {
          anyOf: [[{ attribute: "field_department", operator: "equals", value: "Sales" }]],
        },
      },
    });
    await look(world, user.uuid);
    world.now += 300 * 86_400_000;
    world.editDrupal(user.uuid, { enabled: false });
    await look(world, user.uuid);
    expect(world.entra.get(objectId)?.enabled).toBe(true);
  });

  it("a save that is lost after many tries is tried again in its time", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    world.editEntra(objectId, { enabled: false });
    const ports = world.worker();
    const losing = { ...ports, drupal: { ...ports.drupal, updateUser: async () => undefined } };
    await provisionUser(world.request(user.uuid, { attempt: 5 }), losing);
    await drain(world, 86_400_000);
    expect(world.drupal.get(user.uuid)?.enabled).toBe(false);
  });

  it("a return from escrow that is killed before it asked for another look is not void when it comes again", async () => {
    const world = new World();
    const user = aDrupalUser();
    world.drupal.set(user.uuid, user);
    const refusing = world.worker((call) => {
      if (call === "entra.createUser")
        throw new RejectedError("no", { system: "entra", code: "entraRefused" });
    });
    await provisionUser(world.request(user.uuid), refusing);
    const back = world.nextRequest();
    if (back === null) throw new Error("nothing returns");
    const killed = world.worker((call) => {
      if (call === "queue.send") throw new Error("killed");
    });
    await expect(provisionUser(back, killed)).rejects.toThrow("killed");
    expect(world.entra.size).toBe(1);
    const again = await provisionUser(back, world.worker());
    expect(again.reason.code).toBe("alreadyInSync");
    expect(world.escrow.size).toBe(0);
  });

  it("the look that follows an operator's order is a look of our own, and orders nothing again", async () => {
    const world = new World();
    const user = aDrupalUser({ changedAt: "2026-11-24T08:00:05+00:00" });
    const theirs = anEntraUser({ userPrincipalName: "countess@contoso.example" });
    world.drupal.set(user.uuid, user);
    world.entra.set(theirs.objectId, theirs);
    const changedAtLeast = Date.parse("2026-11-24T08:00:05Z") / 1000;
    const order = { cause: "onDemand", joins: theirs.objectId, changedAtLeast } as const;
    await provisionUser(world.request(user.uuid, order), world.worker());
    expect(world.links.get(user.uuid)?.link.entraObjectId).toBe(theirs.objectId);
    const next = world.nextRequest();
    expect(next).toMatchObject({ drupalUuid: user.uuid, settled: true });
    expect(next?.joins).toBeUndefined();
    if (next === null || next === undefined) throw new Error("no look follows");
    // It keeps its cause for the audit log, and none of the powers that came with it.
    expect([next.cause, isAwaited(next)]).toEqual(["onDemand", false]);
  });
});
