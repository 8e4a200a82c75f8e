// The decision for two accounts that are, or are about to be, linked: attributes, states and roles, both ways.
import { REPLICATION_WINDOW_MS } from "./known-values.ts";
import { isJoined, type LinkFacts } from "./link.ts";
import { mergeRows } from "./merge-rows.ts";
import { because, type Change, type Plan, planOf, type Reason, type Step } from "./plan.ts";
import { assignSteps, removeSteps } from "./roles.ts";
import type { ScopeVerdict } from "./scope-clause.ts";
import {
  drupalScope,
  entraScope,
  isEntraEnabled,
  openDirections,
  type Situation,
} from "./situation.ts";
import { accountOn, isWaiting, type StateSteps, stateStepsFor } from "./state-steps.ts";
import type { Direction, DrupalUser, EntraUser, System } from "./users.ts";

const updateStep = (system: System, changes: readonly Change[]): Step[] =>
  changes.length > 0 ? [{ operation: "update", system, resource: "user", changes }] : [];

// What the link learns from looking at a linked pair: who is back, which of our blocks and grants are no more.
function factsOf(drupal: DrupalUser, situation: Situation): LinkFacts {
  const { link, uncertain, now } = situation;
  const seenEnabled = (system: System) =>
    accountOn(system, situation)?.enabled === true &&
    !(system === "entra" && uncertain.has("accountEnabled"));
  const blockNow = (system: System) => (seenEnabled(system) ? "none" : link.blocks[system]);
  // Soon after our own delete a read may still show the account.
  const deletedMs = link.deletedByUs.entra === null ? null : Date.parse(link.deletedByUs.entra);
  const isSpreading = deletedMs !== null && now.getTime() - deletedMs < REPLICATION_WINDOW_MS;
  return {
    drupalGoneAt: null,
    entraMissingSince: null,
    deletedByUs: { drupal: null, entra: isSpreading ? link.deletedByUs.entra : null },
    ...(isJoined(link) ? { blocks: { drupal: blockNow("drupal"), entra: blockNow("entra") } } : {}),
    grantedRoles: link.grantedRoles.filter((role) => drupal.roles.includes(role)),
  };
}

// An account that we made names the Drupal user that it belongs to, also after it was taken over. The mark of an account
// that we only matched is left as its organisation wrote it.
function markChange(drupal: DrupalUser, entra: EntraUser, situation: Situation): Change[] {
  const { link, configuration, predecessor } = situation;
  const { marker } = configuration.account;
  const before = entra.attributes[marker] ?? null;
  const isOurs = link.madeByUs.entra || predecessor?.madeByUs.entra === true;
  if (!isOurs || before === drupal.uuid) return [];
  return [{ attribute: marker, before, after: drupal.uuid, why: "marksOwnAccount" }];
}

const isIn = ({ isKnown, inScope }: ScopeVerdict, before: boolean): boolean =>
  isKnown ? inScope : before;

const servedFacts = (
  open: Readonly<Record<Direction, boolean>>,
  scope: Readonly<Record<Direction, ScopeVerdict>>,
  { link: { served, inScope } }: Situation,
): LinkFacts => ({
  inScope: {
    drupalToEntra: isIn(scope.drupalToEntra, inScope.drupalToEntra),
    entraToDrupal: isIn(scope.entraToDrupal, inScope.entraToDrupal),
  },
  served: {
    drupalToEntra: served.drupalToEntra || open.drupalToEntra,
    entraToDrupal: served.entraToDrupal || open.entraToDrupal,
  },
});

// Nothing is to be written, as far as is known. That both sides hold the same may be said only where a read has shown it.
function reasonOfEqual({ hidden }: Situation): Reason {
  const names = Object.keys(hidden);
  if (names.length === 0) return because("alreadyInSync", "nothing is to be written");
  const message = `nothing is to be written, but what Entra shows of ${names.join(", ")} may be older than what is known of it: a read may lag behind a write`;
  return because("replicationPending", message);
}

function reasonOf(
  plan: {
    readonly steps: readonly Step[];
    readonly due: StateSteps["due"];
    readonly scope: Readonly<Record<Direction, ScopeVerdict>>;
  },
  conflicts: number,
  situation: Situation,
): Reason {
  const { steps, due, scope } = plan;
  if (isWaiting(due, situation.now))
    return because("deleteWaits", `disabled now; the delete is due at ${due.at}`);
  if (steps.length > 0) return because("differs", "the sides differ");
  if (conflicts > 0) return because("conflict", `${conflicts} attribute(s) wait for an operator`);
  const unknown = Object.values(scope).find(({ isKnown }) => !isKnown);
  if (unknown !== undefined) return unknown.reason;
  const [drupal, entra] = [accountOn("drupal", situation), accountOn("entra", situation)];
  if (drupal === null || entra === null || drupal.enabled === entra.enabled)
    return reasonOfEqual(situation);
  const name = drupal.enabled ? "Entra" : "Drupal";
  const { block } = drupal.enabled ? entra : drupal;
  if (block === "ours") {
    const message = `the sync disabled the account in ${name}, and the direction that would lift it is closed`;
    return because("blockedByUs", message);
  }
  const message = `the account is disabled in ${name} only, and by others than the sync`;
  return because("disabledElsewhere", message);
}

/** Decides for a pair; `linkStep` joins them first. */
export function decideJoined(
  drupal: DrupalUser,
  entra: EntraUser,
  given: Situation,
  linkStep: readonly Step[],
): Plan {
  const situation = { ...given, entra };
  const scope = {
    drupalToEntra: drupalScope(drupal, situation),
    entraToDrupal: entraScope(entra, situation),
  };
  const { directions } = situation.configuration;
  // An account that is mastered on-premises refuses what we write; what it says goes to Drupal all the same.
  const mayWriteEntra = directions.drupalToEntra && !entra.onPremisesSynced;
  const isOpen = openDirections(scope, situation.configuration);
  const open = { ...isOpen, drupalToEntra: isOpen.drupalToEntra && mayWriteEntra };
  const rows = mergeRows(drupal, entra, open, situation);
  const { agreed, failures, learned, decisions } = rows;

  const states = [
    ...(mayWriteEntra ? [stateStepsFor("entra", scope.drupalToEntra, situation)] : []),
    ...(directions.entraToDrupal ? [stateStepsFor("drupal", scope.entraToDrupal, situation)] : []),
  ];
  const stateSteps = states.flatMap(({ steps }) => steps);
  const due = states.find((one) => one.due !== null)?.due ?? null;
  const removal = stateSteps.filter(({ operation }) => operation === "delete");

  const switched = stateSteps.find(({ system }) => system === "entra")?.operation;
  const isLetIn = switched === undefined ? isEntraEnabled(entra, situation) : switched === "enable";
  const { grants, link, configuration } = situation;
  const isServed = directions.entraToDrupal && (open.entraToDrupal || link.served.entraToDrupal);
  const taken = isServed ? removeSteps(drupal, grants, link, configuration) : [];
  const given_ = open.entraToDrupal && isLetIn ? assignSteps(drupal, grants, configuration) : [];
  const marks = mayWriteEntra ? markChange(drupal, entra, situation) : [];
  const of = (operation: Step["operation"]) =>
    stateSteps.filter((one) => one.operation === operation);
  // Access is taken away before anything else is written, and given back after everything else is right.
  const steps =
    removal.length > 0
      ? removal
      : [
          ...linkStep,
          ...of("disable"),
          ...taken,
          ...updateStep("drupal", rows.updates.drupal),
          ...updateStep("entra", [...rows.updates.entra, ...marks]),
          ...given_,
          ...of("enable"),
        ];
  const isDeletedStill = states.some(({ asked }) => asked.state === "deleted");
  const facts: LinkFacts = {
    ...factsOf(drupal, situation),
    ...servedFacts(open, scope, situation),
    ...rows.facts,
    deleteDue: due,
    isProtected: false,
    ...(isDeletedStill ? {} : { isCancelled: false }),
  };
  const conflicts = Object.keys(rows.facts.conflicts ?? {}).length;
  const reason = reasonOf({ steps, due, scope }, conflicts, situation);
  return planOf(reason, { steps, failures, facts, agreed, learned, decisions, scope });
}
