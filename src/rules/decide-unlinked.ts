// The decision for a user without a link: join the account that matches, make one on the other side, or say why not.
import { decideJoined } from "./decide-joined.ts";
import { drupalUuidFor } from "./drupal-names.ts";
import type { Match } from "./matching.ts";
import { firstValues } from "./merge-rows.ts";
import { because, type Change, type Plan, planOf, type Reason, type Step } from "./plan.ts";
import { assignSteps } from "./roles.ts";
import type { ScopeVerdict } from "./scope-clause.ts";
import { drupalScope, entraScope, openDirections, type Situation } from "./situation.ts";
import type { Direction, DrupalUser, EntraUser, System } from "./users.ts";

const step = (operation: Step["operation"], system: System, changes: readonly Change[]): Step => ({
  operation,
  system,
  resource: "user",
  changes,
});

/** Why nothing is written in a direction. */
export const directionOff = (what: Direction): Reason =>
  because("directionOff", `${what} is switched off in the configuration`);

function decideCreateInEntra(drupal: DrupalUser, situation: Situation): Plan {
  const { marker } = situation.configuration.account;
  const { changes, ...rest } = firstValues("entra", { drupal, entra: null }, situation);
  const own = (attribute: string, after: Change["after"]): Change => ({
    attribute,
    before: null,
    after,
    why: "notInEntra",
  });
  const isNamed = changes.some(({ attribute }) => attribute === "displayName");
  const all = [
    ...(isNamed ? [] : [own("displayName", drupal.name)]),
    ...changes,
    own(marker, drupal.uuid),
    own("accountEnabled", true),
  ];
  const reason = because("notInEntra", "no Entra user matches this Drupal user");
  const scope = { drupalToEntra: drupalScope(drupal, situation) };
  // What is new on one side has not been served from there yet: it cannot leave a scope.
  const served = { drupalToEntra: true, entraToDrupal: false };
  const facts = { served, inScope: served };
  return planOf(reason, { ...rest, facts, scope, steps: [step("create", "entra", all)] });
}

// Whoever registers in Drupal types in a mail address, and may change it later. What proves that it is theirs, or that the
// account is one of ours.
function isProven(
  drupal: DrupalUser,
  { user: entra, field }: MatchedOne,
  { configuration }: Situation,
): boolean {
  if (configuration.matchUnproven || field === null) return true;
  if (drupal.uuid === drupalUuidFor(entra.objectId)) return true;
  return field === "mail" && drupal.isMailProven;
}

type MatchedOne = Extract<Match<EntraUser>, { kind: "one" }>;

function decideMatch(
  drupal: DrupalUser,
  match: MatchedOne,
  verdict: ScopeVerdict,
  situation: Situation,
): Plan {
  const { configuration, joins, link } = situation;
  const { user: entra, by } = match;
  const both = {
    drupalToEntra: verdict,
    entraToDrupal: entraScope(entra, { ...situation, entra }),
  };
  const open = openDirections(both, configuration);
  if (!open.drupalToEntra && !open.entraToDrupal) {
    const isOff = verdict.inScope && !configuration.directions.drupalToEntra;
    return planOf(isOff ? directionOff("drupalToEntra") : verdict.reason, { scope: both });
  }
  const isNamed = joins === entra.objectId.toLowerCase();
  if (link.takenApart?.entraObjectId === entra.objectId && !isNamed) {
    const message = `an operator took this user and the Entra account ${entra.objectId} apart: only an operator who names it joins them again`;
    return planOf(because("takenApart", message), { scope: both });
  }
  if (!isNamed && !isProven(drupal, match, situation)) {
    const message = `the Entra account ${entra.objectId} has the same ${by}, but nothing proves that it is this person's: an operator joins the two by naming it`;
    return planOf(because("matchUnproven", message), { scope: both });
  }
  return decideJoined(drupal, entra, situation, [step("link", "entra", [])]);
}

/** Decides for a Drupal user who has no link. */
export function decideUnlinked(drupal: DrupalUser, situation: Situation): Plan {
  const { match, configuration, link } = situation;
  if (!drupal.enabled && link.blocks.drupal === "none") {
    const message = "the Drupal account is blocked and has no link; nothing is created for it";
    return planOf(because("disabledInDrupal", message));
  }
  if (match.kind === "conflict") return planOf(match.reason);
  const verdict = drupalScope(drupal, situation);
  if (match.kind === "one") return decideMatch(drupal, match, verdict, situation);
  if (situation.joins !== null) {
    const message =
      "a create in Entra has not been confirmed yet; name the pair again in ten minutes";
    return planOf(because("createUnconfirmed", message));
  }
  const scope = { drupalToEntra: verdict };
  if (!configuration.directions.drupalToEntra)
    return planOf(directionOff("drupalToEntra"), { scope });
  if (!verdict.inScope) return planOf(verdict.reason, { scope });
  if (!drupal.enabled) {
    const message = "the Drupal account is still disabled by us, and has no Entra account";
    return planOf(because("disabledInDrupal", message), { scope });
  }
  return decideCreateInEntra(drupal, situation);
}

/** Decides whether an Entra user gets a Drupal account. */
export function decideCreateInDrupal(entra: EntraUser, given: Situation): Plan {
  const situation = { ...given, entra };
  const { configuration, link, grants } = situation;
  const verdict = entraScope(entra, situation);
  const scope = { entraToDrupal: verdict };
  if (link.drupalGoneAt !== null && !situation.byOperator) {
    const message = "the Drupal account was deleted; it is not made again without an operator";
    return planOf(because("drupalUserDeleted", message), { scope });
  }
  if (!configuration.directions.entraToDrupal)
    return planOf(directionOff("entraToDrupal"), { scope });
  if (!verdict.inScope) return planOf(verdict.reason, { scope });
  if (!entra.enabled) {
    const message = "the Entra account is disabled and has no link; nothing is created for it";
    return planOf(because("disabledInEntra", message), { scope });
  }
  const { changes, ...rest } = firstValues("drupal", { drupal: null, entra }, situation);
  const status: Change = { attribute: "status", before: null, after: true, why: "notInDrupal" };
  const creation = step("create", "drupal", [...changes, status]);
  const roles = assignSteps({ roles: [] }, grants, configuration);
  const reason = because("notInDrupal", "no Drupal account matches this Entra user");
  const served = { drupalToEntra: false, entraToDrupal: true };
  const facts = { served, inScope: served };
  return planOf(reason, { ...rest, facts, scope, steps: [creation, ...roles] });
}
