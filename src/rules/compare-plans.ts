// What a change of the configuration does to one user: the writes that only the candidate would make. What is due anyway is
// no effect of the change.
import type { AuditValues } from "./audit-entry.ts";
import type { CycleUser, Nomination } from "./cycle.ts";
import { userPlanned, userTold } from "./cycle-user.ts";
import type { Explained, ExplainedExport } from "./explanation.ts";
import { because, type Change, type Reason } from "./plan.ts";

/** One user, planned with both configurations. */
export interface ComparedPlans {
  readonly current: Explained;
  readonly candidate: Explained;
}

const stepsOf = (explained: Explained): readonly ExplainedExport[] =>
  explained.kind === "explained" ? explained.explanation.export.steps : [];

// A role is told by what is done with it, an attribute by its value alone: who updates it is all the same.
const keyOf = (
  { operation, system, resource }: ExplainedExport,
  { attribute, before, after }: Change,
): string =>
  JSON.stringify([system, resource === "role" ? operation : "", attribute, before, after]);

/**
 * The writes of `steps` that are not among `others`. Where both make a write of the same kind and only its values differ, the
 * rest is an update: a create with another name makes no account that would not be made anyway.
 */
export function writesBeyond(
  steps: readonly ExplainedExport[],
  others: readonly ExplainedExport[],
): ExplainedExport[] {
  const known = new Set(
    others.flatMap((step) => step.changes.map((change) => keyOf(step, change))),
  );
  const isMade = ({ operation, system, resource }: ExplainedExport) =>
    others.some(
      (other) =>
        other.operation === operation && other.system === system && other.resource === resource,
    );
  return steps.flatMap((step): ExplainedExport[] => {
    const changes = step.changes.filter((change) => !known.has(keyOf(step, change)));
    const onlyValues = step.resource === "role" || step.operation === "update";
    if (!isMade(step) && !onlyValues) return [{ ...step, changes }];
    if (changes.length === 0) return [];
    const operation = step.resource === "role" ? step.operation : "update";
    return [{ ...step, operation, changes }];
  });
}

const UNAFFECTED = because("unaffected", "the change does nothing for this user");
const WITH_DRUPAL = because("toldWithDrupal", "this user's Drupal account is told of instead");

const hasDrupalAccount = (explained: Explained): boolean =>
  explained.kind === "explained" && explained.explanation.import.drupal !== null;

// The Drupal feed shows every Drupal account: whoever is found from the other side as well is counted there.
function isToldWithDrupal(
  { drupalUuid }: Nomination,
  { current, candidate }: ComparedPlans,
): boolean {
  if (drupalUuid !== undefined) return false;
  return hasDrupalAccount(candidate.kind === "explained" ? candidate : current);
}

function told(
  nomination: Nomination,
  explained: Explained,
  steps: readonly ExplainedExport[],
  reason: Reason,
  values: AuditValues,
): CycleUser {
  if (explained.kind === "unmatched") return userTold(nomination, "inSync", reason);
  const { explanation } = explained;
  const own = { ...explanation, export: { ...explanation.export, steps } };
  return userPlanned(nomination, own, reason, values);
}

/**
 * What a preview tells of one user: `planned` with the writes that only the candidate makes, `skipped` where it only leaves out
 * what is due now, `inSync` where it changes nothing.
 */
export function userCompared(
  nomination: Nomination,
  plans: ComparedPlans,
  values: AuditValues,
): CycleUser {
  const { current, candidate } = plans;
  const unaffected = (reason: Reason): CycleUser => ({
    ...told(nomination, candidate, [], reason, values),
    outcome: "inSync",
  });
  if (isToldWithDrupal(nomination, plans)) return unaffected(WITH_DRUPAL);
  const more = writesBeyond(stepsOf(candidate), stepsOf(current));
  if (more.length > 0) return told(nomination, candidate, more, candidate.reason, values);
  const less = writesBeyond(stepsOf(current), stepsOf(candidate));
  if (less.length === 0) return unaffected(UNAFFECTED);
  return { ...told(nomination, candidate, [], candidate.reason, values), outcome: "skipped" };
}
