// The `filter` parameter: conditions and nested AND/OR groups, refused as Drupal refuses them.

import { notModelled, refusal } from "./drupal-error.ts";
import type { Identity } from "./drupal-http.ts";
import { mayFilterBy } from "./field-access.ts";
import type { QueryMap, QueryValue } from "./php-query.ts";

/** One comparison; `values` has one member except for IN and BETWEEN. */
export interface Condition {
  readonly kind: "condition";
  readonly field: string;
  readonly operator: string;
  readonly values: readonly string[];
}
/** Conditions and groups joined by AND or OR. */
export interface Group {
  readonly kind: "group";
  readonly conjunction: "AND" | "OR";
  readonly members: readonly Filter[];
}
/** A parsed filter. */
export type Filter = Condition | Group;

/** How a column compares: numbers, texts that ignore case, texts that do not (contract/drupal 088, 093). */
export type Column = "number" | "text" | "exactText" | "roles";

/** The columns that can be filtered and sorted by. */
export const COLUMNS: ReadonlyMap<string, Column> = new Map([
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
  ["field_department", "text"],
  ["field_first_name", "text"],
  ["field_last_name", "text"],
]);

const ALIASES: ReadonlyMap<string, string> = new Map([
  ["id", "uuid"],
  ["drupal_internal__uid", "uid"],
  ["roles.meta.drupal_internal__target_id", "roles"],
]);

// JSON:API module, EntityCondition::$allowedOperators.
const OPERATORS = [
  ..."= <> > >= < <= STARTS_WITH CONTAINS ENDS_WITH IN".split(" "),
  "NOT IN",
  "BETWEEN",
  "NOT BETWEEN",
  "IS NULL",
  "IS NOT NULL",
];
const LISTS = ["IN", "NOT IN", "BETWEEN", "NOT BETWEEN"];
const RELATIONS = [">", ">=", "<", "<=", "BETWEEN", "NOT BETWEEN"];

/** Turns a public path into a column, refusing as Drupal does what does not exist or may not be filtered. */
export function columnOf(path: string, who: Identity): string {
  const field = ALIASES.get(path) ?? path;
  if (path.startsWith("roles.") && field === path)
    throw refusal(
      400,
      "Filtering on config entities is not supported by Drupal's entity API. You tried to filter on a Role config entity.",
    );
  if (field === "pass" || (COLUMNS.has(field) && !mayFilterBy(who, field)))
    throw refusal(
      403,
      `The current user is not authorized to filter by the \`${path}\` field, given in the path \`${path}\`.`,
    );
  if (COLUMNS.has(field) && path !== "roles" && path !== "uuid") return field;
  if (/^(user_picture|display_name|roles|uuid|default_langcode|preferred_admin)/.test(path))
    throw notModelled(`filtering or sorting by ${path}`);
  throw refusal(
    400,
    `Invalid nested filtering. The field \`${path}\`, given in the path \`${path}\`, does not exist.`,
  );
}

const asText = (value: QueryValue | undefined, what: string): string => {
  if (typeof value === "string") return value;
  throw notModelled(`a filter whose ${what} is not a text`);
};

const asValues = (value: QueryValue | undefined): readonly string[] => {
  if (value === undefined) throw notModelled("a filter condition without a value");
  if (typeof value === "string") return [value];
  return [...value.values()].map((each) => asText(each, "value"));
};

function condition(given: QueryMap, who: Identity): Condition {
  const operator = asText(given.get("operator") ?? "=", "operator");
  if (!OPERATORS.includes(operator))
    throw refusal(400, `The '${operator}' operator is not allowed in a filter parameter.`);
  const field = columnOf(asText(given.get("path"), "path"), who);
  const values = operator.endsWith("NULL") ? [] : asValues(given.get("value"));
  const column = COLUMNS.get(field);
  const scalar = typeof given.get("value") === "string";
  if (operator.endsWith("BETWEEN") && (scalar || values.length !== 2))
    // contract/drupal 108: the database error reaches the client, SQL and all.
    throw refusal(
      500,
      `SQLSTATE[HY000]: General error: 1 near ")": syntax error: SELECT "base_table"."uid" AS "uid" FROM "users" "base_table" INNER JOIN "users_field_data" "users_field_data" ON "users_field_data"."uid" = "base_table"."uid" WHERE "users_field_data"."${field}" ${operator} :db_condition_placeholder_0 AND `,
    );
  if (LISTS.includes(operator) ? scalar : values.length > 1)
    throw notModelled(`the operator ${operator} with ${scalar ? "one value" : "a list"}`);
  if (RELATIONS.includes(operator) && column !== "number")
    throw notModelled(`comparing the text ${field} with ${operator}`);
  if (column === "roles" && operator !== "=" && operator !== "IN")
    throw notModelled(`filtering roles with ${operator}`);
  return { kind: "condition", field, operator, values };
}

interface Named {
  readonly parent: string;
  readonly item: Condition | "AND" | "OR";
}

function read(name: string, given: QueryValue, who: Identity): Named {
  if (typeof given === "string") {
    const path = new Map<string, QueryValue>([
      ["path", name],
      ["value", given],
    ]);
    return { parent: "@root", item: condition(path, who) };
  }
  const inner = given.get("condition") ?? given.get("group");
  // Short forms: filter[mail][value]=..., filter[mail][operator]=....
  if (inner === undefined) {
    const full = given.has("path") ? given : new Map([["path", name], ...given]);
    return { parent: "@root", item: condition(full, who) };
  }
  if (typeof inner === "string") throw notModelled("a filter that is a bare text");
  const parent = asText(inner.get("memberOf") ?? "@root", "memberOf");
  if (given.has("condition")) return { parent, item: condition(inner, who) };
  const conjunction = asText(inner.get("conjunction"), "conjunction");
  if (conjunction !== "AND" && conjunction !== "OR")
    throw notModelled(`the conjunction ${conjunction}`);
  return { parent, item: conjunction };
}

/** Parses `filter[...]`; the result is the AND of everything that belongs to no group. */
export function parseFilter(given: QueryMap, who: Identity): Group {
  const named = new Map([...given].map(([name, value]) => [name, read(name, value, who)]));
  const parents = new Set([...named.values()].map((each) => each.parent));
  for (const parent of parents) {
    const target = named.get(parent)?.item;
    if (parent !== "@root" && target !== "AND" && target !== "OR")
      throw notModelled(`memberOf a group "${parent}" that does not exist`);
  }
  const build = (id: string, conjunction: "AND" | "OR", depth: number): Group => {
    if (depth > named.size) throw notModelled("filter groups that contain each other");
    const members = [...named]
      .filter(([, each]) => each.parent === id)
      .map(
        ([name, each]): Filter =>
          typeof each.item === "string" ? build(name, each.item, depth + 1) : each.item,
      );
    return { kind: "group", conjunction, members };
  };
  return build("@root", "AND", 0);
}
