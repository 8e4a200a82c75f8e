// The decision for one user: both sides, the link and the configuration go in, a plan comes out. Pure.
import { mapAttributes } from "./attribute-mapping.ts";
import type { SyncConfiguration } from "./configuration.ts";
import type { Link } from "./link.ts";
import type { Match } from "./matching.ts";
import type { AttributeFailure, Change, LinkFacts, Plan, Reason, Step } from "./plan.ts";
import {
  protectionOfDrupalUser,
  protectionOfEntraUser,
  type ServiceAccount,
} from "./protection.ts";
import type { AttributeValue, DrupalUser, EntraUser } from "./users.ts";
import { fingerprint, folded, sameValue } from "./values.ts";

/** Everything that the decision may look at. */
export interface Situation {
  /** null: proven gone by an authenticated 404 (rule 5), never merely unread. */
  readonly drupal: DrupalUser | null;
  /** The linked Entra user; null: not linked, or proven gone by a 404 outside the replication window. */
  readonly entra: EntraUser | null;
  readonly link: Link;
  /** For users without a link; `none` otherwise. */
  readonly match: Match;
  readonly configuration: SyncConfiguration;
  readonly service: ServiceAccount;
  readonly now: Date;
}

const DAY_MS = 86_400_000;

interface Decision {
  readonly steps?: readonly Step[];
  readonly failures?: readonly AttributeFailure[];
  readonly facts?: LinkFacts;
  readonly agreed?: Readonly<Record<string, string>>;
}

const plan = (reason: Reason, decision: Decision = {}): Plan => ({
  steps: decision.steps ?? [],
  failures: decision.failures ?? [],
  facts: decision.facts ?? {},
  agreed: decision.agreed ?? {},
  reason,
});
const because = (code: string, message: string): Reason => ({ code, message });

const enabledChange = (after: boolean, why: string): Change => ({
  attribute: "accountEnabled",
  before: !after,
  after,
  why,
});

const disable = (why: string): Step => ({
  operation: "disable",
  system: "entra",
  changes: [enabledChange(false, why)],
});

// Entra answers mail in the case in which it was first stored: only another address is a change.
const same = (attribute: string, a: AttributeValue | undefined, b: AttributeValue): boolean =>
  attribute === "mail" && typeof a === "string" && typeof b === "string"
    ? folded(a) === folded(b)
    : sameValue(a, b);

function whyChanged(
  base: string | undefined,
  before: AttributeValue,
  after: AttributeValue,
): string {
  if (base === undefined) return "firstSync";
  if (base === fingerprint(after)) return "changedInEntra";
  return base === fingerprint(before) ? "changedInDrupal" : "changedOnBothSides";
}

function attributeChanges(drupal: DrupalUser, entra: EntraUser, situation: Situation) {
  const mapped = mapAttributes(drupal, situation.configuration.attributes, "update");
  const changes: Change[] = [];
  const agreed: Record<string, string> = {};
  for (const [attribute, after] of Object.entries(mapped.values)) {
    const before = entra.attributes[attribute] ?? null;
    if (same(attribute, before, after)) {
      agreed[attribute] = fingerprint(after);
    } else {
      const why = whyChanged(situation.link.base[attribute], before, after);
      changes.push({ attribute, before, after, why });
    }
  }
  return { changes, agreed, failures: mapped.failures };
}

function stateSteps(drupal: DrupalUser, entra: EntraUser, situation: Situation): Step[] {
  const action = situation.configuration.states.drupalToEntra.disabled;
  if (!drupal.enabled)
    return entra.enabled && action === "disable" ? [disable("disabledInDrupal")] : [];
  if (entra.enabled || !situation.link.disabledByUs) return [];
  const changes = [enabledChange(true, "enabledInDrupal")];
  return [{ operation: "enable", system: "entra", changes }];
}

function decideLinked(
  drupal: DrupalUser,
  entra: EntraUser,
  situation: Situation,
  linkStep: readonly Step[],
): Plan {
  const guard = protectionOfEntraUser(entra, situation.configuration);
  if (guard) return plan(guard);
  const { changes, agreed, failures } = attributeChanges(drupal, entra, situation);
  const updates: Step[] =
    changes.length > 0 ? [{ operation: "update", system: "entra", changes }] : [];
  const states = stateSteps(drupal, entra, situation);
  // Access is taken away before anything else is written, and given back after everything else is right.
  const ordered = drupal.enabled ? [...updates, ...states] : [...states, ...updates];
  const steps = [...linkStep, ...ordered];
  const facts =
    situation.link.drupalGoneAt === null ? {} : { drupalGoneAt: null, deleteDueAt: null };
  const decision = { steps, failures, facts, agreed };
  if (steps.length > 0) return plan(because("differs", "Entra differs from Drupal"), decision);
  if (drupal.enabled && !entra.enabled) {
    const message =
      "the Entra account was disabled by someone else; only our own blocks are lifted";
    return plan(because("disabledElsewhere", message), decision);
  }
  return plan(because("alreadyInSync", "both sides are equal"), decision);
}

function decideCreate(drupal: DrupalUser, situation: Situation): Plan {
  const { configuration } = situation;
  const mapped = mapAttributes(drupal, configuration.attributes, "create");
  const values = {
    displayName: drupal.name,
    ...mapped.values,
    [configuration.account.marker]: drupal.uuid,
    accountEnabled: true,
  };
  const changes = Object.entries(values)
    .filter(([, after]) => after !== null)
    .map(([attribute, after]) => ({ attribute, before: null, after, why: "notInEntra" }));
  const step: Step = { operation: "create", system: "entra", changes };
  const reason = because("notInEntra", "no Entra user matches this Drupal user");
  return plan(reason, { steps: [step], failures: mapped.failures });
}

function decideUnlinked(drupal: DrupalUser, situation: Situation): Plan {
  if (!drupal.enabled) {
    const message = "the Drupal account is blocked and has no link; nothing is created for it";
    return plan(because("disabledInDrupal", message));
  }
  const { match } = situation;
  if (match.kind === "several") return plan(match.reason);
  if (match.kind === "none") return decideCreate(drupal, situation);
  const linkStep: Step = { operation: "link", system: "entra", changes: [] };
  return decideLinked(drupal, match.user, situation, [linkStep]);
}

function decideGone(situation: Situation): Plan {
  const { entra, link, configuration, now } = situation;
  if (link.entraObjectId === null)
    return plan(because("notLinked", "the deleted Drupal account had no link"));
  const facts = { drupalGoneAt: link.drupalGoneAt ?? now.toISOString() };
  if (entra === null)
    return plan(because("goneOnBothSides", "the account is gone on both sides"), { facts });
  const guard = protectionOfEntraUser(entra, configuration);
  if (guard) return plan(guard, { facts });
  const { deleted, graceDays } = configuration.states.drupalToEntra;
  if (deleted === "nothing") {
    return plan(because("keptByConfiguration", "deletes in Drupal do nothing in Entra"), { facts });
  }
  const reason = because("deletedInDrupal", "the account was deleted in Drupal");
  const disabling = entra.enabled ? [disable("deletedInDrupal")] : [];
  if (deleted === "disable") {
    if (disabling.length > 0) return plan(reason, { steps: disabling, facts });
    return plan(because("alreadyDisabled", "the Entra account is disabled already"), { facts });
  }
  const deleteDueAt =
    link.deleteDueAt ?? new Date(now.getTime() + graceDays * DAY_MS).toISOString();
  if (now.getTime() < Date.parse(deleteDueAt)) {
    const waiting = because("deleteWaits", `disabled now; the delete is due at ${deleteDueAt}`);
    return plan(waiting, { steps: disabling, facts: { ...facts, deleteDueAt } });
  }
  const removal: Step = { operation: "delete", system: "entra", changes: [] };
  return plan(reason, { steps: [removal], facts: { ...facts, deleteDueAt } });
}

/**
 * Decides for one user. Total: every situation has a plan with a reason. The plan is minimal: planning again after
 * applying it gives no steps.
 */
export function decide(situation: Situation): Plan {
  const { drupal, entra, link, configuration, service } = situation;
  if (drupal === null) return decideGone(situation);
  const guard = protectionOfDrupalUser(drupal, configuration, service);
  if (guard) return plan(guard);
  if (link.entraObjectId === null) return decideUnlinked(drupal, situation);
  if (entra === null) {
    const message =
      "the linked Entra account was deleted; it is not made again without an operator";
    return plan(because("entraUserDeleted", message));
  }
  return decideLinked(drupal, entra, situation, []);
}
