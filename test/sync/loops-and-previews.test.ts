// Pains 2, 8 and 17 of the field: previews that are not safe, loops, and empty values that never clear.
import { describe, expect, it } from "vitest";
import { explainUser } from "../../src/sync/explain-user.ts";
import { provisionUser } from "../../src/sync/provision-user.ts";
import { settleConflict } from "../../src/sync/settle-conflict.ts";
import { worldWithLinkedUser } from "../doubles/linked-user.ts";
import { aConfiguration, anEntraUser, World } from "../doubles/world.ts";

const MINUTE = 60_000;
const department = (more: object = {}) => ({
  attributes: [
    { kind: "direct", drupal: "field_department", entra: "department", flow: "both", ...more },
  ],
});

describe("pain 2: no preview, or a preview that is not safe", () => {
  it("an explanation writes nothing anywhere, and says what provisioning then does", async () => {
    const world = new World();
    const account = anEntraUser({
      attributes: { mail: "grace@contoso.example", surname: "Hopper" },
    });
    world.entra.set(account.objectId, account);
    const request = world.request(undefined, {
      entraObjectId: account.objectId,
      cause: "onDemand",
    });
    const explained = await explainUser(request, world.worker());
    if (explained.kind !== "explained") throw new Error(explained.kind);
    expect([world.drupal.size, world.links.size, world.holders.size, world.audit.length]).toEqual([
      0, 0, 0, 0,
    ]);
    const done = await provisionUser(request, world.worker());
    if (done.kind !== "done") throw new Error(done.kind);
    const shown = (one: typeof done.explanation) =>
      one?.export.steps.map(({ operation, system, changes }) => [
        operation,
        system,
        changes.filter(({ attribute }) => attribute !== "name"),
      ]);
    expect(shown(done.explanation)).toEqual(shown(explained.explanation));
    expect(world.drupal.get(explained.explanation.drupalUuid)?.attributes.field_last_name).toBe(
      "Hopper",
    );
  });

  it("a preview gets ports without a single way to write to a connected system", async () => {
    const { world, user } = await worldWithLinkedUser();
    world.editDrupal(user.uuid, { attributes: { field_department: "Legal" } });
    const calls: string[] = [];
    await explainUser(
      world.request(user.uuid),
      world.worker((call) => void calls.push(call)),
    );
    expect(
      calls.filter((call) =>
        /create|update|delete|restore|assign|remove|save|claim|append|send/.test(call),
      ),
    ).toEqual([]);
  });
});

describe("pain 8: sync loops", () => {
  it("an echo of our own write costs reads and writes nothing, whichever side it was on", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    world.now += MINUTE;
    world.editEntra(objectId, { attributes: { department: "Navy" } });
    await provisionUser(world.request(user.uuid), world.worker());
    const writes = [world.entraWrites.length, world.drupalWrites.length];
    for (let echo = 0; echo < 5; echo += 1) {
      await provisionUser(world.request(user.uuid), world.worker());
      await provisionUser(world.request(undefined, { entraObjectId: objectId }), world.worker());
    }
    expect([world.entraWrites.length, world.drupalWrites.length]).toEqual(writes);
  });

  it("a program that sets a value back each time is frozen as a conflict that names it, and an operator settles it", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    world.configuration = aConfiguration(department({ flow: "drupalToEntra" }));
    const robot = () => world.editEntra(objectId, { attributes: { department: "Robot's" } });
    // Its first answers could be old reads; after that it is told from lag.
    for (let round = 0; round < 60; round += 1) {
      world.now += 2 * MINUTE;
      robot();
      await provisionUser(world.request(user.uuid, { cause: "notification" }), world.worker());
    }
    const writes = world.entraWrites.filter((write) => write === "update department").length;
    expect(writes).toBe(2);
    const [conflict] = Object.values(world.links.get(user.uuid)?.link.conflicts ?? {});
    expect(conflict).toMatchObject({ code: "pingPong", entra: "department" });
    expect(world.audit.at(-1)).toMatchObject({ status: "warning", reason: { code: "conflict" } });
    const decision = { drupalUuid: user.uuid, attribute: "department", actor: "operator" } as const;
    expect(await settleConflict({ ...decision, take: "drupal" }, world.worker())).toEqual({
      kind: "settled",
    });
    await provisionUser(world.request(user.uuid, { cause: "approval" }), world.worker());
    expect(world.entra.get(objectId)?.attributes.department).toBe("R&D");
    expect(world.links.get(user.uuid)?.link.conflicts).toEqual({});
  });

  it("what is frozen stays so when the site's console asks, and is written when an operator does", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    world.configuration = aConfiguration(department({ flow: "drupalToEntra" }));
    const setBack = () => {
      world.now += 2 * MINUTE;
      world.editEntra(objectId, { attributes: { department: "Robot's" } });
    };
    for (let round = 0; round < 60; round += 1) {
      setBack();
      await provisionUser(world.request(user.uuid, { cause: "notification" }), world.worker());
    }
    const writes = world.entraWrites.length;
    const order = { cause: "onDemand", byPerson: true } as const;
    const asked = { ...order, bySite: true, actor: "drupal:user/17" };
    expect(await provisionUser(world.request(user.uuid, asked), world.worker())).toMatchObject({
      status: "warning",
      reason: { code: "conflict" },
    });
    expect(world.entraWrites).toHaveLength(writes);
    await provisionUser(world.request(user.uuid, order), world.worker());
    expect(world.entra.get(objectId)?.attributes.department).toBe("R&D");
  });

  it("a person who changes their mind back and forth is not taken for a program", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    for (const value of ["Legal", "Sales", "Legal", "Sales", "Legal", "Sales", "Legal"]) {
      world.now += MINUTE;
      world.editDrupal(user.uuid, { attributes: { field_department: value } });
      await provisionUser(world.request(user.uuid, { byPerson: true }), world.worker());
    }
    expect(world.entra.get(objectId)?.attributes.department).toBe("Legal");
  });

  it("a hook of the site that alters what we write ends in one more write to Entra, and then in rest", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    world.onOwnSave = (uuid) => {
      const value = world.drupal.get(uuid)?.attributes.field_department;
      world.editDrupal(uuid, { attributes: { field_department: String(value).toUpperCase() } });
    };
    world.now += MINUTE;
    await provisionUser(world.request(user.uuid), world.worker());
    world.now += MINUTE;
    world.editEntra(objectId, { attributes: { department: "navy" } });
    await provisionUser(world.request(user.uuid), world.worker());
    expect(world.audit.at(-1)).toMatchObject({
      status: "warning",
      reason: { code: "readBackDiffers" },
    });
    for (let request = world.nextRequest(); request !== null; request = world.nextRequest())
      await provisionUser(request, world.worker());
    expect(world.entra.get(objectId)?.attributes.department).toBe("NAVY");
    const writes = world.entraWrites.length + world.drupalWrites.length;
    await provisionUser(world.request(user.uuid), world.worker());
    expect(world.entraWrites.length + world.drupalWrites.length).toBe(writes);
  });
});

describe("pain 17: empty values never clear", () => {
  for (const whenEmpty of ["keep", "clear"] as const) {
    it(`an emptied value is ${whenEmpty === "keep" ? "kept" : "cleared"} on the other side where the row says ${whenEmpty}`, async () => {
      const { world, user, objectId } = await worldWithLinkedUser();
      world.configuration = aConfiguration(department({ whenEmpty }));
      await provisionUser(world.request(user.uuid), world.worker());
      world.now += MINUTE;
      world.editDrupal(user.uuid, { attributes: { field_department: null } });
      await provisionUser(world.request(user.uuid), world.worker());
      expect(world.entra.get(objectId)?.attributes.department).toBe(
        whenEmpty === "keep" ? "R&D" : null,
      );
      // And what was kept does not come back to where a person emptied it.
      await provisionUser(world.request(user.uuid), world.worker());
      expect(world.drupal.get(user.uuid)?.attributes.field_department).toBeNull();
    });
  }

  it("a field that we have lost sight of is never taken for an empty one", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    world.configuration = aConfiguration(department({ whenEmpty: "clear" }));
    const { field_department: _lost, ...others } = user.attributes;
    world.drupal.set(user.uuid, { ...user, attributes: others });
    await provisionUser(world.request(user.uuid), world.worker());
    expect(world.entra.get(objectId)?.attributes.department).toBe("R&D");
  });
});
