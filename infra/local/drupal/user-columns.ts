// What users can be filtered and sorted by: core's columns, the fields the site added, and what these refer to.
import { notModelled, refusal } from "./drupal-error.ts";
import type { Identity } from "./drupal-http.ts";
import type { DrupalUser } from "./drupal-user.ts";
import { mayFilterBy } from "./field-access.ts";
import type { Column, ColumnKind, Stored } from "./filter.ts";
import { findTarget, type Target } from "./references.ts";
import type { Site } from "./site.ts";
import {
  isReference,
  itemsOf,
  targetsOf,
  type UserFieldDefinition,
  type UserFieldType,
} from "./user-fields.ts";

const CORE: ReadonlyMap<string, ColumnKind> = new Map([
  ["uid", "number"],
  ["uuid", "text"],
  ["langcode", "exactText"],
  ["preferred_langcode", "exactText"],
  ["name", "text"],
  ["mail", "exactText"],
  ["timezone", "text"],
  ["status", "number"],
  ["created", "number"],
  ["changed", "number"],
  ["access", "number"],
  ["login", "number"],
  ["init", "exactText"],
  ["roles", "roles"],
]);

const ALIASES: ReadonlyMap<string, string> = new Map([
  ["id", "uuid"],
  ["drupal_internal__uid", "uid"],
  ["roles.meta.drupal_internal__target_id", "roles"],
]);

/** Only plain texts ignore case: neither keys of lists nor telephone numbers do (contract/drupal-fields 076). */
const ADDED: Readonly<Partial<Record<UserFieldType, ColumnKind>>> = {
  string: "text",
  telephone: "exactText",
  integer: "number",
  decimal: "number",
  boolean: "number",
  list_string: "exactText",
  date: "date",
  datetime: "date",
};

/** What the path of a compound field must end with. */
const SPECIFIERS: Readonly<Partial<Record<UserFieldType, readonly string[]>>> = {
  term: ["id", "meta.drupal_internal__target_id"],
  user: ["id", "meta.drupal_internal__target_id"],
  link: ["uri", "title", "options"],
  text_long: ["value", "format", "processed"],
};

const scalar = (value: unknown): readonly Stored[] => {
  if (typeof value === "boolean") return [value ? 1 : 0];
  return typeof value === "string" || typeof value === "number" ? [value] : [];
};

function coreColumn(field: string, kind: ColumnKind): Column<DrupalUser> {
  const read = (user: DrupalUser): readonly Stored[] =>
    kind === "roles" ? user.roles : scalar(Reflect.get(user, field));
  return { field, kind, many: kind === "roles", read, joins: false };
}

const labelOf = (target: Target): string =>
  target.kind === "user" ? target.user.name : target.term.name;
const uuidOf = (target: Target): string =>
  target.kind === "user" ? target.user.uuid : target.term.uuid;
const mailOf = (target: Target): string => (target.kind === "user" ? (target.user.mail ?? "") : "");

/** Properties of a target are joined, so who refers to nobody is not found by IS NULL either (contract/drupal-fields 086). */
function joined(
  site: Site,
  field: UserFieldDefinition,
  property: string,
  kind: ColumnKind,
  read: (target: Target) => string,
): Column<DrupalUser> {
  return {
    field: `${field.name}.${property}`,
    kind,
    many: field.many,
    joins: true,
    read: (user) =>
      targetsOf(user[field.name]).flatMap((targetId) => {
        const target = findTarget(site, field, targetId);
        return target === undefined ? [] : read(target);
      }),
  };
}

function referenceColumn(
  site: Site,
  field: UserFieldDefinition,
  property: string,
): Column<DrupalUser> {
  switch (property) {
    case "meta.drupal_internal__target_id":
      return {
        field: `${field.name}.target`,
        kind: "number",
        many: field.many,
        joins: false,
        read: (user) => targetsOf(user[field.name]),
      };
    case "id":
      return joined(site, field, property, "text", uuidOf);
    case "name":
      return joined(site, field, property, "text", labelOf);
    case "mail":
      if (field.type === "user") return joined(site, field, property, "exactText", mailOf);
      throw notModelled(`filtering by ${field.name}.mail`);
    default:
      throw notModelled(`filtering by ${field.name}.${property}`);
  }
}

function addedColumn(
  site: Site,
  field: UserFieldDefinition,
  path: string,
  operator: string,
): Column<DrupalUser> {
  const property = path.slice(field.name.length + 1);
  const specifiers = SPECIFIERS[field.type];
  // Whether there is a reference may be asked of the bare field.
  if (isReference(field) && property === "" && operator.endsWith("NULL"))
    return referenceColumn(site, field, "meta.drupal_internal__target_id");
  if (specifiers !== undefined && property === "")
    throw refusal(
      400,
      `Invalid nested filtering. The field \`${path}\`, given in the path \`${path}\` is incomplete, it must end with one of the following specifiers: \`${specifiers.join("`, `")}\`.`,
    );
  if (isReference(field)) return referenceColumn(site, field, property);
  const kind = ADDED[field.type];
  if (kind === undefined || property !== "") throw notModelled(`filtering or sorting by ${path}`);
  const read = (user: DrupalUser): readonly Stored[] => itemsOf(user[field.name]).flatMap(scalar);
  return { field: field.name, kind, many: field.many, read, joins: false };
}

/** Turns a public path into a column, refusing as Drupal does what does not exist or may not be filtered. */
export function userColumn(
  site: Site,
  who: Identity,
  path: string,
  operator: string,
): Column<DrupalUser> {
  const field = ALIASES.get(path) ?? path;
  if (path.startsWith("roles.") && field === path)
    throw refusal(
      400,
      "Filtering on config entities is not supported by Drupal's entity API. You tried to filter on a Role config entity.",
    );
  const kind = CORE.get(field);
  if (field === "pass" || (kind !== undefined && !mayFilterBy(who, field)))
    throw refusal(
      403,
      `The current user is not authorized to filter by the \`${path}\` field, given in the path \`${path}\`.`,
    );
  if (kind !== undefined && path !== "roles" && path !== "uuid") return coreColumn(field, kind);
  const added = site.fields.find(({ name }) => path === name || path.startsWith(`${name}.`));
  if (added !== undefined) return addedColumn(site, added, path, operator);
  if (/^(user_picture|display_name|roles|uuid|default_langcode|preferred_admin)/.test(path))
    throw notModelled(`filtering or sorting by ${path}`);
  throw refusal(
    400,
    `Invalid nested filtering. The field \`${path}\`, given in the path \`${path}\`, does not exist.`,
  );
}
