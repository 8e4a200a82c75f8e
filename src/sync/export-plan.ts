// The export step: writes a plan to Entra, each write announced in the link before and in the audit log after.
import { type AuditEntry, type AuditStatus, auditable } from "../rules/audit-entry.ts";
import { isSensitive } from "../rules/entra-limits.ts";
import { AlreadyExistsError, RejectedError } from "../rules/errors.ts";
import type { PendingExport } from "../rules/link.ts";
import type { AttributeFailure, Change, Reason, Step } from "../rules/plan.ts";
import { rememberWrites } from "../rules/recent-writes.ts";
import type { Attributes } from "../rules/users.ts";
import { fingerprint } from "../rules/values.ts";
import { createEntraAccount } from "./create-entra-account.ts";
import type { Announce, ExportJob } from "./export-job.ts";
import type { HeldLink } from "./hold-link.ts";

const valuesOf = (changes: readonly Change[]): Attributes =>
  Object.fromEntries(changes.map((change) => [change.attribute, change.after]));

const fingerprints = (changes: readonly Change[]): Record<string, string> =>
  Object.fromEntries(changes.map((change) => [change.attribute, fingerprint(change.after)]));

// One PATCH; an attribute that the target refuses by name is left out and the rest tried again, so that one bad value
// does not hold the user back. The lease is renewed before each repetition.
async function patchWhatIsAccepted(
  objectId: string,
  changes: readonly Change[],
  { held, ports }: ExportJob,
): Promise<AttributeFailure[]> {
  const failures: AttributeFailure[] = [];
  let rest = [...changes];
  while (rest.length > 0) {
    try {
      await ports.entra.updateUser(objectId, valuesOf(rest));
      break;
    } catch (error) {
      if (!(error instanceof RejectedError || error instanceof AlreadyExistsError)) throw error;
      const isCulprit = ({ attribute }: Change) =>
        attribute === error.attribute || rest.length === 1;
      const culprits = rest.filter(isCulprit);
      if (culprits.length === 0) throw error;
      for (const { attribute } of culprits) {
        failures.push({ attribute, code: error.code, message: error.message });
      }
      rest = rest.filter((change) => !culprits.includes(change));
      if (rest.length > 0) await held.save({});
    }
  }
  return failures;
}

// Graph refuses the whole PATCH when it may not write one sensitive property (users#who-can-perform-sensitive-actions).
async function update(
  objectId: string,
  changes: readonly Change[],
  job: ExportJob,
): Promise<AttributeFailure[]> {
  const plain = changes.filter((change) => !isSensitive(change.attribute));
  const failures = await patchWhatIsAccepted(objectId, plain, job);
  for (const change of changes.filter(({ attribute }) => isSensitive(attribute))) {
    await job.held.save({});
    failures.push(...(await patchWhatIsAccepted(objectId, [change], job)));
  }
  return failures;
}

interface Written {
  readonly failures: AttributeFailure[];
  /** What was written beside the step's own changes. */
  readonly added?: readonly Change[];
}

async function write(step: Step, job: ExportJob, announce: Announce): Promise<Written> {
  const { held, ports } = job;
  if (step.operation === "create") return createEntraAccount(step, job, announce);
  await announce(null);
  const { entraObjectId } = held.link;
  if (entraObjectId === null) throw new Error(`${step.operation} without a linked account`);
  switch (step.operation) {
    case "update":
      return { failures: await update(entraObjectId, step.changes, job) };
    case "disable":
    case "enable":
      await ports.entra.updateUser(entraObjectId, valuesOf(step.changes));
      held.note({ disabledByUs: step.operation === "disable" });
      return { failures: [] };
    case "delete":
      await ports.entra.deleteUser(entraObjectId);
      return { failures: [] };
    default:
      throw new Error(`no plan asks for ${step.operation}`);
  }
}

// Joins the ids. The link is saved first, with the intent: what it takes over from a predecessor is then known to the
// next run too, and only the reservation may have to be repeated.
async function link(
  job: ExportJob,
  intent: Omit<PendingExport, "userPrincipalName" | "takesOverFrom">,
): Promise<void> {
  const { held, entra, predecessor, ports } = job;
  if (entra === null) throw new Error("a link step without an Entra user");
  const takesOverFrom = predecessor?.drupalUuid ?? null;
  await held.save({
    entraObjectId: entra.objectId,
    linkedAt: ports.now().toISOString(),
    createdByUs: predecessor?.createdByUs ?? false,
    // An account that was disabled when its person left is not enabled by someone else's coming: the old sign-in works.
    disabledByUs: false,
    pending: { ...intent, userPrincipalName: null, takesOverFrom },
  });
  await ports.links.claim(entra.objectId, held.link.drupalUuid, takesOverFrom ?? undefined);
}

interface Recorded {
  readonly operationId: string;
  readonly at: Date;
  readonly status: AuditStatus;
  readonly changes: readonly Change[];
  readonly reason: Reason;
}

/** The audit row of a step, or of a plan without steps (`operation: none`). */
export function auditEntry(
  operation: AuditEntry["operation"],
  job: ExportJob,
  recorded: Recorded,
): AuditEntry {
  const { held, drupal, entra, request, ports } = job;
  return {
    id: recorded.operationId,
    at: recorded.at.toISOString(),
    operation,
    resourceType: "user",
    status: recorded.status,
    system: "entra",
    direction: "drupalToEntra",
    cause: request.cause,
    drupalUuid: request.drupalUuid,
    entraId: held.link.entraObjectId ?? undefined,
    displayName:
      ports.auditValues === "plain" ? (drupal?.name ?? entra?.userPrincipalName) : undefined,
    changes: auditable(recorded.changes, ports.auditValues),
    reason: recorded.reason,
    durationMs: ports.now().getTime() - recorded.at.getTime(),
  };
}

const refusedReason = (failures: readonly AttributeFailure[]): Reason => ({
  code: "attributesRefused",
  message: failures.map(({ attribute, message }) => `${attribute}: ${message}`).join("; "),
});

// A refusal is an answer: nothing of the step arrived, and there is nothing to find out later. Unless an earlier run
// announced a create whose answer was lost: that one may have arrived.
const dropRefusedIntent =
  (held: HeldLink, hadPending: boolean) =>
  (error: unknown): never => {
    if (error instanceof RejectedError && !hadPending) held.note({ pending: null });
    throw error;
  };

async function exportStep(step: Step, job: ExportJob): Promise<AttributeFailure[]> {
  const { held, ports, plan } = job;
  const operationId = ports.newId();
  const at = ports.now();
  const hadPending = held.link.pending !== null;
  const intent = {
    operationId,
    at: at.toISOString(),
    operation: step.operation,
    changes: auditable(step.changes, ports.auditValues),
    after: fingerprints(step.changes),
  };
  const announce: Announce = (userPrincipalName) =>
    held.save({ pending: { ...intent, userPrincipalName, takesOverFrom: null } });

  let written: Written = { failures: [] };
  if (step.operation === "link") await link(job, intent);
  else written = await write(step, job, announce).catch(dropRefusedIntent(held, hadPending));

  const { failures, added = [] } = written;
  const refused = new Set(failures.map(({ attribute }) => attribute));
  const accepted = step.changes.filter(({ attribute }) => !refused.has(attribute));
  const changes = [...added, ...accepted];
  const nothingLeft = failures.length > 0 && changes.length === 0;
  const status = nothingLeft ? "failure" : failures.length > 0 ? "warning" : "success";
  const reason = failures.length > 0 ? refusedReason(failures) : plan.reason;
  await ports.audit.append(
    auditEntry(step.operation, job, { operationId, at, status, changes, reason }),
  );
  const isWrite = step.operation !== "create" && step.operation !== "link";
  held.note({
    pending: null,
    base: { ...held.link.base, ...fingerprints(accepted) },
    recent: rememberWrites(held.link.recent, isWrite ? accepted : [], ports.now()),
  });
  return failures;
}

/**
 * Writes the plan step by step. Each write leaves exactly one audit row; a crash in between leaves the intent in the
 * link, and the next run resolves it. Answers the attributes that were refused.
 */
export async function exportPlan(job: ExportJob): Promise<AttributeFailure[]> {
  const failures: AttributeFailure[] = [];
  for (const step of job.plan.steps) failures.push(...(await exportStep(step, job)));
  return failures;
}
