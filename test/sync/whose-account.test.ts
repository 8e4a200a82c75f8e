// Whose account, whose block, whose word counts: lagging reads, lost answers, accounts that a key alone must not join.
import { describe, expect, it } from "vitest";
import { RejectedError, TransientError } from "../../src/rules/errors.ts";
import type { Attributes } from "../../src/rules/users.ts";
import { explainUser } from "../../src/sync/explain-user.ts";
import { provisionUser } from "../../src/sync/provision-user.ts";
import { worldWithLinkedUser } from "../doubles/linked-user.ts";
import { settledWorld } from "../doubles/settled-people.ts";
import { aDrupalUser, anEntraUser, MARKER, World } from "../doubles/world.ts";

describe("while Entra replicates", () => {
  it("a block just after an unblock is written, although the read still shows the account disabled", async () => {
    const { world, user, entraUser } = await worldWithLinkedUser();
    world.now += 3_600_000;
    const turn = async (enabled: boolean) => {
      world.editDrupal(user.uuid, { enabled });
      world.now += 1000;
      await provisionUser(world.request(user.uuid), world.worker());
    };
    await turn(false);
    world.now += 3_600_000;
    world.replicationMs = 60_000;
    await turn(true);
    await turn(false);
    expect(entraUser()?.enabled).toBe(false);
    await turn(true);
    expect(entraUser()?.enabled).toBe(true);
    await turn(false);
    expect(entraUser()?.enabled).toBe(false);
  });

  it("an attribute that goes there and back again ends where Drupal has it", async () => {
    const { world, user, entraUser } = await worldWithLinkedUser();
    world.now += 3_600_000;
    world.replicationMs = 60_000;
    for (const field_department of ["Legal", "R&D", "Legal", "R&D"]) {
      world.editDrupal(user.uuid, { attributes: { field_department } });
      world.now += 1000;
      await provisionUser(world.request(user.uuid), world.worker());
      expect(entraUser()?.attributes.department).toBe(field_department);
    }
  });

  it("nothing is written again for a read that lags, and the read is asked once more later", async () => {
    const { world, user } = await worldWithLinkedUser();
    world.now += 3_600_000;
    world.replicationMs = 60_000;
    world.editDrupal(user.uuid, { attributes: { field_department: "Legal" } });
    await provisionUser(world.request(user.uuid), world.worker());
    const writes = world.entraWrites.length;
    const outcome = await provisionUser(world.request(user.uuid), world.worker());
    expect(outcome).toMatchObject({ reason: { code: "replicationPending" } });
    expect(world.entraWrites).toHaveLength(writes);
    expect(world.queue).toHaveLength(1);
    for (let request = world.nextRequest(); request !== null; request = world.nextRequest()) {
      await provisionUser(request, world.worker());
    }
    expect(world.entraWrites).toHaveLength(writes);
  });

  it("nobody is told that both sides are alike before a read has shown it, and then everybody", async () => {
    const { world, user } = await worldWithLinkedUser();
    world.now += 3_600_000;
    world.replicationMs = 60_000;
    world.editDrupal(user.uuid, { attributes: { field_department: "Legal" } });
    await provisionUser(world.request(user.uuid), world.worker());
    const request = world.request(user.uuid, { cause: "onDemand" });
    const explained = () => explainUser(request, world.worker());
    expect(await explained()).toMatchObject({
      reason: { code: "replicationPending", message: expect.stringContaining("department") },
      explanation: { export: { steps: [] } },
    });
    world.now += 61_000;
    expect(await explained()).toMatchObject({ reason: { code: "alreadyInSync" } });
  });

  it("a cycle counts whom it knows to be in sync as such, also where Entra does not show it yet", async () => {
    const { cycles, world, uuids } = await settledWorld(3);
    world.replicationMs = 60_000;
    const [uuid = ""] = uuids;
    world.editDrupal(uuid, { attributes: { field_department: "Legal" } });
    await provisionUser(world.request(uuid), world.worker());
    await provisionUser(world.request(uuid), world.worker());
    for (const isDryRun of [true, false]) {
      const order = { direction: "drupalToEntra", kind: "initial", isDryRun } as const;
      const { id } = await cycles.run(order);
      expect(cycles.users(id)).toMatchObject([
        { drupalUuid: uuid, outcome: "inSync", reason: { code: "replicationPending" } },
      ]);
    }
  });

  it("a disable whose answer was lost, and that the read does not show, is undone for sure when Drupal unblocks", async () => {
    const { world, user, entraUser } = await worldWithLinkedUser();
    world.now += 3_600_000;
    world.replicationMs = 60_000;
    world.editDrupal(user.uuid, { enabled: false });
    const losing = world.worker((call, phase) => {
      if (call === "entra.updateUser" && phase === "after") {
        throw new TransientError("no answer", { system: "entra", code: "entraUnreachable" });
      }
    });
    await provisionUser(world.request(user.uuid), losing);
    expect(entraUser()?.enabled).toBe(false);
    world.editDrupal(user.uuid, { enabled: true });
    await provisionUser(world.request(user.uuid), world.worker());
    expect(entraUser()?.enabled).toBe(true);
  });
});

describe("a block that is not ours", () => {
  it("is not lifted after ours was lifted by an Entra admin", async () => {
    const { world, user, objectId, entraUser } = await worldWithLinkedUser();
    const setEnabled = (enabled: boolean) => {
      const account = world.entra.get(objectId);
      if (account) world.entra.set(objectId, { ...account, enabled });
    };
    world.editDrupal(user.uuid, { enabled: false });
    await provisionUser(world.request(user.uuid), world.worker());
    world.now += 3_600_000;
    setEnabled(true);
    world.editDrupal(user.uuid, { enabled: true });
    await provisionUser(world.request(user.uuid), world.worker());
    world.now += 3_600_000;
    setEnabled(false);
    await provisionUser(world.request(user.uuid), world.worker());
    expect(entraUser()?.enabled).toBe(false);
  });
});

describe("an account that a key alone must not join", () => {
  const withCandidate = (attributes: Attributes = {}) => {
    const world = new World();
    const candidate = anEntraUser({
      attributes: { mail: "ada.lovelace@contoso.example", ...attributes },
    });
    world.entra.set(candidate.objectId, candidate);
    const user = aDrupalUser();
    world.drupal.set(user.uuid, user);
    return { world, user, candidate };
  };

  it("is one with admin roles", async () => {
    const { world, user, candidate } = withCandidate();
    world.privileged.add(candidate.objectId);
    const outcome = await provisionUser(world.request(user.uuid), world.worker());
    expect(outcome).toMatchObject({ status: "warning", reason: { code: "privilegedAccount" } });
    expect(world.entraWrites).toEqual([]);
  });

  it("is one that was made for another Drupal user whose link is not there yet", async () => {
    const other = aDrupalUser({ name: "grace", mail: "grace@contoso.example" });
    const { world, user, candidate } = withCandidate({ [MARKER]: other.uuid });
    world.drupal.set(other.uuid, other);
    const outcome = await provisionUser(world.request(user.uuid), world.worker());
    expect(outcome).toMatchObject({ status: "warning", reason: { code: "markedForAnother" } });
    expect(world.holders.size).toBe(0);
    // A mark of someone who is gone keeps nobody out.
    world.drupal.delete(other.uuid);
    await provisionUser(world.request(user.uuid), world.worker());
    expect(world.links.get(user.uuid)?.link.entraObjectId).toBe(candidate.objectId);
  });

  it("is found by our own marker even when mail and name have changed", async () => {
    const world = new World();
    const user = aDrupalUser();
    world.drupal.set(user.uuid, user);
    const own = anEntraUser({
      userPrincipalName: "countess@contoso.example",
      attributes: { [MARKER]: user.uuid },
    });
    world.entra.set(own.objectId, own);
    await provisionUser(world.request(user.uuid), world.worker());
    expect(world.entra.size).toBe(1);
    expect(world.links.get(user.uuid)?.link.entraObjectId).toBe(own.objectId);
  });

  it("is the holder of the mail as an alias: no second account is made", async () => {
    const world = new World();
    const holder = anEntraUser({ userPrincipalName: "al@contoso.example" });
    world.entra.set(holder.objectId, holder);
    world.aliases.set(holder.objectId, "ada.lovelace@contoso.example");
    const user = aDrupalUser();
    world.drupal.set(user.uuid, user);
    const outcome = await provisionUser(world.request(user.uuid), world.worker());
    expect(outcome).toMatchObject({ status: "failure", reason: { code: "mailTaken" } });
    expect(world.entra.size).toBe(1);
  });
});

describe("a name that was announced", () => {
  it("is tried first after a refusal, although the user has another name by then", async () => {
    const world = new World();
    world.replicationMs = 60_000;
    const user = aDrupalUser();
    world.drupal.set(user.uuid, user);
    const losing = world.worker((call, phase) => {
      if (call === "entra.createUser" && phase === "after") {
        throw new TransientError("no answer", { system: "entra", code: "entraUnreachable" });
      }
    });
    await provisionUser(world.request(user.uuid), losing);
    const refusing = world.worker((call) => {
      if (call === "entra.createUser") {
        throw new RejectedError("no", { system: "entra", code: "insufficientPrivileges" });
      }
    });
    await provisionUser(world.request(user.uuid), refusing);
    world.editDrupal(user.uuid, { name: "ada.byron", attributes: { name: "ada.byron" } });
    for (let request = world.nextRequest(); request !== null; request = world.nextRequest()) {
      await provisionUser(request, world.worker());
    }
    expect(world.entra.size).toBe(1);
  });
});
