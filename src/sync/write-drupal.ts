// One step written to Drupal and read back: two saves at once lose one of them there, and both are answered with 200 (facts:
// drupal 11).
import { TransientError } from "../rules/errors.ts";
import { drupalFieldOf, drupalPrint } from "../rules/field-types.ts";
import type { AttributeFailure, Change, Reason, Step } from "../rules/plan.ts";
import type { Attributes, DrupalUser } from "../rules/users.ts";
import { createDrupalAccount } from "./create-drupal-account.ts";
import { type Announce, type ExportJob, WRITTEN, type Written } from "./export-job.ts";
import { patchAccepted } from "./patch-accepted.ts";

const lostWrite = () =>
  new TransientError("Drupal does not show what we wrote: someone saved at the same moment", {
    system: "drupal",
    code: "writeNotVisible",
    retryAfterMs: 1000,
  });

const held = (user: DrupalUser): Attributes => ({ ...user.attributes, status: user.enabled });

/** The code of a value that Drupal accepts and does not keep. */
export const UNKEPT = "writeNotKept";

// Five saves at once with someone else's are no accident any more: the site takes the value and does not keep it.
const LOST_BY_CHANCE = 5;

// Our value: written. The old one: lost, and written again by the next try. A third one: someone, or a hook of the site,
// changed it after us; that is an edit like any other, and the next look sees it.
function fateOf(
  { attribute, before, after }: Change,
  user: DrupalUser,
  { configuration: { fields } }: ExportJob,
): "written" | "lost" | "altered" {
  const print = (value: Change["after"] | undefined) =>
    drupalPrint(attribute, drupalFieldOf(attribute, fields), value);
  const seen = print(held(user)[attribute]);
  if (seen === print(after)) return "written";
  return seen === print(before) ? "lost" : "altered";
}

function noteOf(altered: readonly Change[]): { readonly note?: Reason } {
  if (altered.length === 0) return {};
  const names = altered.map(({ attribute }) => attribute).join(", ");
  const message = `Drupal holds another value than was written: ${names}`;
  return { note: { code: "readBackDiffers", message } };
}

async function readBack(
  changes: readonly Change[],
  failures: readonly AttributeFailure[],
  job: ExportJob,
): Promise<Written> {
  const refused = new Set(failures.map(({ attribute }) => attribute));
  const accepted = changes.filter(({ attribute }) => !refused.has(attribute));
  if (accepted.length === 0) return { failures };
  const { drupalUuid } = job.held.link;
  const user = await job.ports.drupal.getUser(drupalUuid, job.configuration.fields);
  if (user === null) throw lostWrite();
  const having = (fate: ReturnType<typeof fateOf>) =>
    accepted.filter((change) => fateOf(change, user, job) === fate);
  const lost = having("lost");
  if (lost.length > 0 && job.request.attempt < LOST_BY_CHANCE) throw lostWrite();
  const unkept = lost.map(({ attribute }) => {
    const message = "Drupal accepts the value and does not keep it: a hook of the site?";
    return { attribute, code: UNKEPT, message };
  });
  return { failures: [...failures, ...unkept], ...noteOf(having("altered")) };
}

async function writeRole(
  step: Step,
  role: string,
  { held: link, ports, configuration }: ExportJob,
) {
  const { drupalUuid } = link.link;
  const isGiven = step.operation === "assign";
  link.assertHeld();
  if (isGiven) await ports.drupal.assignRole(drupalUuid, role);
  else await ports.drupal.removeRole(drupalUuid, role);
  const user = await ports.drupal.getUser(drupalUuid, configuration.fields);
  if (user?.roles.includes(role) !== isGiven) throw lostWrite();
  return WRITTEN;
}

const BLOCKED_INSTEAD = "blockedInsteadOfDeleted";

// What a cancelled account becomes is the site's own setting, which cannot be read: only a look tells.
async function remove({ held: link, drupal, ports, configuration }: ExportJob): Promise<Written> {
  const { drupalUuid } = link.link;
  link.assertHeld();
  await ports.drupal.deleteUser(drupalUuid);
  const user = await ports.drupal.getUser(drupalUuid, configuration.fields);
  if (user === null) return WRITTEN;
  const message = "the site only blocks cancelled accounts (user.settings cancel_method)";
  const isBlocked = drupal?.enabled === true && !user.enabled;
  const blocks = { attribute: "status", before: true, after: false, why: BLOCKED_INSTEAD };
  return {
    failures: [],
    note: { code: BLOCKED_INSTEAD, message },
    added: isBlocked ? [blocks] : [],
  };
}

/** The role that a role step is about. */
export const roleOf = ({ resource, changes }: Step): string | null => {
  const [change] = changes;
  const role = change?.after ?? change?.before;
  return resource === "role" && typeof role === "string" ? role : null;
};

/** Writes a step to Drupal, announced first, and reads it back. */
export async function writeDrupal(
  step: Step,
  job: ExportJob,
  announce: Announce,
): Promise<Written> {
  if (step.operation === "create") return createDrupalAccount(step, job, announce);
  const { held: link, ports, configuration } = job;
  const role = roleOf(step);
  await announce(role);
  const { drupalUuid } = link.link;
  switch (step.operation) {
    case "update": {
      const failures = await patchAccepted(step.changes, link, (values) =>
        ports.drupal.updateUser(drupalUuid, values, configuration.fields),
      );
      return readBack(step.changes, failures, job);
    }
    case "disable":
    case "enable":
      link.assertHeld();
      await ports.drupal.updateUser(
        drupalUuid,
        { status: step.operation === "enable" },
        configuration.fields,
      );
      return readBack(step.changes, [], job);
    case "assign":
    case "remove":
      if (role === null) throw new Error("a role step without a role");
      return writeRole(step, role, job);
    case "delete":
      return remove(job);
    default:
      throw new Error(`no plan asks for ${step.operation} in Drupal`);
  }
}
