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
  /** Our recent writes that the read does not show yet, as fingerprints. */
  readonly hidden: Readonly<Record<string, string>>;
  /** Attributes of an announced write that may or may not have arrived: written again. */
  readonly uncertain: ReadonlySet<string>;
  /** For users without a link; `none` otherwise. */
  readonly match: Match;
  /** The match is an account that we made for a Drupal user who is gone. */
  readonly takesOverOurs: boolean;
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
    const written = situation.hidden[attribute];
    const isEqual =
      written === undefined ? same(attribute, before, after) : written === fingerprint(after);
    if (isEqual && !situation.uncertain.has(attribute)) {
      agreed[attribute] = fingerprint(after);
    } else {
      const why = whyChanged(situation.link.base[attribute], before, after);
      changes.push({ attribute, before, after, why });
    }
  }
  return { changes, agreed, failures: mapped.failures };
}

// Our own word counts more than a read that may lag behind it.
const isEnabled = (entra: EntraUser, { hidden }: Situation): boolean =>
  hidden.accountEnabled === undefined ? entra.enabled : hidden.accountEnabled === fingerprint(true);

function stateSteps(drupal: DrupalUser, entra: EntraUser, situation: Situation): Step[] {
  const action = situation.configuration.states.drupalToEntra.disabled;
  const enabled = isEnabled(entra, situation);
  const isUncertain = situation.uncertain.has("accountEnabled");
  if (!drupal.enabled) {
    return (enabled || isUncertain) && action === "disable" ? [disable("disabledInDrupal")] : [];
  }
  if (enabled ? !isUncertain : !(isUncertain || situation.link.disabledByUs)) return [];
  const changes = [enabledChange(true, "enabledInDrupal")];
  return [{ operation: "enable", system: "entra", changes }];
}

// What the link learns from looking at a linked user.
function factsOf(entra: EntraUser, situation: Situation): LinkFacts {
  const { link, uncertain } = situation;
  const isBack = link.drupalGoneAt !== null || link.deleteDueAt !== null;
  const isLifted =
    link.disabledByUs && isEnabled(entra, situation) && !uncertain.has("accountEnabled");
  return {
    ...(isBack ? { drupalGoneAt: null, deleteDueAt: null } : {}),
    ...(isLifted ? { disabledByUs: false } : {}),
  };
}

// An account that we made names the Drupal user that it belongs to, also after it was taken over. The mark of an account
// that we only matched is left as its organisation wrote it.
function markChange(
  drupal: DrupalUser,
  entra: EntraUser,
  { link, configuration, takesOverOurs }: Situation,
): Change[] {
  const { marker } = configuration.account;
  const before = entra.attributes[marker] ?? null;
  if (!(link.createdByUs || takesOverOurs) || before === drupal.uuid) return [];
  return [{ attribute: marker, before, after: drupal.uuid, why: "marksOwnAccount" }];
}

function decideLinked(
  drupal: DrupalUser,
  entra: EntraUser,
  situation: Situation,
  linkStep: readonly Step[],
): Plan {
  const guard = protectionOfEntraUser(entra, situation.configuration);
  if (guard) return plan(guard);
  const { changes: mapped, agreed, failures } = attributeChanges(drupal, entra, situation);
  const changes = [...mapped, ...markChange(drupal, entra, situation)];
  const updates: Step[] =
    changes.length > 0 ? [{ operation: "update", system: "entra", changes }] : [];
  const states = stateSteps(drupal, entra, situation);
  // Access is taken away before anything else is written, and given back after everything else is right.
  const ordered = drupal.enabled ? [...updates, ...states] : [...states, ...updates];
  const steps = [...linkStep, ...ordered];
  const facts = factsOf(entra, situation);
  const decision = { steps, failures, facts, agreed };
  if (steps.length > 0) return plan(because("differs", "Entra differs from Drupal"), decision);
  if (drupal.enabled && !isEnabled(entra, situation)) {
    const message =
      "the Entra account is disabled, and not by a block of this user: enable it in Entra";
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
  const isDone = !isEnabled(entra, situation) && !situation.uncertain.has("accountEnabled");
  const disabling = isDone ? [] : [disable("deletedInDrupal")];
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
