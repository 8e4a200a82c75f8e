// What the reference fields of users point at: the targets, how they are shown, and which may be chosen.
import { type ErrorItem, notModelled } from "./drupal-error.ts";
import type { Identity } from "./drupal-http.ts";
import type { DrupalUser } from "./drupal-user.ts";
import { faultItem } from "./field-faults.ts";
import type { Site } from "./site.ts";
import type { Term } from "./taxonomy.ts";
import { targetsOf, type UserFieldDefinition } from "./user-fields.ts";

/** Why a term that is not published is withheld (contract/drupal-fields 063, 072). */
export const TERM_WITHHELD =
  "The current user is not allowed to GET the selected resource. The 'access content' permission is required and the taxonomy term must be published.";

/** What a reference leads to. */
export type Target =
  | { readonly kind: "term"; readonly term: Term }
  | { readonly kind: "user"; readonly user: DrupalUser };

/** The type that the resources behind a field have. */
export const targetType = (field: UserFieldDefinition): string =>
  field.type === "user" ? "user--user" : `taxonomy_term--${field.vocabulary ?? ""}`;

/** Finds the target of a number; undefined when it was deleted. */
export function findTarget(
  site: Site,
  field: UserFieldDefinition,
  targetId: number,
): Target | undefined {
  if (field.type === "user") {
    const user = site.users.byUid(targetId);
    return user === undefined ? undefined : { kind: "user", user };
  }
  const term = site.taxonomy.byTid(targetId);
  return term === undefined ? undefined : { kind: "term", term };
}

/** Whether somebody may see a term. */
export const maySeeTerm = (who: Identity, term: Term): boolean =>
  who.may("administer taxonomy") || (who.may("access content") && term.published);

const MISSING = {
  links: {
    help: {
      href: "https://www.drupal.org/docs/8/modules/json-api/core-concepts#missing",
      meta: { about: "Usage and meaning of the 'missing' resource identifier." },
    },
  },
};

interface Shown {
  readonly type: string;
  readonly id: string;
  readonly meta: Readonly<Record<string, unknown>>;
}

function shown(site: Site, field: UserFieldDefinition, targetId: number): Shown {
  const target = findTarget(site, field, targetId);
  if (target === undefined) return { type: targetType(field), id: "missing", meta: MISSING };
  const meta = { drupal_internal__target_id: targetId };
  return target.kind === "user"
    ? { type: "user--user", id: target.user.uuid, meta }
    : { type: `taxonomy_term--${target.term.vocabulary}`, id: target.term.uuid, meta };
}

/** Resource identifiers; what occurs twice, deleted targets too, is numbered by `arity` (contract/drupal-fields 050). */
export function referenceIdentifiers(
  site: Site,
  field: UserFieldDefinition,
  user: DrupalUser,
): unknown {
  const all = targetsOf(user[field.name]).map((targetId) => shown(site, field, targetId));
  if (!field.many) return all[0] ?? null;
  const sameAs = (one: Shown) => (other: Shown) => other.type === one.type && other.id === one.id;
  return all.map((one, position) => {
    if (all.filter(sameAs(one)).length === 1) return one;
    const arity = all.slice(0, position).filter(sameAs(one)).length;
    return { ...one, meta: { arity, ...one.meta } };
  });
}

function maySelect(who: Identity, field: UserFieldDefinition, target: Target): boolean {
  if (target.kind === "term")
    return (
      target.term.vocabulary === field.vocabulary &&
      (target.term.published || who.may("administer taxonomy"))
    );
  if (!who.may("administer users"))
    throw notModelled("choosing a user without the right to administer users");
  // Blocked accounts, oneself and even Anonymous can be chosen by who administers users.
  return true;
}

/** A target must exist; unless the user referred to it before, it must also be one to choose (contract/drupal-fields 043, 113). */
export function referenceFaults(
  site: Site,
  who: Identity,
  field: UserFieldDefinition,
  user: DrupalUser,
  before: DrupalUser | undefined,
): ErrorItem[] {
  const earlier = targetsOf(before?.[field.name]);
  const entityType = field.type === "user" ? "user" : "taxonomy_term";
  return targetsOf(user[field.name]).flatMap((targetId, position) => {
    const target = findTarget(site, field, targetId);
    const name = `(${entityType}: ${targetId})`;
    const fault = (message: string): ErrorItem[] => [
      faultItem(field.name, field.many, position, { property: "target_id", message }),
    ];
    if (target === undefined) return fault(`The referenced entity ${name} does not exist.`);
    if (earlier.includes(targetId) || maySelect(who, field, target)) return [];
    return fault(`This entity ${name} cannot be referenced.`);
  });
}
