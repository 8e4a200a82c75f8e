// Who loses access, and who gets it back: blocks of ours and of others, scopes, deletes, protection, and first meetings.
import { describe, expect, it } from "vitest";
import { RejectedError } from "../../src/rules/errors.ts";
import type { Attributes } from "../../src/rules/users.ts";
import { provisionUser } from "../../src/sync/provision-user.ts";
import { worldWithLinkedUser } from "../doubles/linked-user.ts";
import { enabledIn, look } from "../doubles/looks.ts";
import { aConfiguration, aDrupalUser, anEntraUser, World } from "../doubles/world.ts";

const GROUP = "aaaaaaaa-0000-4000-8000-000000000001";
const MINUTE = 60_000;
const DAY = 86_400_000;

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
