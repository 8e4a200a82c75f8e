// The decision for one user, for both directions: both sides, the link and the configuration go in, a plan comes out. Pure.
import { decideDrupalGone, decideEntraGone } from "./decide-gone.ts";
import { decideJoined } from "./decide-joined.ts";
import { decideCreateInDrupal, decideUnlinked } from "./decide-unlinked.ts";
import { isContact } from "./entra-limits.ts";
import { isJoined } from "./link.ts";
import { because, type Operation, type Plan, planOf, type Reason } from "./plan.ts";
import { protectionOfDrupalUser, protectionOfEntraUser } from "./protection.ts";
import type { Situation } from "./situation.ts";

/** Why a user is not touched at all, or null (rule 7). */
export function guardOf(situation: Situation): Reason | null {
  const { drupal, entra, nominee, match, configuration, service, isPrivileged } = situation;
  const guard = drupal === null ? null : protectionOfDrupalUser(drupal, configuration, service);
  if (guard !== null) return guard;
  const account = entra ?? (match.kind === "one" ? match.user : nominee);
  if (account === null || (match.kind === "conflict" && entra === null)) return null;
  return protectionOfEntraUser(account, configuration, isPrivileged === true);
}

function decideUnguarded(situation: Situation): Plan {
  const { drupal, entra, nominee, link } = situation;
  if (!isJoined(link)) {
    if (drupal !== null) return decideUnlinked(drupal, situation);
    const reserved = nominee ?? entra;
    if (reserved !== null) return decideCreateInDrupal(reserved, situation);
    return planOf(because("notLinked", "there is no such account, and it had no link"));
  }
  if (drupal === null) return decideDrupalGone(situation);
  if (entra === null) return decideEntraGone(drupal, situation);
  return decideJoined(drupal, entra, situation, []);
}

/**
 * Decides for one user. Total: every situation has a plan with a reason. The plan is minimal: planning again after
 * applying it gives no steps (after a restore: one more round).
 */
export function decide(situation: Situation): Plan {
  const guard = guardOf(situation);
  // A protected account keeps whatever it has; a delete that waited for it is off.
  const plan =
    guard === null
      ? decideUnguarded(situation)
      : planOf(guard, { facts: { isProtected: situation.drupal !== null } });
  if (situation.isPartial) {
    const { deleteDue: _due, isCancelled: _cancelled, ...facts } = plan.facts;
    return { ...plan, facts };
  }
  return { ...plan, facts: { deleteDue: null, ...plan.facts } };
}

const ACCESS: readonly Operation[] = ["link", "disable", "enable", "delete", "restore"];

/** Whether a plan depends on the Entra account's holding no admin role: whatever joins it, or touches its access or the addresses by
 * which it is recovered. */
export const dependsOnPrivilege = ({ steps }: Plan): boolean =>
  steps.some(
    ({ operation, system, changes }) =>
      (system === "entra" && ACCESS.includes(operation)) ||
      (system === "entra" && changes.some(({ attribute }) => isContact(attribute))) ||
      (system === "drupal" && operation === "create"),
  );
