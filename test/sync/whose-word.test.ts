// Whose pair, whose word: joining and taking apart, accounts mastered elsewhere, local edits, and what the log tells.
import { describe, expect, it } from "vitest";
import { provisionUser } from "../../src/sync/provision-user.ts";
import { unlinkUser } from "../../src/sync/unlink-user.ts";
import { worldWithLinkedUser } from "../doubles/linked-user.ts";
import { enabledIn, look } from "../doubles/looks.ts";
import { aConfiguration, aDrupalUser, anEntraUser, anId, MARKER, World } from "../doubles/world.ts";

describe("pain 4: duplicates and broken links", () => {
  it("a link holds whatever becomes of name, mail and letter case", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    world.editDrupal(user.uuid, { name: "countess", mail: "ADA@contoso.example" });
    world.editEntra(objectId, { userPrincipalName: "al@contoso.example" });
    await look(world, user.uuid);
    expect(world.entra.size).toBe(1);
    expect(world.links.get(user.uuid)?.link.entraObjectId).toBe(objectId);
  });

  it("whoever registers with someone else's address joins nothing before their first sign-in", async () => {
    const world = new World();
    const ceo = anEntraUser({ attributes: { mail: "ceo@contoso.example", surname: "Chief" } });
    world.entra.set(ceo.objectId, ceo);
    const mallory = aDrupalUser({
      name: "mallory",
      mail: "ceo@contoso.example",
      isMailProven: false,
    });
    world.drupal.set(mallory.uuid, mallory);
    const outcome = await look(world, mallory.uuid);
    expect(outcome).toMatchObject({ status: "warning", reason: { code: "matchUnproven" } });
    expect(world.entraWrites).toEqual([]);
    expect(world.entra.size).toBe(1);
    world.editDrupal(mallory.uuid, { isMailProven: true });
    expect(await look(world, mallory.uuid)).toMatchObject({ operations: ["link", "update"] });
  });

  it("an address that was typed in later proves nothing, and an operator joins what shares no key at all", async () => {
    const world = new World();
    const account = anEntraUser({ userPrincipalName: "byron@contoso.example" });
    world.entra.set(account.objectId, account);
    const user = aDrupalUser({ isMailProven: false });
    world.drupal.set(user.uuid, user);
    const order = { cause: "onDemand", joins: anId() };
    expect(await look(world, user.uuid, order)).toMatchObject({ reason: { code: "joinsNobody" } });
    expect(world.entra.size).toBe(1);
    await look(world, user.uuid, { ...order, joins: account.objectId });
    expect(world.links.get(user.uuid)?.link.entraObjectId).toBe(account.objectId);
    const another = anEntraUser({ userPrincipalName: "other@contoso.example" });
    world.entra.set(another.objectId, another);
    const moved = await look(world, user.uuid, { ...order, joins: another.objectId });
    expect(moved).toMatchObject({ reason: { code: "linkedToAnother" } });
    expect(world.links.get(user.uuid)?.link.entraObjectId).toBe(account.objectId);
  });

  it("accounts that an operator took apart stay apart until an operator joins them, with what was known of them", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    world.editDrupal(user.uuid, { enabled: false });
    await look(world, user.uuid);
    expect(await unlinkUser(user.uuid, "operator", world.worker())).toBe(true);
    world.editDrupal(user.uuid, { enabled: true });
    expect(await look(world, user.uuid)).toMatchObject({ reason: { code: "takenApart" } });
    const order = { cause: "onDemand" };
    expect(await look(world, user.uuid, order)).toMatchObject({ reason: { code: "takenApart" } });
    await look(world, user.uuid, { ...order, joins: objectId });
    expect(world.links.get(user.uuid)?.link).toMatchObject({
      entraObjectId: objectId,
      madeByUs: { entra: true },
    });
    expect(enabledIn(world, user.uuid)).toEqual([true, true]);
  });

  it("an Entra user found by their own keys is joined, although a search of Entra does not show them yet", async () => {
    const world = new World();
    const user = aDrupalUser();
    world.drupal.set(user.uuid, user);
    const account = anEntraUser({ attributes: { mail: "ada.lovelace@contoso.example" } });
    world.entra.set(account.objectId, account);
    const ports = world.worker();
    const blind = { ...ports, entra: { ...ports.entra, findUsers: async () => [] } };
    const request = world.request(undefined, { entraObjectId: account.objectId, cause: "cycle" });
    expect(await provisionUser(request, blind)).toMatchObject({ operations: ["link"] });
    expect(world.entra.size).toBe(1);
  });

  it("a rehired person whose old Entra account is gone is served again once an operator unlinks the old one", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    await look(world, user.uuid);
    world.deleteInEntra(objectId);
    await look(world, user.uuid);
    expect(world.drupal.get(user.uuid)?.enabled).toBe(false);
    const anew = anEntraUser({ attributes: { mail: "ada.lovelace@contoso.example" } });
    world.entra.set(anew.objectId, anew);
    await unlinkUser(user.uuid, "operator", world.worker());
    await look(world, user.uuid);
    expect(world.links.get(user.uuid)?.link.entraObjectId).toBe(anew.objectId);
    expect(enabledIn(world, user.uuid)).toEqual([true, true]);
  });
});

describe("pain 16: privileged or hybrid accounts", () => {
  it("an account that is mastered on-premises is never written, and what it says goes to Drupal all the same", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    await look(world, user.uuid);
    world.editEntra(objectId, { onPremisesSynced: true, attributes: { surname: "Byron" } });
    world.editDrupal(user.uuid, { attributes: { field_department: "Legal" } });
    const before = world.entraWrites.length;
    await look(world, user.uuid);
    expect(world.entraWrites).toHaveLength(before);
    expect(world.drupal.get(user.uuid)?.attributes.field_last_name).toBe("Byron");
    world.editEntra(objectId, { enabled: false });
    await look(world, user.uuid);
    expect(world.drupal.get(user.uuid)?.enabled).toBe(false);
  });
});

describe("pain 9: local edits overwritten with no warning", () => {
  it("a direction that is closed writes nothing, and what would flow in it waits", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    world.configuration = aConfiguration({
      attributes: [
        {
          kind: "direct",
          drupal: "field_department",
          entra: "department",
          flow: "both",
          authority: "entra",
        },
      ],
    });
    await look(world, user.uuid);
    world.editEntra(objectId, { attributes: { department: "New in Entra" } });
    await look(world, user.uuid, { direction: "drupalToEntra", cause: "onDemand" });
    expect(world.entra.get(objectId)?.attributes.department).toBe("New in Entra");
    await look(world, user.uuid);
    expect(world.drupal.get(user.uuid)?.attributes.field_department).toBe("New in Entra");
  });

  it("an edit that takes its user out of scope is not taken back", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    world.configuration = aConfiguration({
      scope: {
        drupalToEntra: {
          anyOf: [[{ attribute: "field_department", operator: "equals", value: "R&D" }]],
        },
      },
      states: { drupalToEntra: { outOfScope: "disable" }, entraToDrupal: { disabled: "nothing" } },
    });
    await look(world, user.uuid);
    world.editDrupal(user.uuid, { attributes: { field_department: "Sales" } });
    await look(world, user.uuid);
    expect(world.drupal.get(user.uuid)?.attributes.field_department).toBe("Sales");
    expect(world.entra.get(objectId)?.enabled).toBe(false);
  });
});

describe("pain 10: status says success, log says nothing", () => {
  it("a value that cannot be written stands in the audit row, with its reason", async () => {
    const { world, user } = await worldWithLinkedUser();
    world.editDrupal(user.uuid, {
      attributes: { field_department: "x".repeat(65), field_last_name: "Byron" },
    });
    await provisionUser(world.request(user.uuid), world.worker());
    const row = world.audit.at(-1);
    expect(row).toMatchObject({ operation: "update", status: "warning" });
    expect(row?.reason).toMatchObject({ code: "attributesRefused" });
    expect(row?.reason?.message).toContain("department");
    await provisionUser(world.request(user.uuid), world.worker());
    expect(world.audit.at(-1)).toMatchObject({
      operation: "none",
      status: "warning",
      reason: { code: "attributesRefused" },
    });
  });

  it("two sides that differ in state are never said to be equal", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    await look(world, user.uuid);
    world.configuration = aConfiguration({ states: { entraToDrupal: { disabled: "nothing" } } });
    world.editEntra(objectId, { enabled: false });
    expect(await look(world, user.uuid)).toMatchObject({ reason: { code: "disabledElsewhere" } });
  });
});

describe("the mark of an account", () => {
  it("is written to the account that is taken over, and stays what its organisation wrote elsewhere", async () => {
    const world = new World();
    const account = anEntraUser({
      attributes: { mail: "ada.lovelace@contoso.example", [MARKER]: "cost centre 7" },
    });
    world.entra.set(account.objectId, account);
    const user = aDrupalUser();
    world.drupal.set(user.uuid, user);
    await look(world, user.uuid);
    expect(world.entra.get(account.objectId)?.attributes[MARKER]).toBe("cost centre 7");
  });
});
