// How JSON:API is asked for the users who hold a value, and which of its answers really do.
import { type DrupalField, drupalFieldOf } from "../../rules/field-types.ts";
import type { MatchingKey } from "../../rules/matching.ts";
import type { DrupalUser } from "../../rules/users.ts";
import { folded } from "../../rules/values.ts";
import type { DrupalFields } from "../../sync/ports.ts";
import { includeParameters, withQuery } from "./wire.ts";

// JSON:API's own maximum (facts: drupal, 15): a prefix may have more hits than the key.
const PAGE = "50";

const filterPath = (attribute: string, { type }: DrupalField): string => {
  if (type === "term") return `${attribute}.name`;
  return type === "user" ? `${attribute}.id` : attribute;
};

/** The parameters of one condition of a filter, by an id of its own. */
export const condition = (
  id: string,
  path: string,
  operator: string,
  values: readonly string[],
): [string, string][] => [
  [`filter[${id}][condition][path]`, path],
  [`filter[${id}][condition][operator]`, operator],
  ...values.map((value): [string, string] => [
    `filter[${id}][condition][value]${operator === "IN" ? "[]" : ""}`,
    value,
  ]),
];

/** Puts a condition into the group `any`. */
export const memberOf = (id: string): [string, string] => [
  `filter[${id}][condition][memberOf]`,
  "any",
];

/**
 * The request for users whose field may hold the key's value. `IN` ignores the case of names and texts, also beyond
 * ASCII; for addresses it does not on every database, where `STARTS_WITH` does; keys of lists keep their case
 * (contract/drupal-fields 074, 078, 082, 083). `ownValue` is our account's value of the field: with it in the list an
 * answer is never empty while we are let in.
 */
export function searchPath(
  { attribute, value }: MatchingKey,
  fields: DrupalFields,
  ownValue: string | null,
): string {
  const field = drupalFieldOf(attribute, fields);
  const path = filterPath(attribute, field);
  const spelled = (field.values ?? []).filter((one) => folded(one) === folded(value));
  const values = [...new Set([value, ...spelled, ...(ownValue === null ? [] : [ownValue])])];
  const same = condition("same", path, "IN", values);
  const isAddress = field.type === "text" && value.includes("@");
  const filter: [string, string][] = isAddress
    ? [
        ["filter[any][group][conjunction]", "OR"],
        ...same,
        memberOf("same"),
        ...condition("case", path, "STARTS_WITH", [value]),
        memberOf("case"),
      ]
    : same;
  const page: [string, string] = ["page[limit]", PAGE];
  return withQuery("/jsonapi/user/user", [...filter, page, ...includeParameters(fields)]);
}

/** Whether the user really holds the value, whatever the database made of the filter. */
export function holdsKey(user: DrupalUser, { attribute, value }: MatchingKey): boolean {
  const held = user.attributes[attribute];
  if (held === undefined || held === null) return false;
  const texts = typeof held === "object" ? held : [String(held)];
  return texts.some((text) => folded(text) === folded(value));
}
