// What a cycle tells of one user: from the outcome of provisioning, or from the explanation of a dry run.
import { type AuditValues, auditable } from "./audit-entry.ts";
import type { CycleOutcome, CycleUser, Nomination } from "./cycle.ts";
import type { ExplainedExport, Explanation } from "./explanation.ts";
import { isConflict, type Outcome } from "./outcome.ts";
import { planPrint, type Reason } from "./plan.ts";

const idsOf = (nomination: Nomination, explanation: Explanation | null) => ({
  drupalUuid: explanation?.drupalUuid ?? nomination.drupalUuid ?? null,
  entraObjectId: explanation?.entraObjectId ?? nomination.entraObjectId ?? null,
});

const nameOf = (explanation: Explanation | null): string | null =>
  explanation?.import.drupal?.name ?? explanation?.import.entra?.userPrincipalName ?? null;

const shownSteps = (steps: readonly ExplainedExport[], values: AuditValues): ExplainedExport[] =>
  steps.map((step) => ({ ...step, changes: auditable(step.changes, values) }));

interface Told {
  readonly outcome: CycleOutcome;
  readonly reason: Reason;
  readonly explanation: Explanation | null;
  readonly plan?: string | null;
}

const user = (
  nomination: Nomination,
  { outcome, reason, explanation, plan = null }: Told,
  values: AuditValues,
): CycleUser => ({
  ...idsOf(nomination, explanation),
  displayName: values === "plain" ? nameOf(explanation) : null,
  outcome,
  reason,
  steps: shownSteps(explanation?.export.steps ?? [], values),
  plan,
});

/** A user about whom there is nothing but a reason. */
export const userTold = (
  nomination: Nomination,
  outcome: CycleOutcome,
  reason: Reason,
): CycleUser => user(nomination, { outcome, reason, explanation: null }, "none");

// Entra is not seen to hold what was written, but known to: nobody has to do anything for it.
const IN_SYNC = ["alreadyInSync", "replicationPending"];

const untouched = (reason: Reason): CycleOutcome => {
  if (IN_SYNC.includes(reason.code)) return "inSync";
  return isConflict(reason) ? "warning" : "skipped";
};

function outcomeOf(outcome: Extract<Outcome, { kind: "done" }>): CycleOutcome {
  const { status, operations, reason } = outcome;
  if (reason.code === "movedSincePlan") return "moved";
  if (status === "failure") return "failed";
  if (operations.length > 0) return "written";
  return status === "warning" ? "warning" : untouched(reason);
}

/** How provisioning the user ended. */
export function userProvisioned(
  nomination: Nomination,
  outcome: Outcome,
  values: AuditValues,
): CycleUser {
  const { reason } = outcome;
  switch (outcome.kind) {
    case "deferred":
      return userTold(nomination, "deferred", reason);
    case "held": {
      const { explanation } = outcome;
      const plan = planPrint(explanation.export.steps);
      return user(nomination, { outcome: "held", reason, explanation, plan }, values);
    }
    case "done": {
      const { explanation } = outcome;
      return user(nomination, { outcome: outcomeOf(outcome), reason, explanation }, values);
    }
  }
}

/** What would be done for the user. */
export function userPlanned(
  nomination: Nomination,
  explanation: Explanation,
  reason: Reason,
  values: AuditValues,
): CycleUser {
  const { steps } = explanation.export;
  const isPlan = steps.length > 0;
  const outcome = isPlan ? "planned" : untouched(reason);
  const plan = isPlan ? planPrint(steps) : null;
  return user(nomination, { outcome, reason, explanation, plan }, values);
}
