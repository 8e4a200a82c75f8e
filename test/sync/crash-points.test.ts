// Every outside call of every story is a place to die: before it, after it, or by a write whose answer is lost.
import { describe, expect, it } from "vitest";
import { drupalUuidFor } from "../../src/rules/drupal-names.ts";
import { TransientError } from "../../src/rules/errors.ts";
import { provisionUser } from "../../src/sync/provision-user.ts";
import {
  aConfiguration,
  aDrupalUser,
  anEntraUser,
  type Gate,
  Killed,
  MARKER,
  World,
} from "../doubles/world.ts";

interface Story {
  readonly world: World;
  readonly uuid: string;
  /** The request names the Entra account. */
  readonly entraObjectId?: string;
  /** The request undoes the cycle. */
  readonly undoes?: string;
}

const GROUP = "aaaaaaaa-0000-4000-8000-000000000001";
const OTHER_GROUP = "aaaaaaaa-0000-4000-8000-000000000002";

const UNDO_ID = "0c000000-0000-4000-8000-000000000002";

const requestOf = ({ world, uuid, entraObjectId, undoes }: Story) => {
  if (undoes !== undefined)
    return world.request(uuid, { undoes, cycleId: UNDO_ID, cause: "cycle" });
  return entraObjectId === undefined
    ? world.request(uuid)
    : world.request(undefined, { entraObjectId, cause: "cycle" });
};

const linked = async (): Promise<Story> => {
  const world = new World();
  const user = aDrupalUser();
  world.drupal.set(user.uuid, user);
  await provisionUser(world.request(user.uuid), world.worker());
  return { world, uuid: user.uuid };
};

const STORIES: Readonly<Record<string, () => Promise<Story>>> = {
  create: async () => {
    const world = new World();
    const user = aDrupalUser();
    world.drupal.set(user.uuid, user);
    return { world, uuid: user.uuid };
  },
  "create beside a namesake": async () => {
    const world = new World();
    const namesake = anEntraUser();
    world.entra.set(namesake.objectId, namesake);
    const user = aDrupalUser({ mail: "ada@elsewhere.example" });
    world.drupal.set(user.uuid, user);
    return { world, uuid: user.uuid };
  },
  "link and update": async () => {
    const world = new World();
    const existing = anEntraUser({ attributes: { mail: "ada.lovelace@contoso.example" } });
    world.entra.set(existing.objectId, existing);
    const user = aDrupalUser();
    world.drupal.set(user.uuid, user);
    return { world, uuid: user.uuid };
  },
  update: async () => {
    const story = await linked();
    story.world.editDrupal(story.uuid, {
      attributes: { field_department: "Legal", field_last_name: "Byron" },
    });
    return story;
  },
  disable: async () => {
    const story = await linked();
    story.world.editDrupal(story.uuid, {
      enabled: false,
      attributes: { field_department: "Legal" },
    });
    return story;
  },
  enable: async () => {
    const story = await linked();
    story.world.editDrupal(story.uuid, { enabled: false });
    await provisionUser(story.world.request(story.uuid), story.world.worker());
    story.world.editDrupal(story.uuid, { enabled: true });
    return story;
  },
  delete: async () => {
    const story = await linked();
    story.world.drupal.delete(story.uuid);
    return story;
  },
  "create in Drupal": async () => {
    const world = new World();
    const account = anEntraUser({
      userPrincipalName: "grace@contoso.example",
      attributes: { givenName: "Grace", department: "Navy", mail: "grace@contoso.example" },
    });
    world.entra.set(account.objectId, account);
    return { world, uuid: drupalUuidFor(account.objectId), entraObjectId: account.objectId };
  },
  "create in Drupal beside a namesake": async () => {
    const world = new World();
    const namesake = aDrupalUser({ name: "grace", mail: "g@elsewhere.example" });
    world.drupal.set(namesake.uuid, namesake);
    const account = anEntraUser({ userPrincipalName: "grace@contoso.example" });
    world.entra.set(account.objectId, account);
    return { world, uuid: drupalUuidFor(account.objectId), entraObjectId: account.objectId };
  },
  "update both ways": async () => {
    const story = await linked();
    const { world, uuid } = story;
    world.now += 3_600_000;
    const objectId = world.links.get(uuid)?.link.entraObjectId ?? "";
    await provisionUser(world.request(uuid), world.worker());
    world.now += 60_000;
    world.editEntra(objectId, { attributes: { department: "Legal", givenName: "Augusta" } });
    world.editDrupal(uuid, {
      attributes: { field_department: "Sales", field_last_name: "Byron" },
    });
    return story;
  },
  "block in Drupal what Entra disabled, and take its roles": async () => {
    const story = await linked();
    const { world, uuid } = story;
    world.configuration = aConfiguration({
      roles: {
        map: [
          { drupal: "editor", entraGroups: [GROUP] },
          { drupal: "author", entraGroups: [OTHER_GROUP] },
        ],
      },
    });
    const objectId = world.links.get(uuid)?.link.entraObjectId ?? "";
    world.grants.set(objectId, new Set([GROUP]));
    await provisionUser(world.request(uuid), world.worker());
    world.grants.set(objectId, new Set([OTHER_GROUP]));
    world.now += 3_600_000;
    return story;
  },
  "delete in Drupal whom Entra deleted": async () => {
    const story = await linked();
    const { world, uuid } = story;
    world.cancelMethod = "delete";
    world.configuration = aConfiguration({
      states: { entraToDrupal: { deleted: "delete", graceDays: 1 } },
    });
    const objectId = world.links.get(uuid)?.link.entraObjectId ?? "";
    world.now += 3_600_000;
    world.deletedEntra.set(objectId, world.entra.get(objectId) ?? anEntraUser());
    world.entra.delete(objectId);
    return story;
  },
  "restore in Entra who is back in scope": async () => {
    const story = await linked();
    const { world, uuid } = story;
    const scope = {
      drupalToEntra: {
        anyOf: [[{ attribute: "field_department", operator: "equals", value: "R&D" }]],
      },
    };
    world.configuration = aConfiguration({
      scope,
      states: { drupalToEntra: { outOfScope: "delete", graceDays: 0 } },
    });
    world.editDrupal(uuid, { attributes: { field_department: "Legal" } });
    await provisionUser(world.request(uuid), world.worker());
    world.now += 3_600_000;
    world.editDrupal(uuid, { attributes: { field_department: "R&D" } });
    return story;
  },
  "undo of a block, of a role and of values on both sides": async () => {
    const story = await linked();
    const { world, uuid } = story;
    const undoes = "0c000000-0000-4000-8000-000000000001";
    world.configuration = aConfiguration({
      roles: { map: [{ drupal: "editor", entraGroups: [GROUP] }] },
    });
    const objectId = world.links.get(uuid)?.link.entraObjectId ?? "";
    world.grants.set(objectId, new Set([GROUP]));
    world.now += 3_600_000;
    await provisionUser(world.request(uuid), world.worker());
    world.grants.set(objectId, new Set());
    world.editEntra(objectId, { attributes: { department: "Legal" } });
    world.editDrupal(uuid, { enabled: false, attributes: { field_last_name: "Byron" } });
    world.now += 3_600_000;
    await provisionUser(world.request(uuid, { cycleId: undoes, cause: "cycle" }), world.worker());
    world.now += 3_600_000;
    world.queue = [];
    return { world, uuid, undoes };
  },
  "undo of a delete": async () => {
    const story = await linked();
    const { world, uuid } = story;
    const undoes = "0c000000-0000-4000-8000-000000000001";
    world.configuration = aConfiguration({
      states: { drupalToEntra: { deleted: "delete", graceDays: 0 } },
    });
    world.drupal.delete(uuid);
    await provisionUser(world.request(uuid, { cycleId: undoes, cause: "cycle" }), world.worker());
    world.now += 3_600_000;
    world.queue = [];
    return { world, uuid, undoes };
  },
  "take over": async () => {
    const story = await linked();
    const { world } = story;
    world.drupal.delete(story.uuid);
    await provisionUser(world.request(story.uuid), world.worker());
    const again = aDrupalUser();
    world.drupal.set(again.uuid, again);
    return { world, uuid: again.uuid };
  },
};

const writes = [
  "entra.createUser",
  "entra.updateUser",
  "entra.deleteUser",
  "entra.restoreUser",
  "drupal.createUser",
  "drupal.updateUser",
  "drupal.assignRole",
  "drupal.removeRole",
  "drupal.deleteUser",
];

async function drain(story: Story): Promise<void> {
  const { world } = story;
  // The host delivers the dead worker's message again; its lease has run out by then.
  world.now += 10 * 60_000;
  await provisionUser(requestOf(story), world.worker());
  for (let request = world.nextRequest(); request !== null; request = world.nextRequest()) {
    await provisionUser(request, world.worker());
  }
}

/** What a person can see at the end: both directories, the link without ids and times, one audit row per change. */
function visible({ world, uuid }: Story) {
  const link = world.links.get(uuid)?.link;
  const account = link?.entraObjectId ? world.entra.get(link.entraObjectId) : undefined;
  const rows = world.audit.filter((row) => row.drupalUuid === uuid && row.operation !== "none");
  return {
    accounts: world.entra.size,
    name: account?.userPrincipalName,
    enabled: account?.enabled,
    attributes: { ...account?.attributes, [MARKER]: account?.attributes[MARKER] === uuid },
    drupal: { ...world.drupal.get(uuid), uuid: null, changedAt: null },
    people: world.drupal.size,
    link: link && {
      ...link,
      linkedAt: null,
      drupalUuid: null,
      entraObjectId: null,
      drupalGoneAt: null,
      base: null,
      known: null,
      flips: null,
      served: null,
      restoredAt: null,
      // What the next cycle is compared with: another look may have been the last one.
      rest: null,
      rested: null,
      deletedByUs: Object.values(link.deletedByUs).map((at) => at !== null),
    },
    base: Object.keys(link?.base ?? {}).sort(),
    holder: link?.entraObjectId && world.holders.get(link.entraObjectId) === uuid,
    operations: rows.map((row) => row.operation),
    escrow: world.escrow.size,
  };
}

async function runTo(story: Story, gate: Gate): Promise<boolean> {
  try {
    await provisionUser(requestOf(story), story.world.worker(gate));
    return false;
  } catch (error) {
    if (error instanceof Killed) return true;
    throw error;
  }
}

const at = (index: number, phase: "before" | "after", act: (call: string) => void): Gate => {
  let calls = 0;
  return (call, when) => {
    if (when === phase && calls++ === index) act(call);
  };
};

describe("a worker that dies anywhere", () => {
  for (const [name, start] of Object.entries(STORIES)) {
    it(`leaves "${name}" to the next one, who ends where an undisturbed run ends`, async () => {
      const undisturbed = await start();
      let calls = 0;
      await runTo(undisturbed, (_call, phase) => {
        if (phase === "before") calls += 1;
      });
      await drain(undisturbed);
      const expected = visible(undisturbed);
      expect(calls).toBeGreaterThan(8);

      for (let index = 0; index < calls; index += 1) {
        for (const phase of ["before", "after"] as const) {
          const story = await start();
          const killed = await runTo(
            story,
            at(index, phase, (call) => {
              throw new Killed(call);
            }),
          );
          if (!killed) continue; // fewer calls return than are made: some answer with a failure
          await drain(story);
          expect(visible(story), `killed ${phase} call ${index}`).toEqual(expected);
        }
      }
    });

    it(`ends "${name}" in the same place when any one call fails`, async () => {
      const undisturbed = await start();
      let calls = 0;
      await runTo(undisturbed, (_call, phase) => {
        if (phase === "before") calls += 1;
      });
      await drain(undisturbed);
      const expected = visible(undisturbed);
      for (let index = 0; index < calls; index += 1) {
        for (const phase of ["before", "after"] as const) {
          const story = await start();
          await runTo(
            story,
            at(index, phase, () => {
              throw new TransientError("away", { system: "storage", code: "storageUnavailable" });
            }),
          ).catch(() => true); // a failure outside the run itself is the host's to repeat
          await drain(story);
          expect(visible(story), `failed ${phase} call ${index}`).toEqual(expected);
        }
      }
    });

    it(`finishes "${name}" when the answer of a write is lost`, async () => {
      const undisturbed = await start();
      await runTo(undisturbed, () => undefined);
      await drain(undisturbed);
      const expected = visible(undisturbed);
      for (let index = 0; index < 4; index += 1) {
        const story = await start();
        let written = 0;
        await runTo(story, (call, phase) => {
          if (phase === "after" && writes.includes(call) && written++ === index) {
            throw new TransientError("no answer in time", {
              system: "entra",
              code: "entraUnreachable",
            });
          }
        });
        await drain(story);
        expect(visible(story), `answer ${index} lost`).toEqual(expected);
      }
    });
  }
});
