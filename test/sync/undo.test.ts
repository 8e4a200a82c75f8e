// Undoing what a cycle wrote of a user, from the audit log alone: what comes back, what is left and why, and what follows.
import { describe, expect, it } from "vitest";
import { RejectedError, TransientError } from "../../src/rules/errors.ts";
import { planPrint } from "../../src/rules/plan.ts";
import { explainUser } from "../../src/sync/explain-user.ts";
import { provisionUser } from "../../src/sync/provision-user.ts";
import { worldWithLinkedUser } from "../doubles/linked-user.ts";
import { drain, enabledIn, look } from "../doubles/looks.ts";
import {
  aConfiguration,
  aDrupalUser,
  anEntraUser,
  type Gate,
  Killed,
  MARKER,
  World,
} from "../doubles/world.ts";

const CYCLE_ID = "0c000000-0000-4000-8000-000000000001";
const UNDO_ID = "0c000000-0000-4000-8000-000000000002";
const REDO_ID = "0c000000-0000-4000-8000-000000000003";
const CYCLE = { cause: "cycle", cycleId: CYCLE_ID } as const;
const UNDO = { cause: "cycle", cycleId: UNDO_ID, undoes: CYCLE_ID } as const;
const HOUR = 3_600_000;
const GROUP = "aaaaaaaa-0000-4000-8000-000000000001";

/** A row that flows both ways, and one that does not. */
const ROWS = [
  { kind: "direct", drupal: "field_department", entra: "department", flow: "both" },
  { kind: "direct", drupal: "field_last_name", entra: "surname", flow: "drupalToEntra" },
];

/** Someone who has been linked for a while, seen by both sides. */
async function settled(configuration: object = { attributes: ROWS }) {
  const linked = await worldWithLinkedUser(aConfiguration(configuration));
  const { world, user } = linked;
  world.now += HOUR;
  await look(world, user.uuid);
  return linked;
}

/** What the undo shows, as a dry run does. */
async function shown(world: World, uuid: string, undo: object = UNDO) {
  const explained = await explainUser(world.request(uuid, undo), world.worker());
  if (explained.kind !== "explained") throw new Error(explained.reason.code);
  const { export: written, processing } = explained.explanation;
  return { reason: explained.reason, steps: written.steps, failures: processing.failures };
}

/** Shows the undo and carries it out as it was approved. */
async function undo(world: World, uuid: string, order: object = UNDO) {
  const plan = await shown(world, uuid, order);
  const approved = { ...order, cause: "approval" as const, expects: planPrint(plan.steps) };
  const outcome = await provisionUser(world.request(uuid, approved), world.worker());
  return { ...plan, outcome };
}

/** The code of each attribute that is left. */
const codes = ({ failures }: { failures: readonly { attribute: string; code: string }[] }) =>
  Object.fromEntries(failures.map(({ attribute, code }) => [attribute, code]));

describe("values", () => {
  it("come back on both sides, as the plan was shown, and the log says what happened", async () => {
    const { world, user, objectId, entraUser } = await settled();
    world.editDrupal(user.uuid, { attributes: { field_last_name: "Byron" } });
    world.editEntra(objectId, { attributes: { department: "Navy" } });
    await provisionUser(world.request(user.uuid, CYCLE), world.worker());
    expect(world.drupal.get(user.uuid)?.attributes.field_department).toBe("Navy");
    expect(entraUser()?.attributes.surname).toBe("Byron");
    world.now += HOUR;

    const { outcome, steps } = await undo(world, user.uuid);
    expect(outcome).toMatchObject({
      kind: "done",
      status: "success",
      operations: ["update", "update"],
    });
    expect(steps.map(({ system }) => system)).toEqual(["drupal", "entra"]);
    expect(world.drupal.get(user.uuid)?.attributes.field_department).toBe("R&D");
    expect(entraUser()?.attributes.surname).toBe("Lovelace");
    const rows = world.audit.filter(({ cycleId }) => cycleId === UNDO_ID);
    expect(rows).toMatchObject([
      {
        operation: "update",
        system: "drupal",
        status: "success",
        changes: [
          { attribute: "field_department", before: "Navy", after: "R&D", why: "undoneWrite" },
        ],
      },
      {
        operation: "update",
        system: "entra",
        changes: [
          { attribute: "surname", before: "Byron", after: "Lovelace", why: "willFlowAgain" },
        ],
      },
    ]);
  });

  it("of a row that flows both ways go on to the other side, and stay", async () => {
    const { world, user, objectId, entraUser } = await settled();
    world.editEntra(objectId, { attributes: { department: "Navy" } });
    await provisionUser(world.request(user.uuid, CYCLE), world.worker());
    world.now += HOUR;
    const { reason } = await undo(world, user.uuid);
    expect(reason.code).toBe("undoneWrite");
    expect(entraUser()?.attributes.department).toBe("Navy");
    expect(world.links.get(user.uuid)?.link.rest).toEqual({ drupal: null, entra: null });
    expect(world.queue).toEqual([]);
    await look(world, user.uuid);
    expect(entraUser()?.attributes.department).toBe("R&D");
    expect(world.drupal.get(user.uuid)?.attributes.field_department).toBe("R&D");
  });

  it("of a row that flows one way are set back with a warning, and written again by the next look", async () => {
    const { world, user, entraUser } = await settled();
    world.editDrupal(user.uuid, { attributes: { field_last_name: "Byron" } });
    await provisionUser(world.request(user.uuid, CYCLE), world.worker());
    world.now += HOUR;
    const { reason, outcome } = await undo(world, user.uuid);
    expect(reason.code).toBe("willFlowAgain");
    expect(reason.message).toContain("surname");
    expect(outcome).toMatchObject({ kind: "done", status: "success" });
    expect(entraUser()?.attributes.surname).toBe("Lovelace");
    expect(world.queue).toEqual([]);
    await look(world, user.uuid);
    expect(entraUser()?.attributes.surname).toBe("Byron");
  });

  it("stay undone once the direction was stopped that wrote them", async () => {
    const { world, user, entraUser } = await settled();
    world.editDrupal(user.uuid, { attributes: { field_last_name: "Byron" } });
    await provisionUser(world.request(user.uuid, CYCLE), world.worker());
    world.now += HOUR;
    world.configuration = aConfiguration({
      attributes: ROWS,
      directions: { drupalToEntra: false },
    });
    const { reason } = await undo(world, user.uuid);
    expect(reason.code).toBe("undoneWrite");
    await look(world, user.uuid);
    expect(entraUser()?.attributes.surname).toBe("Lovelace");
  });

  it("that someone edited since are left, with the reason, beside those that come back", async () => {
    const { world, user, objectId, entraUser } = await settled();
    world.editDrupal(user.uuid, {
      attributes: { field_last_name: "Byron", field_department: "Navy" },
    });
    await provisionUser(world.request(user.uuid, CYCLE), world.worker());
    world.now += HOUR;
    world.editEntra(objectId, { attributes: { department: "Legal" } });
    const undone = await undo(world, user.uuid);
    expect(codes(undone)).toEqual({ department: "changedSince" });
    expect(undone.outcome).toMatchObject({ status: "warning", operations: ["update"] });
    expect(entraUser()?.attributes).toMatchObject({ surname: "Lovelace", department: "Legal" });
  });

  it("that moved after the plan was shown are not written", async () => {
    const { world, user, objectId, entraUser } = await settled();
    world.editDrupal(user.uuid, {
      attributes: { field_last_name: "Byron", field_department: "Navy" },
    });
    await provisionUser(world.request(user.uuid, CYCLE), world.worker());
    world.now += HOUR;
    const expects = planPrint((await shown(world, user.uuid)).steps);
    world.editEntra(objectId, { attributes: { department: "Legal" } });
    const outcome = await provisionUser(
      world.request(user.uuid, { ...UNDO, expects }),
      world.worker(),
    );
    expect(outcome).toMatchObject({ kind: "done", reason: { code: "movedSincePlan" } });
    expect(entraUser()?.attributes).toMatchObject({ surname: "Byron", department: "Legal" });
  });

  it("are compared with what is known where a read of Entra lags", async () => {
    const { world, user, objectId } = await settled();
    world.editDrupal(user.uuid, { attributes: { field_department: "Navy" } });
    await provisionUser(world.request(user.uuid, CYCLE), world.worker());
    world.replicationMs = 5 * 60_000;
    world.now += 60_000;
    const { outcome } = await undo(world, user.uuid);
    expect(outcome).toMatchObject({ kind: "done", operations: ["update"] });
    expect(world.entra.get(objectId)?.attributes.department).toBe("R&D");
  });

  for (const auditValues of ["hash", "none"] as const)
    it(`cannot be set back where the log keeps them as ${auditValues}; a block can`, async () => {
      const { world, user } = await settled();
      world.auditValues = auditValues;
      world.editDrupal(user.uuid, { enabled: false, attributes: { field_last_name: "Byron" } });
      await provisionUser(world.request(user.uuid, CYCLE), world.worker());
      world.now += HOUR;
      const undone = await undo(world, user.uuid);
      expect(codes(undone)).toEqual({ surname: "valueNotKept" });
      expect(undone.steps.map(({ operation }) => operation)).toEqual(["enable"]);
      expect(enabledIn(world, user.uuid)).toEqual([false, true]);
    });
});

describe("access", () => {
  it("comes back for whom we disabled; the warning says that the block still stands on the other side", async () => {
    const { world, user } = await settled();
    world.editDrupal(user.uuid, { enabled: false });
    await provisionUser(world.request(user.uuid, CYCLE), world.worker());
    expect(enabledIn(world, user.uuid)).toEqual([false, false]);
    world.now += HOUR;
    const { reason } = await undo(world, user.uuid);
    expect(reason.code).toBe("willFlowAgain");
    expect(enabledIn(world, user.uuid)).toEqual([false, true]);
    await look(world, user.uuid);
    expect(enabledIn(world, user.uuid)).toEqual([false, false]);
  });

  it("lasts once the configuration asks for no block", async () => {
    const { world, user } = await settled();
    world.editDrupal(user.uuid, { enabled: false });
    await provisionUser(world.request(user.uuid, CYCLE), world.worker());
    world.now += HOUR;
    world.configuration = aConfiguration({
      attributes: ROWS,
      states: { drupalToEntra: { disabled: "nothing" }, entraToDrupal: { disabled: "nothing" } },
    });
    const { reason } = await undo(world, user.uuid);
    expect(reason.code).toBe("undoneWrite");
    await look(world, user.uuid);
    expect(enabledIn(world, user.uuid)).toEqual([false, true]);
  });

  it("is not given to whom others disabled since", async () => {
    const { world, user, objectId } = await settled();
    world.editDrupal(user.uuid, { enabled: false });
    await provisionUser(world.request(user.uuid, CYCLE), world.worker());
    world.now += HOUR;
    world.editEntra(objectId, { enabled: true });
    world.editDrupal(user.uuid, { enabled: true });
    await look(world, user.uuid);
    world.editEntra(objectId, { enabled: false });
    const undone = await undo(world, user.uuid);
    expect(undone).toMatchObject({ steps: [], reason: { code: "cannotBeUndone" } });
    expect(codes(undone)).toEqual({ accountEnabled: "blockNotOurs" });
  });

  it("is not touched for an account that holds admin roles by now", async () => {
    const { world, user, objectId } = await settled();
    world.editDrupal(user.uuid, { enabled: false });
    await provisionUser(world.request(user.uuid, CYCLE), world.worker());
    world.now += HOUR;
    world.privileged.add(objectId);
    const undone = await undo(world, user.uuid);
    expect(undone).toMatchObject({ steps: [], reason: { code: "privilegedAccount" } });
    expect(enabledIn(world, user.uuid)).toEqual([false, false]);
  });

  it("is harm when it is taken away again, and held as any harm is", async () => {
    const { world, user } = await settled();
    world.editDrupal(user.uuid, { enabled: false });
    await look(world, user.uuid);
    world.editDrupal(user.uuid, { enabled: true });
    await provisionUser(world.request(user.uuid, CYCLE), world.worker());
    expect(enabledIn(world, user.uuid)).toEqual([true, true]);
    world.now += HOUR;
    const held = await provisionUser(
      world.request(user.uuid, { ...UNDO, holdsHarm: true }),
      world.worker(),
    );
    expect(held.kind).toBe("held");
    const { reason } = await undo(world, user.uuid);
    expect(reason.code).toBe("willFlowAgain");
    expect(enabledIn(world, user.uuid)).toEqual([true, false]);
    await look(world, user.uuid);
    expect(enabledIn(world, user.uuid)).toEqual([true, true]);
  });
});

describe("accounts", () => {
  const deleting = {
    attributes: ROWS,
    states: {
      drupalToEntra: { deleted: "delete", graceDays: 0 },
      entraToDrupal: { deleted: "delete", graceDays: 0 },
    },
  };

  it("come back from the bin, with the warning that their user is gone", async () => {
    const { world, user, objectId, entraUser } = await settled(deleting);
    world.drupal.delete(user.uuid);
    await provisionUser(world.request(user.uuid, CYCLE), world.worker());
    expect(entraUser()).toBeUndefined();
    world.now += HOUR;
    const { reason, outcome } = await undo(world, user.uuid);
    expect(reason.code).toBe("willFlowAgain");
    expect(outcome).toMatchObject({ kind: "done", operations: ["restore"] });
    expect(world.entra.get(objectId)?.enabled).toBe(true);
    expect(world.queue).toEqual([]);
  });

  it("that are purged do not", async () => {
    const { world, user, objectId } = await settled(deleting);
    world.drupal.delete(user.uuid);
    await provisionUser(world.request(user.uuid, CYCLE), world.worker());
    world.deletedEntra.delete(objectId);
    world.now += HOUR;
    expect(codes(await undo(world, user.uuid))).toEqual({ account: "purged" });
  });

  it("that a read may still show are waited for", async () => {
    const { world, user, objectId } = await settled(deleting);
    world.drupal.delete(user.uuid);
    const account = world.entra.get(objectId) ?? anEntraUser();
    await provisionUser(world.request(user.uuid, CYCLE), world.worker());
    world.entra.set(objectId, account);
    const outcome = await provisionUser(world.request(user.uuid, UNDO), world.worker());
    expect(outcome).toMatchObject({ kind: "deferred", reason: { code: "replicationPending" } });
    expect(world.queue).toEqual([]);
  });

  it("that Drupal deleted are gone; those that the site only blocked are let in", async () => {
    for (const cancelMethod of ["delete", "block"] as const) {
      const { world, user, objectId } = await settled(deleting);
      world.cancelMethod = cancelMethod;
      world.deleteInEntra(objectId);
      await provisionUser(world.request(user.uuid, CYCLE), world.worker());
      world.now += HOUR;
      const undone = await undo(world, user.uuid);
      if (cancelMethod === "delete") expect(codes(undone)).toEqual({ account: "deletedForGood" });
      else {
        expect(undone.steps).toMatchObject([{ operation: "enable", system: "drupal" }]);
        expect(world.drupal.get(user.uuid)?.enabled).toBe(true);
      }
    }
  });

  it("that the cycle made stay, and are named", async () => {
    const world = new World();
    const user = aDrupalUser();
    world.drupal.set(user.uuid, user);
    await provisionUser(world.request(user.uuid, CYCLE), world.worker());
    world.now += HOUR;
    const undone = await undo(world, user.uuid);
    const objectId = [...world.entra.keys()][0] ?? "none";
    expect(codes(undone)).toEqual({ account: "createdAccount" });
    expect(undone.failures[0]?.message).toContain(objectId);
    expect(undone.outcome).toMatchObject({ status: "warning", operations: [] });
    expect(world.audit.at(-1)).toMatchObject({
      operation: "none",
      reason: { code: "cannotBeUndone" },
    });
    expect(world.entra.size).toBe(1);
  });

  it("that the cycle joined stay joined, and get their values back", async () => {
    const world = new World();
    const user = aDrupalUser();
    world.drupal.set(user.uuid, user);
    const attributes = { mail: user.mail, surname: "Byron", [MARKER]: null };
    const entra = anEntraUser({ attributes });
    world.entra.set(entra.objectId, entra);
    await provisionUser(world.request(user.uuid, CYCLE), world.worker());
    expect(world.entra.get(entra.objectId)?.attributes.surname).toBe("Lovelace");
    world.now += HOUR;
    const undone = await undo(world, user.uuid);
    expect(codes(undone)).toMatchObject({ link: "linkStays" });
    expect(world.entra.get(entra.objectId)?.attributes.surname).toBe("Byron");
    expect(world.links.get(user.uuid)?.link.entraObjectId).toBe(entra.objectId);
  });

  it("that were taken apart since are left alone", async () => {
    const { world, user } = await settled();
    world.editDrupal(user.uuid, { attributes: { field_last_name: "Byron" } });
    await provisionUser(world.request(user.uuid, CYCLE), world.worker());
    const stored = world.links.get(user.uuid);
    if (stored) stored.link = { ...stored.link, entraObjectId: null, linkedAt: null };
    world.now += HOUR;
    expect(codes(await undo(world, user.uuid))).toEqual({ account: "unlinkedSince" });
  });
});

describe("roles", () => {
  const mapped = {
    attributes: ROWS,
    roles: { map: [{ drupal: "editor", entraGroups: [GROUP] }] },
  };

  for (const auditValues of ["plain", "hash"] as const)
    it(`that were given are taken, and those that were taken are given back (values: ${auditValues})`, async () => {
      const { world, user, objectId } = await settled(mapped);
      world.auditValues = auditValues;
      world.grants.set(objectId, new Set([GROUP]));
      await provisionUser(world.request(user.uuid, CYCLE), world.worker());
      expect(world.drupal.get(user.uuid)?.roles).toEqual(["editor"]);
      world.now += HOUR;
      const taken = await undo(world, user.uuid);
      expect(taken.reason.code).toBe("willFlowAgain");
      expect(world.drupal.get(user.uuid)?.roles).toEqual([]);
      const again = await undo(world, user.uuid, {
        cause: "cycle",
        cycleId: REDO_ID,
        undoes: UNDO_ID,
      });
      expect(again.reason.code).toBe("undoneWrite");
      expect(world.drupal.get(user.uuid)?.roles).toEqual(["editor"]);
    });

  it("that others gave since stay", async () => {
    const { world, user, objectId } = await settled(mapped);
    world.grants.set(objectId, new Set([GROUP]));
    await provisionUser(world.request(user.uuid, CYCLE), world.worker());
    world.editDrupal(user.uuid, { roles: [] });
    world.grants.set(objectId, new Set());
    await look(world, user.uuid);
    world.editDrupal(user.uuid, { roles: ["editor"] });
    expect(codes(await undo(world, user.uuid))).toEqual({ roles: "roleNotOurs" });
  });
});

describe("an undo", () => {
  async function renamed() {
    const linked = await settled();
    const { world, user } = linked;
    world.editDrupal(user.uuid, {
      attributes: { field_last_name: "Byron", field_department: "Navy" },
    });
    await provisionUser(world.request(user.uuid, CYCLE), world.worker());
    world.now += HOUR;
    return linked;
  }

  it("leaves nothing to the second one", async () => {
    const { world, user } = await renamed();
    await undo(world, user.uuid);
    world.now += HOUR;
    const before = world.entraWrites.length;
    const second = await undo(world, user.uuid);
    expect(second).toMatchObject({ steps: [], failures: [], reason: { code: "nothingToUndo" } });
    expect(second.outcome).toMatchObject({ status: "skipped" });
    expect(world.entraWrites.length).toBe(before);
  });

  it("can itself be undone", async () => {
    const { world, user, entraUser } = await renamed();
    await undo(world, user.uuid);
    world.now += HOUR;
    const redo = { cause: "cycle", cycleId: REDO_ID, undoes: UNDO_ID };
    const { reason } = await undo(world, user.uuid, redo);
    expect(reason.code).toBe("undoneWrite");
    expect(entraUser()?.attributes).toMatchObject({ surname: "Byron", department: "Navy" });
    await look(world, user.uuid);
    expect(entraUser()?.attributes).toMatchObject({ surname: "Byron", department: "Navy" });
  });

  it("that is killed anywhere is carried out by the next run of the same plan", async () => {
    const story = await renamed();
    const { steps } = await shown(story.world, story.user.uuid);
    const order = { ...UNDO, expects: planPrint(steps) };
    let calls = 0;
    await provisionUser(
      story.world.request(story.user.uuid, order),
      story.world.worker((_call, phase) => {
        if (phase === "before") calls += 1;
      }),
    );
    expect(calls).toBeGreaterThan(8);
    for (let index = 0; index < calls; index += 1)
      for (const phase of ["before", "after"] as const) {
        const { world, user, entraUser } = await renamed();
        let seen = 0;
        const gate: Gate = (call, when) => {
          if (when === phase && seen++ === index) throw new Killed(call);
        };
        const request = world.request(user.uuid, {
          ...UNDO,
          expects: planPrint((await shown(world, user.uuid)).steps),
        });
        await provisionUser(request, world.worker(gate)).catch((error: unknown) => {
          if (!(error instanceof Killed)) throw error;
        });
        world.now += 10 * 60_000;
        const outcome = await provisionUser(request, world.worker());
        expect(outcome.kind, `killed ${phase} call ${index}`).toBe("done");
        expect(entraUser()?.attributes, `killed ${phase} call ${index}`).toMatchObject({
          surname: "Lovelace",
          department: "R&D",
        });
        const rows = world.audit.filter(
          ({ cycleId, operation }) => cycleId === UNDO_ID && operation === "update",
        );
        expect(rows.length, `killed ${phase} call ${index}`).toBe(1);
      }
  });

  it("of both sides that is killed between them goes on with what is left, and with nothing else", async () => {
    for (const isEdited of [false, true]) {
      const { world, user, objectId, entraUser } = await settled();
      world.editDrupal(user.uuid, { attributes: { field_last_name: "Byron" } });
      world.editEntra(objectId, { attributes: { department: "Navy" } });
      await provisionUser(world.request(user.uuid, CYCLE), world.worker());
      world.now += HOUR;
      const request = world.request(user.uuid, {
        ...UNDO,
        expects: planPrint((await shown(world, user.uuid)).steps),
      });
      const away: Gate = (call, phase) => {
        if (call !== "entra.updateUser" || phase !== "before") return;
        const options = { system: "entra", code: "entraThrottled", isTurnedAway: true } as const;
        throw new TransientError("later", options);
      };
      const first = await provisionUser(request, world.worker(away));
      expect(first.kind).toBe("deferred");
      expect(world.drupal.get(user.uuid)?.attributes.field_department).toBe("R&D");
      if (isEdited) world.editEntra(objectId, { attributes: { surname: "King" } });
      world.now += HOUR;
      const second = await provisionUser(request, world.worker());
      const isWritten = { kind: "done", operations: ["update"] };
      expect(second).toMatchObject(isEdited ? { operations: [] } : isWritten);
      expect(entraUser()?.attributes.surname).toBe(isEdited ? "King" : "Lovelace");
      expect(world.queue).toEqual([]);
    }
  });

  it("that is refused is told, and is neither repeated nor put into escrow", async () => {
    const { world, user } = await renamed();
    const refuse: Gate = (call, phase) => {
      if (call === "entra.updateUser" && phase === "before")
        throw new RejectedError("refused", { system: "entra", code: "entraRefused" });
    };
    const outcome = await provisionUser(world.request(user.uuid, UNDO), world.worker(refuse));
    expect(outcome).toMatchObject({ kind: "done", status: "failure" });
    expect(world.escrow.size).toBe(0);
    expect(world.queue).toEqual([]);
    expect(world.audit.at(-1)).toMatchObject({ status: "failure", cycleId: UNDO_ID });
  });

  it("takes nobody out of escrow: a value that was refused still is", async () => {
    const { world, user } = await renamed();
    const waiting = {
      drupalUuid: user.uuid,
      system: "entra" as const,
      reason: { code: "valueTaken", message: "taken" },
      at: "2026-11-24T08:00:00Z",
      attempts: 1,
      since: "2026-11-24T08:00:00Z",
      entraObjectId: null,
      nextAt: null,
    };
    world.escrow.set(user.uuid, waiting);
    await undo(world, user.uuid);
    expect(world.escrow.get(user.uuid)).toEqual(waiting);
    await drain(world);
    expect(world.queue).toEqual([]);
  });

  it("of one direction sets back what that direction wrote", async () => {
    const { world, user, objectId, entraUser } = await settled();
    world.editDrupal(user.uuid, { attributes: { field_last_name: "Byron" } });
    world.editEntra(objectId, { attributes: { department: "Navy" } });
    await provisionUser(world.request(user.uuid, CYCLE), world.worker());
    world.now += HOUR;
    await undo(world, user.uuid, { ...UNDO, direction: "drupalToEntra" });
    expect(entraUser()?.attributes.surname).toBe("Lovelace");
    expect(world.drupal.get(user.uuid)?.attributes.field_department).toBe("Navy");
  });
});
