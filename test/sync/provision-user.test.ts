// The story of one user, from Drupal to Entra, on an in-memory world.
import { describe, expect, it } from "vitest";
import { AccessError, RejectedError, TransientError } from "../../src/rules/errors.ts";
import { provisionUser } from "../../src/sync/provision-user.ts";
import { worldWithLinkedUser } from "../doubles/linked-user.ts";
import {
  aConfiguration,
  aDrupalUser,
  anEntraUser,
  anId,
  MARKER,
  SERVICE_UUID,
  World,
} from "../doubles/world.ts";

const lastAudit = (world: World) => world.audit.at(-1);

describe("a user who is new in Drupal", () => {
  it("is created in Entra once, enabled, marked with the Drupal UUID, and linked", async () => {
    const { world, user, objectId, entraUser } = await worldWithLinkedUser();
    expect(entraUser()).toMatchObject({
      userPrincipalName: "ada.lovelace@contoso.example",
      enabled: true,
      attributes: { displayName: "Ada Lovelace", department: "R&D", [MARKER]: user.uuid },
    });
    expect(world.links.get(user.uuid)?.link).toMatchObject({
      entraObjectId: objectId,
      madeByUs: { drupal: false, entra: true },
      pending: null,
      lease: null,
    });
    expect(world.audit[0]).toMatchObject({
      operation: "create",
      status: "success",
      entraId: objectId,
    });
  });

  it("is not written again by a second event: the outcome says that both sides are equal", async () => {
    const { world, user } = await worldWithLinkedUser();
    const outcome = await provisionUser(world.request(user.uuid), world.worker());
    expect(outcome).toMatchObject({
      kind: "done",
      status: "skipped",
      reason: { code: "alreadyInSync" },
    });
    expect(world.entraWrites).toHaveLength(1);
  });

  it("gets the next free name when a namesake holds the first", async () => {
    const world = new World();
    const other = anEntraUser({ attributes: { mail: "someone.else@contoso.example" } });
    world.entra.set(other.objectId, other);
    const user = aDrupalUser({ mail: "ada@elsewhere.example" });
    world.drupal.set(user.uuid, user);
    await provisionUser(world.request(user.uuid), world.worker());
    const names = [...world.entra.values()].map((one) => one.userPrincipalName);
    expect(names).toEqual(["ada.lovelace@contoso.example", "ada.lovelace2@contoso.example"]);
  });

  it("is linked to the Entra user with the same mail, in whatever case", async () => {
    const world = new World();
    const existing = anEntraUser({
      userPrincipalName: "al@contoso.example",
      attributes: {
        mail: "ADA.Lovelace@contoso.example",
        displayName: "Old",
        givenName: "Ada",
        surname: "Lovelace",
        department: null,
      },
    });
    world.entra.set(existing.objectId, existing);
    const user = aDrupalUser();
    world.drupal.set(user.uuid, user);
    const outcome = await provisionUser(world.request(user.uuid), world.worker());
    expect(outcome).toMatchObject({ operations: ["link", "update"], status: "success" });
    // The display name of an account that the sync did not make is its organisation's.
    expect(world.entraWrites).toEqual(["update department"]);
    expect(world.links.get(user.uuid)?.link).toMatchObject({
      entraObjectId: existing.objectId,
      madeByUs: { drupal: false, entra: false },
    });
  });

  it("is a conflict, not a write, when two Entra users match", async () => {
    const world = new World();
    for (const name of ["a", "b"]) {
      const twin = anEntraUser({
        userPrincipalName: `${name}@contoso.example`,
        attributes: { mail: "ada.lovelace@contoso.example" },
      });
      world.entra.set(twin.objectId, twin);
    }
    const user = aDrupalUser();
    world.drupal.set(user.uuid, user);
    const outcome = await provisionUser(world.request(user.uuid), world.worker());
    expect(outcome).toMatchObject({ status: "warning", reason: { code: "ambiguousMatch" } });
    expect(world.entraWrites).toEqual([]);
  });

  it("is a conflict when the matching account belongs to another living Drupal user", async () => {
    const { world } = await worldWithLinkedUser();
    const second = aDrupalUser({ name: "ada.two", mail: "ada.lovelace@contoso.example" });
    world.drupal.set(second.uuid, second);
    const outcome = await provisionUser(world.request(second.uuid), world.worker());
    expect(outcome).toMatchObject({ status: "warning", reason: { code: "linkedToAnother" } });
    expect(world.entraWrites).toHaveLength(1);
  });

  it("is left alone while blocked", async () => {
    const world = new World();
    const user = aDrupalUser({ enabled: false });
    world.drupal.set(user.uuid, user);
    const outcome = await provisionUser(world.request(user.uuid), world.worker());
    expect(outcome).toMatchObject({ status: "skipped", reason: { code: "disabledInDrupal" } });
    expect(world.entra.size).toBe(0);
  });
});

describe("a linked user", () => {
  it("is updated with only what differs, and the audit row says before, after and why", async () => {
    const { world, user } = await worldWithLinkedUser();
    world.editDrupal(user.uuid, { attributes: { field_department: "Legal" } });
    await provisionUser(world.request(user.uuid), world.worker());
    expect(world.entraWrites.at(-1)).toBe("update department");
    expect(lastAudit(world)?.changes).toEqual([
      { attribute: "department", before: "R&D", after: "Legal", why: "changedInDrupal" },
    ]);
  });

  it("is disabled when blocked in Drupal and enabled again when unblocked", async () => {
    const { world, user, entraUser } = await worldWithLinkedUser();
    world.editDrupal(user.uuid, { enabled: false });
    await provisionUser(world.request(user.uuid), world.worker());
    expect(entraUser()?.enabled).toBe(false);
    world.editDrupal(user.uuid, { enabled: true });
    await provisionUser(world.request(user.uuid), world.worker());
    expect(entraUser()?.enabled).toBe(true);
    expect(world.audit.map((row) => row.operation)).toEqual([
      "create",
      "none",
      "disable",
      "enable",
    ]);
  });

  it("is not enabled when someone else disabled it", async () => {
    const { world, user, objectId, entraUser } = await worldWithLinkedUser();
    world.configuration = aConfiguration({ directions: { entraToDrupal: false } });
    world.now += 60_000;
    const account = world.entra.get(objectId);
    if (account) world.entra.set(objectId, { ...account, enabled: false });
    const outcome = await provisionUser(world.request(user.uuid), world.worker());
    expect(outcome).toMatchObject({ reason: { code: "disabledElsewhere" } });
    expect(entraUser()?.enabled).toBe(false);
  });

  it("is disabled, not deleted, when deleted in Drupal", async () => {
    const { world, user, entraUser } = await worldWithLinkedUser();
    world.drupal.delete(user.uuid);
    await provisionUser(world.request(user.uuid, { event: "deleted" }), world.worker());
    expect(entraUser()?.enabled).toBe(false);
    expect(lastAudit(world)).toMatchObject({
      operation: "disable",
      reason: { code: "deletedInDrupal" },
    });
  });

  it("is disabled at once and deleted after the grace, where deletes are configured", async () => {
    const { world, user, entraUser } = await worldWithLinkedUser();
    world.configuration = aConfiguration({
      states: { drupalToEntra: { deleted: "delete", graceDays: 10 } },
    });
    world.drupal.delete(user.uuid);
    const deletedAt = world.now;
    await provisionUser(world.request(user.uuid, { event: "deleted" }), world.worker());
    expect(entraUser()?.enabled).toBe(false);
    for (let request = world.nextRequest(); request !== null; request = world.nextRequest()) {
      expect(world.deletedEntra.size).toBe(0);
      await provisionUser(request, world.worker());
    }
    expect(world.deletedEntra.size).toBe(1);
    expect(world.now - deletedAt).toBeGreaterThanOrEqual(10 * 86_400_000);
  });

  it("hands its account to the person's new one in Drupal, disabled, and never touches it again itself", async () => {
    const { world, user, objectId, entraUser } = await worldWithLinkedUser();
    world.configuration = aConfiguration({
      states: { drupalToEntra: { deleted: "delete", graceDays: 1 } },
    });
    world.drupal.delete(user.uuid);
    await provisionUser(world.request(user.uuid, { event: "deleted" }), world.worker());
    const again = aDrupalUser();
    world.drupal.set(again.uuid, again);
    const outcome = await provisionUser(world.request(again.uuid), world.worker());
    expect(outcome).toMatchObject({ operations: ["link", "update"] });
    expect(world.links.get(again.uuid)?.link.entraObjectId).toBe(objectId);
    // Whoever left may still know the password: an operator enables the account.
    expect(entraUser()?.enabled).toBe(false);
    const account = world.entra.get(objectId);
    if (account) world.entra.set(objectId, { ...account, enabled: true });
    await provisionUser(world.request(user.uuid, { event: "deleted" }), world.worker());
    for (let request = world.nextRequest(); request !== null; request = world.nextRequest()) {
      await provisionUser(request, world.worker());
    }
    expect(entraUser()?.enabled).toBe(true);
    expect(world.entra.size).toBe(1);
  });

  it("is not made again when an Entra admin deleted it", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    world.configuration = aConfiguration({ directions: { entraToDrupal: false } });
    world.now += 3_600_000;
    world.deleteInEntra(objectId);
    const outcome = await provisionUser(world.request(user.uuid), world.worker());
    expect(outcome).toMatchObject({ status: "warning", reason: { code: "entraUserDeleted" } });
    expect(world.entra.size).toBe(0);
  });

  it("is waited for when Entra does not show it yet just after the create", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    world.entra.delete(objectId);
    const outcome = await provisionUser(world.request(user.uuid), world.worker());
    expect(outcome).toMatchObject({ kind: "deferred", reason: { code: "replicationPending" } });
  });
});

describe("accounts that are never touched", () => {
  const table = [
    { what: "uid 0", user: { uid: 0 } },
    { what: "uid 1", user: { uid: 1 } },
    { what: "the service account", user: { uuid: SERVICE_UUID } },
    { what: "an administrator", user: { roles: ["editor", "administrator"] } },
  ];
  for (const { what, user } of table) {
    it(`are left alone: ${what}`, async () => {
      const world = new World();
      const drupalUser = aDrupalUser(user);
      world.drupal.set(drupalUser.uuid, drupalUser);
      const outcome = await provisionUser(world.request(drupalUser.uuid), world.worker());
      expect(outcome).toMatchObject({ status: "skipped", reason: { code: "protectedAccount" } });
      expect(world.entraWrites).toEqual([]);
    });
  }

  const accounts = [
    { what: "a guest", account: { userType: "Guest" }, code: "guestAccount" },
    {
      what: "a guest by name",
      account: { userPrincipalName: "ada_x.org#EXT#@contoso.example" },
      code: "guestAccount",
    },
  ];
  for (const { what, account, code } of accounts) {
    it(`are not linked or written: ${what}`, async () => {
      const world = new World();
      const entraUser = anEntraUser({
        ...account,
        attributes: { mail: "ada.lovelace@contoso.example" },
      });
      world.entra.set(entraUser.objectId, entraUser);
      const user = aDrupalUser();
      world.drupal.set(user.uuid, user);
      const outcome = await provisionUser(world.request(user.uuid), world.worker());
      expect(outcome).toMatchObject({ status: "skipped", reason: { code } });
      expect(world.entraWrites).toEqual([]);
      expect(world.holders.size).toBe(0);
    });
  }
});

describe("when something fails", () => {
  it("a transient failure queues the request again, later each time, and holds no lease", async () => {
    const { world, user } = await worldWithLinkedUser();
    const delays: number[] = [];
    const down = world.worker((call) => {
      if (call === "entra.getUser")
        throw new TransientError("down", { system: "entra", code: "entraUnavailable" });
    });
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const outcome = await provisionUser(world.request(user.uuid, { attempt }), down);
      if (outcome.kind === "deferred") delays.push(outcome.delayMs);
    }
    expect(delays).toEqual([750, 1500, 3000, 6000, 12_000, 24_000, 45_000, 45_000]);
    expect(world.queue).toHaveLength(8);
    expect(world.links.get(user.uuid)?.link.lease).toBeNull();
  });

  it("the target's own Retry-After is honoured", async () => {
    const { world, user } = await worldWithLinkedUser();
    const throttled = world.worker((call) => {
      const options = { system: "entra", code: "entraThrottled", retryAfterMs: 30_000 } as const;
      if (call === "entra.getUser") throw new TransientError("429", options);
    });
    const outcome = await provisionUser(world.request(user.uuid), throttled);
    expect(outcome).toMatchObject({ kind: "deferred", delayMs: 30_000 });
  });

  it.each([
    ["entraThrottled", "entra", null, 1000],
    ["entraThrottled", "entra", 30_000, 30_000],
    ["drupalThrottled", "drupal", null, 1000],
    ["drupalUnavailable", "drupal", 30_000, 30_000],
    ["drupalUnavailable", "drupal", null, null],
    ["entraUnavailable", "entra", 30_000, null],
  ] as const)(
    "%s of %s with the wish %s leaves the system alone for all users: %s ms",
    async (...one) => {
      const [code, system, retryAfterMs, pausedMs] = one;
      const { world, user } = await worldWithLinkedUser();
      const failing = world.worker((call) => {
        if (call === `${system}.getUser`)
          throw new TransientError("no", { system, code, retryAfterMs });
      });
      await provisionUser(world.request(user.uuid), failing);
      const until = await failing.quarantine.closedUntil(system);
      expect(until === null ? null : until.getTime() - world.now).toBe(pausedMs);
    },
  );

  it("a user that Entra refuses goes to escrow with a reason, and leaves it with the next success", async () => {
    const { world, user } = await worldWithLinkedUser();
    world.editDrupal(user.uuid, {
      attributes: { field_department: "Legal", field_last_name: "Byron" },
    });
    const refusing = world.worker((call) => {
      if (call === "entra.updateUser")
        throw new RejectedError("no", { system: "entra", code: "entraRefused" });
    });
    const outcome = await provisionUser(world.request(user.uuid), refusing);
    expect(outcome).toMatchObject({ kind: "done", status: "failure" });
    expect(world.escrow.get(user.uuid)?.reason.code).toBe("entraRefused");
    await provisionUser(world.request(user.uuid), world.worker());
    expect(world.escrow.size).toBe(0);
  });

  it("a refused user comes back by itself with growing delays, in one chain however often events come", async () => {
    const { world, user } = await worldWithLinkedUser();
    world.editDrupal(user.uuid, {
      attributes: { field_department: "Legal", field_last_name: "Byron" },
    });
    const refusing = world.worker((call) => {
      if (call === "entra.updateUser") {
        throw new RejectedError("no", { system: "entra", code: "entraRefused" });
      }
    });
    const startedAt = world.now;
    for (let event = 0; event < 3; event += 1) {
      await provisionUser(world.request(user.uuid), refusing);
      world.now += 1000;
    }
    const triedAtHours: number[] = [];
    for (
      let request = world.nextRequest();
      request !== null && triedAtHours.length < 5;
      request = world.nextRequest()
    ) {
      const outcome = await provisionUser(request, refusing);
      if (outcome.reason.code === "entraRefused")
        triedAtHours.push(Math.round((world.now - startedAt) / 3_600_000));
    }
    expect(triedAtHours).toEqual([12, 36, 60, 84, 108]);
    expect(world.queue.length).toBeLessThanOrEqual(1);
  });

  it("one refused attribute does not hold back the others", async () => {
    const { world, user, entraUser } = await worldWithLinkedUser();
    world.editDrupal(user.uuid, {
      mail: "new@contoso.example",
      attributes: { field_department: "Legal", mail: "new@contoso.example" },
    });
    let first = true;
    const picky = world.worker((call, phase) => {
      if (call !== "entra.updateUser" || phase !== "before" || !first) return;
      first = false;
      throw new RejectedError("no", { system: "entra", code: "entraRefused", attribute: "mail" });
    });
    const outcome = await provisionUser(world.request(user.uuid), picky);
    expect(outcome).toMatchObject({ kind: "done", status: "warning" });
    expect(entraUser()?.attributes).toMatchObject({
      department: "Legal",
      mail: "ada.lovelace@contoso.example",
    });
    expect(lastAudit(world)).toMatchObject({
      status: "warning",
      reason: { code: "attributesRefused" },
    });
  });

  it("a system that does not let us in is closed, and asked again only when its time has come", async () => {
    const { world, user } = await worldWithLinkedUser();
    let asked = 0;
    const locked = world.worker((call) => {
      if (call !== "drupal.serviceAccount") return;
      asked += 1;
      throw new AccessError("locked", { system: "drupal", code: "drupalCredentialsRefused" });
    });
    for (let i = 0; i < 20; i += 1) await provisionUser(world.request(user.uuid), locked);
    expect(asked).toBe(1);
    expect(world.queue).toHaveLength(20);
    expect(Math.min(...world.queue.map((one) => one.visibleAt)) - world.now).toBeGreaterThanOrEqual(
      600_000,
    );
  });

  it("an event that arrives before Drupal's commit is looked at again until the change shows", async () => {
    const { world, user } = await worldWithLinkedUser();
    const changedAtLeast = Date.parse("2026-11-24T08:00:05Z") / 1000;
    const outcome = await provisionUser(
      world.request(user.uuid, { event: "updated", changedAtLeast }),
      world.worker(),
    );
    expect(outcome).toMatchObject({ kind: "deferred", reason: { code: "notCommittedYet" } });
    world.editDrupal(user.uuid, {
      changedAt: "2026-11-24T08:00:05+00:00",
      attributes: { field_department: "Legal" },
    });
    const request = world.nextRequest();
    if (request === null) throw new Error("nothing queued");
    await provisionUser(request, world.worker());
    expect(world.entraWrites.at(-1)).toBe("update department");
    // `changed` has a resolution of one second: a second save within it is caught by one more look.
    world.editDrupal(user.uuid, { attributes: { field_department: "Sales" } });
    const settle = world.nextRequest();
    if (settle === null) throw new Error("no second look");
    await provisionUser(settle, world.worker());
    expect([...world.entra.values()][0]?.attributes.department).toBe("Sales");
    expect(world.queue).toEqual([]);
  });

  it("a user of whom Drupal never heard is an outcome, after waiting for a commit", async () => {
    const world = new World();
    await provisionUser(world.request(anId(), { event: "created" }), world.worker());
    for (let request = world.nextRequest(); request !== null; request = world.nextRequest()) {
      await provisionUser(request, world.worker());
    }
    expect(lastAudit(world)).toMatchObject({
      operation: "none",
      status: "skipped",
      reason: { code: "notLinked" },
    });
  });
});
