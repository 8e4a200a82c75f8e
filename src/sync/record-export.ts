// What the audit log is told of an export: the row of a step, and how the step went.
import { type AuditEntry, type AuditStatus, auditable } from "../rules/audit-entry.ts";
import type { AttributeFailure, Change, Reason, Step } from "../rules/plan.ts";
import { directionTo } from "../rules/users.ts";
import type { ExportJob, Written } from "./export-job.ts";

/** What an audit row records beside its job. */
export interface Recorded {
  readonly operationId: string;
  readonly at: Date;
  readonly status: AuditStatus;
  readonly changes: readonly Change[];
  readonly reason: Reason;
}

/** The audit row of a step, or of a plan without steps (`operation: none`). */
export function auditEntry(
  step: Pick<Step, "system" | "resource"> & { readonly operation: AuditEntry["operation"] },
  job: ExportJob,
  recorded: Recorded,
): AuditEntry {
  const { held, drupal, entra, request, ports } = job;
  return {
    id: recorded.operationId,
    at: recorded.at.toISOString(),
    operation: step.operation,
    resourceType: step.resource,
    status: recorded.status,
    system: step.system,
    direction: directionTo(step.system),
    cause: request.cause,
    cycleId: request.cycleId,
    drupalUuid: held.link.drupalUuid,
    entraId: held.link.entraObjectId ?? entra?.objectId,
    displayName:
      ports.auditValues === "plain" ? (drupal?.name ?? entra?.userPrincipalName) : undefined,
    changes: auditable(recorded.changes, ports.auditValues),
    reason: recorded.reason,
    actor: request.actor,
    durationMs: ports.now().getTime() - recorded.at.getTime(),
  };
}

const told = (code: string, parts: readonly string[]): Reason => ({
  code,
  message: parts.join("; "),
});

// A conflict that was decided is said, whoever won: the value that lost stands in the row's `before`.
function conflictsIn(changes: readonly Change[], { plan }: ExportJob): string[] {
  const decided = changes.filter(({ why }) => /^(authority|newest)/.test(why));
  return decided.map(({ attribute, why }) => {
    const decision = plan.decisions.find(
      ({ change }) => change?.attribute === attribute && change.why === why,
    );
    return `${attribute}: ${decision?.reason.message ?? why}`;
  });
}

// What could not be written at all; null where everything could.
function faultsOf(failures: readonly AttributeFailure[]): Reason | null {
  if (failures.length === 0) return null;
  const parts = failures.map(({ attribute, message }) => `${attribute}: ${message}`);
  return told("attributesRefused", parts);
}

/** What the row of a plan without steps says. An undo's own reason names what it leaves. */
export const reasonOfNothing = ({ plan, request }: ExportJob): Reason =>
  (request.undoes === undefined ? faultsOf(plan.failures) : null) ?? plan.reason;

/** How a step went, for its audit row: what was refused, what else is to be known, which conflicts it decided. */
export function resultOf(
  step: Step,
  changes: readonly Change[],
  { failures, note }: Written,
  job: ExportJob,
): { status: AuditStatus; reason: Reason } {
  // What an undo leaves was never tried, and stands in its reason.
  const isCarrier =
    (step.operation === "update" || step.operation === "create") &&
    job.request.undoes === undefined;
  const refused = faultsOf([...failures, ...(isCarrier ? job.plan.failures : [])]);
  if (refused !== null)
    return { status: changes.length === 0 ? "failure" : "warning", reason: refused };
  if (note !== undefined) return { status: "warning", reason: note };
  const conflicts = conflictsIn(changes, job);
  if (conflicts.length > 0)
    return { status: "warning", reason: told("conflictDecided", conflicts) };
  return { status: "success", reason: job.plan.reason };
}
