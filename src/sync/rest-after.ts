// Whether a look leaves a user at rest, how both sides look then (what the next feed is compared with, echoes of our own writes
// included), and what the look learns that is not taken for that.
import type { ExplainedExport } from "../rules/explanation.ts";
import { isJoined, type Link, type LinkFacts, type Rest } from "../rules/link.ts";
import { decide } from "../rules/merge.ts";
import type { Plan } from "../rules/plan.ts";
import { drupalAfter, entraAfter, GONE, restPrints } from "../rules/rest.ts";
import type { Situation } from "../rules/situation.ts";
import type { DrupalUser, EntraUser } from "../rules/users.ts";
import type { ExportedPlan } from "./export-plan.ts";

const madeOn = (system: "drupal" | "entra", steps: readonly ExplainedExport[]) =>
  steps.find((step) => step.operation === "create" && step.system === system);
const isGone = (system: "drupal" | "entra", steps: readonly ExplainedExport[]): boolean =>
  steps.some((step) => step.operation === "delete" && step.system === system);

// A new account holds what was written, and nothing else; where a system fills in more, its feed shows it and a look follows.
const blank = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, null]));

function drupalUserAfter(
  link: Link,
  { drupal }: Situation,
  {
    steps,
    fields,
  }: { readonly steps: readonly ExplainedExport[]; readonly fields: readonly string[] },
): DrupalUser | null {
  if (isGone("drupal", steps)) return null;
  const creation = madeOn("drupal", steps);
  if (drupal !== null) return drupalAfter(drupal, steps);
  const name = creation?.changes.find(({ attribute }) => attribute === "name")?.after;
  if (typeof name !== "string") return null;
  const made: DrupalUser = {
    uuid: link.drupalUuid,
    uid: Number.MAX_SAFE_INTEGER,
    name,
    mail: null,
    enabled: false,
    isMailProven: false,
    roles: [],
    changedAt: "",
    attributes: { ...blank(fields), name, mail: null },
  };
  return { ...drupalAfter(made, steps), name };
}

function entraUserAfter(
  link: Link,
  situation: Situation,
  {
    steps,
    properties,
  }: { readonly steps: readonly ExplainedExport[]; readonly properties: readonly string[] },
): EntraUser | null {
  if (isGone("entra", steps)) return null;
  const { entra, nominee, match } = situation;
  const known = entra ?? (match.kind === "one" ? match.user : nominee);
  if (known !== null) return entraAfter(known, steps);
  if (madeOn("entra", steps) === undefined || link.entraObjectId === null) return null;
  const made: EntraUser = {
    objectId: link.entraObjectId,
    userPrincipalName: "",
    enabled: false,
    userType: "Member",
    onPremisesSynced: false,
    attributes: blank(properties),
  };
  return entraAfter(made, steps);
}

/** A user at rest. */
export interface AtRest {
  readonly rest: Rest;
  /** What the next look would learn, and nobody makes: that both directions serve an account that was just made. */
  readonly facts: Pick<LinkFacts, "served" | "inScope">;
}

/** Both sides after the look; null where another look is wanted. Tells from what was read and written, and asks nobody. */
export function restAfter(
  link: Link,
  situation: Situation,
  plan: Plan,
  exported: ExportedPlan,
): AtRest | null {
  const { configuration, isPartial, uncertain } = situation;
  const { steps } = exported;
  const isOpen = plan.failures.length + exported.failures.length + uncertain.size > 0;
  if (isPartial || isOpen || link.pending !== null || link.deleteDue !== null) return null;
  const prints = restPrints(configuration);
  const drupal = drupalUserAfter(link, situation, { steps, fields: prints.fields });
  const entra = entraUserAfter(link, situation, { steps, properties: prints.properties });
  let facts: AtRest["facts"] = {};
  if (steps.length > 0) {
    const next = decide({
      ...situation,
      drupal,
      entra: isJoined(link) ? entra : null,
      nominee: null,
      match: { kind: "none" },
      predecessor: null,
      hidden: {},
      link,
    });
    const isDone = next.steps.length + next.failures.length === 0 && !next.facts.deleteDue;
    if (!isDone || Object.keys(next.facts.conflicts ?? {}).length > 0) return null;
    const { served, inScope } = next.facts;
    facts = { ...(served ? { served } : {}), ...(inScope ? { inScope } : {}) };
  }
  const none = isJoined(link) ? GONE : null;
  const grants = situation.grants ?? (prints.needsGrants ? null : NO_GRANTS);
  const rest = {
    drupal: drupal === null ? none : prints.drupal(drupal),
    entra: entra === null ? none : prints.entra(entra, grants),
  };
  return { rest, facts };
}

const NO_GRANTS: ReadonlySet<string> = new Set();
