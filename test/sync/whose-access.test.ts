// Who loses access, and who gets it back: blocks of ours and of others, scopes, deletes, protection, and first meetings.
import { describe, expect, it } from "vitest";
import { RejectedError } from "../../src/rules/errors.ts";
import type { Attributes } from "../../src/rules/users.ts";
import { provisionUser } from "../../src/sync/provision-user.ts";
import { unlinkUser } from "../../src/sync/unlink-user.ts";
import { worldWithLinkedUser } from "../doubles/linked-user.ts";
import { aConfiguration, aDrupalUser, anEntraUser, anId, MARKER, World } from "../doubles/world.ts";

const GROUP = "aaaaaaaa-0000-4000-8000-000000000001";
const MINUTE = 60_000;
const DAY = 86_400_000;

/** Looks at the user, and at whatever the look queues for the next hour. */
async function look(world: World, uuid: string, more: object = {}) {
  const outcome = await provisionUser(world.request(uuid, more), world.worker());
  const end = world.now + 60 * MINUTE;
  while (world.queue.some(({ visibleAt }) => visibleAt <= end)) {
    const request = world.nextRequest();
    if (request !== null) await provisionUser(request, world.worker());
  }
  world.now = Math.max(world.now, end);
  return outcome;
}

const enabledIn = (world: World, uuid: string) => {
  const objectId = world.links.get(uuid)?.link.entraObjectId ?? "";
  return [world.drupal.get(uuid)?.enabled, world.entra.get(objectId)?.enabled];
};

describe("pain 5: blocked, deleted, out of scope", () => {
  it("a user who leaves the scope of both directions and comes back is let in on both sides", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    const scope = { entraGroups: [GROUP] };
    world.configuration = aConfiguration({
      scope: { drupalToEntra: scope, entraToDrupal: scope },
      states: {
        drupalToEntra: { outOfScope: "disable" },
        entraToDrupal: { outOfScope: "disable" },
      },
    });
    world.grants.set(objectId, new Set([GROUP]));
    await look(world, user.uuid);
    world.grants.set(objectId, new Set());
    await look(world, user.uuid);
    expect(enabledIn(world, user.uuid)).toEqual([false, false]);
    world.grants.set(objectId, new Set([GROUP]));
    await look(world, user.uuid);
    expect(enabledIn(world, user.uuid)).toEqual([true, true]);
  });

  it("someone whom a scope never served is not disabled by it, nor by a delete on that side", async () => {
    const configuration = aConfiguration({
      scope: {
        entraToDrupal: { anyOf: [[{ attribute: "city", operator: "equals", value: "Oslo" }]] },
      },
      states: { entraToDrupal: { outOfScope: "disable" } },
    });
    const { world, user, objectId } = await worldWithLinkedUser(configuration);
    await look(world, user.uuid);
    expect(enabledIn(world, user.uuid)).toEqual([true, true]);
    world.deleteInEntra(objectId);
    const outcome = await look(world, user.uuid);
    expect(outcome).toMatchObject({ reason: { code: "neverServed" } });
    expect(world.drupal.get(user.uuid)?.enabled).toBe(true);
  });

  it("someone who is disabled and moved out of the scope in one go is blocked, and stays it", async () => {
    const scope = { entraGroups: [GROUP] };
    const configuration = aConfiguration({ scope: { entraToDrupal: scope } });
    const { world, user, objectId } = await worldWithLinkedUser(configuration);
    world.grants.set(objectId, new Set([GROUP]));
    await look(world, user.uuid);
    world.editEntra(objectId, { enabled: false });
    world.grants.set(objectId, new Set());
    await look(world, user.uuid);
    expect(enabledIn(world, user.uuid)).toEqual([false, false]);
    await look(world, user.uuid);
    expect(enabledIn(world, user.uuid)).toEqual([false, false]);
  });

  it("an account that Entra showed as enabled since we enabled it, and shows as disabled now, may be someone's block", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    world.editDrupal(user.uuid, { enabled: false });
    await look(world, user.uuid);
    world.editDrupal(user.uuid, { enabled: true });
    await provisionUser(world.request(user.uuid), world.worker());
    await provisionUser(world.request(user.uuid), world.worker());
    world.editEntra(objectId, { enabled: false });
    world.editDrupal(user.uuid, { enabled: false });
    await look(world, user.uuid);
    world.editDrupal(user.uuid, { enabled: true });
    await look(world, user.uuid);
    expect(world.entra.get(objectId)?.enabled).toBe(false);
  });

  it("a group of the scope that cannot be found puts nobody out of scope, and takes no role", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    const scope = { entraGroups: [GROUP] };
    world.configuration = aConfiguration({
      scope: { drupalToEntra: scope, entraToDrupal: scope },
      states: {
        drupalToEntra: { outOfScope: "disable" },
        entraToDrupal: { outOfScope: "disable" },
      },
      roles: { map: [{ drupal: "editor", entraGroups: [GROUP] }] },
    });
    world.grants.set(objectId, new Set([GROUP]));
    await look(world, user.uuid);
    world.areGrantsKnown = false;
    await look(world, user.uuid);
    expect(enabledIn(world, user.uuid)).toEqual([true, true]);
    expect(world.drupal.get(user.uuid)?.roles).toEqual(["editor"]);
  });

  it("a block of Entra's own people blocks in Drupal, and only their enabling lifts it", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    world.now += DAY;
    world.editEntra(objectId, { enabled: false });
    await look(world, user.uuid);
    expect(enabledIn(world, user.uuid)).toEqual([false, false]);
    world.editDrupal(user.uuid, { enabled: true });
    await look(world, user.uuid);
    expect(enabledIn(world, user.uuid)).toEqual([false, false]);
    world.editEntra(objectId, { enabled: true });
    await look(world, user.uuid);
    expect(enabledIn(world, user.uuid)).toEqual([true, true]);
  });

  it("nobody is disabled at a first meeting: an account that is disabled already waits for an operator", async () => {
    const world = new World();
    const account = anEntraUser({
      enabled: false,
      attributes: { mail: "ada.lovelace@contoso.example" },
    });
    world.entra.set(account.objectId, account);
    const user = aDrupalUser();
    world.drupal.set(user.uuid, user);
    await look(world, user.uuid);
    expect(enabledIn(world, user.uuid)).toEqual([true, false]);
    world.editEntra(account.objectId, { enabled: true });
    await look(world, user.uuid);
    world.editEntra(account.objectId, { enabled: false });
    await look(world, user.uuid);
    expect(enabledIn(world, user.uuid)).toEqual([false, false]);
  });

  it("a delete that was called off is not remembered against the user", async () => {
    const { world, user } = await worldWithLinkedUser();
    const inScope = {
      anyOf: [[{ attribute: "field_department", operator: "equals", value: "R&D" }]],
    };
    world.configuration = aConfiguration({
      scope: { drupalToEntra: inScope },
      states: { drupalToEntra: { outOfScope: "delete", graceDays: 10 } },
    });
    const leave = () => world.editDrupal(user.uuid, { attributes: { field_department: "Legal" } });
    const come = () => world.editDrupal(user.uuid, { attributes: { field_department: "R&D" } });
    leave();
    await provisionUser(world.request(user.uuid), world.worker());
    expect(world.links.get(user.uuid)?.link.deleteDue).not.toBeNull();
    world.now += DAY;
    come();
    await provisionUser(world.request(user.uuid), world.worker());
    world.now += 100 * DAY;
    leave();
    await provisionUser(world.request(user.uuid), world.worker());
    expect(world.deletedEntra.size).toBe(0);
  });

  it("one wake-up waits for a delete, however often the user is looked at", async () => {
    const { world, user } = await worldWithLinkedUser();
    world.configuration = aConfiguration({
      states: { drupalToEntra: { deleted: "delete", graceDays: 10 } },
    });
    world.drupal.delete(user.uuid);
    for (let hour = 0; hour < 24; hour += 1) {
      await provisionUser(world.request(user.uuid), world.worker());
      world.now += 60 * MINUTE;
    }
    expect(world.queue).toHaveLength(1);
    for (let request = world.nextRequest(); request !== null; request = world.nextRequest())
      await provisionUser(request, world.worker());
    expect(world.deletedEntra.size).toBe(1);
  });
});

describe("pain 15: deleting a Drupal user", () => {
  it("only blocks, unless the configuration says delete", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    world.now += DAY;
    await look(world, user.uuid);
    world.deleteInEntra(objectId);
    await look(world, user.uuid);
    expect(world.drupal.get(user.uuid)?.enabled).toBe(false);
    expect(world.drupalWrites).toEqual(["update status"]);
  });

  it("is asked for once, where the site only blocks cancelled accounts, and said to have gone no further", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    world.configuration = aConfiguration({
      states: { entraToDrupal: { deleted: "delete", graceDays: 0 } },
    });
    await look(world, user.uuid);
    world.deleteInEntra(objectId);
    for (let day = 0; day < 3; day += 1) {
      await look(world, user.uuid);
      world.now += DAY;
    }
    expect(world.drupalWrites).toEqual(["cancel"]);
    expect(world.audit.find(({ operation }) => operation === "delete")).toMatchObject({
      status: "warning",
      reason: { code: "blockedInsteadOfDeleted" },
    });
  });
});

describe("pain 1: a failed or partial read is taken as everyone left", () => {
  it("a single 404 of Entra that the bin does not confirm blocks nobody", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    await look(world, user.uuid);
    const account = world.entra.get(objectId);
    world.entra.delete(objectId);
    const outcome = await provisionUser(world.request(user.uuid), world.worker());
    expect(outcome).toMatchObject({ kind: "deferred", reason: { code: "replicationPending" } });
    if (account) world.entra.set(objectId, account);
    await look(world, user.uuid);
    expect(enabledIn(world, user.uuid)).toEqual([true, true]);
  });

  it("a 404 that lasts is believed at last", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    await look(world, user.uuid);
    world.entra.delete(objectId);
    await look(world, user.uuid);
    expect(world.drupal.get(user.uuid)?.enabled).toBe(false);
  });

  it("an account that we restored a moment ago, and that no read shows yet, blocks nobody", async () => {
    const { world, user } = await worldWithLinkedUser();
    const inScope = {
      anyOf: [[{ attribute: "field_department", operator: "equals", value: "R&D" }]],
    };
    world.configuration = aConfiguration({
      scope: { drupalToEntra: inScope },
      states: { drupalToEntra: { outOfScope: "delete", graceDays: 0 } },
    });
    await look(world, user.uuid);
    world.editDrupal(user.uuid, { attributes: { field_department: "Legal" } });
    await look(world, user.uuid);
    expect(world.deletedEntra.size).toBe(1);
    world.editDrupal(user.uuid, { attributes: { field_department: "R&D" } });
    world.replicationMs = 5 * MINUTE;
    await look(world, user.uuid);
    expect(enabledIn(world, user.uuid)).toEqual([true, true]);
  });
});

describe("pain 14: accounts the tool must not touch", () => {
  it("an account with admin roles gets no Drupal account, and so cannot be disabled from there", async () => {
    const world = new World();
    const admin = anEntraUser({ userPrincipalName: "breakglass@contoso.example" });
    world.entra.set(admin.objectId, admin);
    world.privileged.add(admin.objectId);
    const request = world.request(undefined, { entraObjectId: admin.objectId, cause: "onDemand" });
    const outcome = await provisionUser(request, world.worker());
    expect(outcome).toMatchObject({ status: "warning", reason: { code: "privilegedAccount" } });
    expect(world.drupal.size).toBe(0);
  });

  it("someone who became an admin is not disabled from Drupal any more", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    world.privileged.add(objectId);
    world.editDrupal(user.uuid, { enabled: false });
    await look(world, user.uuid);
    expect(world.entra.get(objectId)?.enabled).toBe(true);
  });

  it("an account that was protected when it was deleted keeps its other side", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    world.editDrupal(user.uuid, { roles: ["administrator"] });
    await look(world, user.uuid);
    world.drupal.delete(user.uuid);
    await look(world, user.uuid, { event: "deleted" });
    expect(world.entra.get(objectId)?.enabled).toBe(true);
  });

  it("an Entra account that was protected when it was deleted blocks nobody in Drupal", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    world.configuration = aConfiguration({ protected: { entraObjectIds: [objectId] } });
    await look(world, user.uuid);
    world.deleteInEntra(objectId);
    expect(await look(world, user.uuid)).toMatchObject({ reason: { code: "protectedAccount" } });
    expect(world.drupal.get(user.uuid)?.enabled).toBe(true);
  });

  it("a refusal that names no attribute keeps back only what is refused, and never who is let in again", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    world.editDrupal(user.uuid, { enabled: false });
    await look(world, user.uuid);
    const refused = (values: object) => Object.hasOwn(values, "department");
    const ports = world.worker();
    const picky = {
      ...ports,
      entra: {
        ...ports.entra,
        updateUser: async (id: string, values: Attributes) => {
          if (refused(values))
            throw new RejectedError("no", { system: "entra", code: "entraRefused" });
          await ports.entra.updateUser(id, values);
        },
      },
    };
    world.editDrupal(user.uuid, {
      enabled: true,
      attributes: { field_department: "Legal", field_last_name: "Byron" },
    });
    await provisionUser(world.request(user.uuid), picky);
    expect(world.entra.get(objectId)).toMatchObject({
      enabled: true,
      attributes: { surname: "Byron", department: "R&D" },
    });
    world.editDrupal(user.uuid, { enabled: false });
    await look(world, user.uuid);
    world.editDrupal(user.uuid, { enabled: true, attributes: { field_department: "Sales" } });
    await provisionUser(world.request(user.uuid), picky);
    expect(world.entra.get(objectId)?.enabled).toBe(true);
  });

  it("a refused role does not keep the user out, nor the other roles", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    const other = "aaaaaaaa-0000-4000-8000-000000000002";
    world.configuration = aConfiguration({
      roles: {
        map: [
          { drupal: "gone", entraGroups: [GROUP] },
          { drupal: "editor", entraGroups: [other] },
        ],
      },
    });
    world.grants.set(objectId, new Set([GROUP, other]));
    const refusing = world.worker((call, phase) => {
      const isFirst =
        call === "drupal.assignRole" && phase === "before" && !world.drupalWrites.length;
      if (isFirst && world.escrow.size === 0 && !refused) {
        refused = true;
        throw new RejectedError("no such role", {
          system: "drupal",
          code: "roleUnknown",
          attribute: "roles",
        });
      }
    });
    let refused = false;
    const outcome = await provisionUser(world.request(user.uuid), refusing);
    expect(outcome).toMatchObject({ kind: "done", status: "warning" });
    expect(world.drupal.get(user.uuid)?.roles).toEqual(["editor"]);
  });

  it("roles that the sync gave are taken from those who left the scope, too; roles that a person gave are not", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    world.configuration = aConfiguration({
      scope: { entraToDrupal: { entraGroups: [GROUP] } },
      roles: {
        map: [
          { drupal: "editor", entraGroups: [GROUP] },
          { drupal: "author", entraGroups: [GROUP] },
        ],
      },
    });
    world.editDrupal(user.uuid, { roles: ["author"] });
    world.grants.set(objectId, new Set([GROUP]));
    await look(world, user.uuid);
    expect(world.drupal.get(user.uuid)?.roles).toEqual(["author", "editor"]);
    world.grants.set(objectId, new Set());
    await look(world, user.uuid);
    expect(world.drupal.get(user.uuid)?.roles).toEqual(["author"]);
  });
});

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
