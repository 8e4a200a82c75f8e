// The decision for a linked user whose account on one side is proven gone.
import { decideCreateInDrupal, directionOff } from "./decide-unlinked.ts";
import type { LinkFacts } from "./link.ts";
import { because, type Plan, planOf, type Step } from "./plan.ts";
import { drupalScope, type Situation } from "./situation.ts";
import { isWaiting, stateStepsFor } from "./state-steps.ts";
import type { DrupalUser, System } from "./users.ts";

function decideGone(target: System, done: string, facts: LinkFacts, situation: Situation): Plan {
  const { asked, steps, due } = stateStepsFor(target, null, situation);
  const all = { ...facts, deleteDue: due };
  const name = target === "entra" ? "Entra" : "Drupal";
  if (asked.state === "leave") {
    const isKept = asked.reason.code !== "neverServed";
    const kept = because("keptByConfiguration", `deletes do nothing in ${name}`);
    return planOf(isKept ? kept : asked.reason, { facts: all });
  }
  if (isWaiting(due, situation.now)) {
    const waiting = because("deleteWaits", `disabled now; the delete is due at ${due.at}`);
    return planOf(waiting, { steps, facts: all });
  }
  if (steps.length === 0)
    return planOf(because(done, `the ${name} account is disabled already`), { facts: all });
  return planOf(asked.reason, { steps, facts: all });
}

/** Decides where the Drupal account is gone. */
export function decideDrupalGone(situation: Situation): Plan {
  const { entra, link, configuration, now } = situation;
  // We deleted it: that says nothing about its user, who gets it back with their scope.
  if (link.deletedByUs.drupal !== null) {
    if (entra !== null) return decideCreateInDrupal(entra, situation);
    return planOf(because("goneOnBothSides", "the account is gone on both sides"));
  }
  const facts = { drupalGoneAt: link.drupalGoneAt ?? now.toISOString() };
  if (link.isProtected) {
    const message = "the Drupal account was protected when it was last seen";
    return planOf(because("protectedAccount", message), { facts });
  }
  if (entra === null)
    return planOf(because("goneOnBothSides", "the account is gone on both sides"), { facts });
  if (entra.onPremisesSynced) return planOf(ON_PREMISES, { facts });
  if (!configuration.directions.drupalToEntra)
    return planOf(directionOff("drupalToEntra"), { facts });
  return decideGone("entra", "alreadyDisabled", facts, situation);
}

const RESTORE: Step = { operation: "restore", system: "entra", resource: "user", changes: [] };

const ON_PREMISES = because(
  "onPremisesSynced",
  "the Entra account is mastered on-premises and refuses writes",
);

/** Decides where the Entra account is gone. */
export function decideEntraGone(drupal: DrupalUser, situation: Situation): Plan {
  const { link, isInBin, configuration } = situation;
  if (link.isProtected) {
    const message = "the Entra account was protected when it was last seen";
    return planOf(because("protectedAccount", message), { facts: { isProtected: true } });
  }
  const verdict = drupalScope(drupal, situation);
  const mayWrite = configuration.directions.drupalToEntra && verdict.inScope;
  if (link.deletedByUs.entra !== null) {
    if (isInBin && mayWrite && drupal.enabled) {
      const reason = because("backInScope", "we deleted the Entra account, and its user is back");
      return planOf(reason, { steps: [RESTORE] });
    }
    if (isInBin || !mayWrite)
      return planOf(because("deletedByUs", "we deleted the Entra account, as configured"));
    const message =
      "we deleted the Entra account, and it is gone: unlink the user to make a new one";
    return planOf(because("entraUserPurged", message));
  }
  if (!configuration.directions.entraToDrupal) {
    const message =
      "the linked Entra account was deleted; it is not made again without an operator";
    return planOf(because("entraUserDeleted", message));
  }
  return decideGone("drupal", "entraUserDeleted", {}, situation);
}
