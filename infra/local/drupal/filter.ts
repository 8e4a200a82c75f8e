// The `filter` parameter: conditions and nested AND/OR groups, refused as Drupal refuses them.

import { notModelled, refusal } from "./drupal-error.ts";
import type { QueryMap, QueryValue } from "./php-query.ts";

/** How a column compares: numbers, dates as texts, texts that ignore case, texts that do not (contract/drupal 088, 093). */
export type ColumnKind = "number" | "text" | "exactText" | "date" | "roles";
/** A value as the database holds it. */
export type Stored = string | number;

/** Something an entity can be filtered by. */
export interface Column<T> {
  readonly field: string;
  readonly kind: ColumnKind;
  readonly many: boolean;
  /** Reached through a join that drops entities without a target. */
  readonly joins: boolean;
  read(entity: T): readonly Stored[];
}

/** One comparison; `values` has one member except for IN and BETWEEN. */
export interface Condition<T> {
  readonly kind: "condition";
  readonly column: Column<T>;
  readonly operator: string;
  readonly values: readonly string[];
}
/** Conditions and groups joined by AND or OR. */
export interface Group<T> {
  readonly kind: "group";
  readonly conjunction: "AND" | "OR";
  readonly members: readonly Filter<T>[];
}
/** A parsed filter. */
export type Filter<T> = Condition<T> | Group<T>;
/** Finds the column of a public path for an operator, or refuses it. */
export type ColumnFinder<T> = (path: string, operator: string) => Column<T>;

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

const asText = (value: QueryValue | undefined, what: string): string => {
  if (typeof value === "string") return value;
  throw notModelled(`a filter whose ${what} is not a text`);
};

const asValues = (value: QueryValue | undefined): readonly string[] => {
  if (value === undefined) throw notModelled("a filter condition without a value");
  if (typeof value === "string") return [value];
  return [...value.values()].map((each) => asText(each, "value"));
};

function condition<T>(given: QueryMap, columnOf: ColumnFinder<T>): Condition<T> {
  const operator = asText(given.get("operator") ?? "=", "operator");
  if (!OPERATORS.includes(operator))
    throw refusal(400, `The '${operator}' operator is not allowed in a filter parameter.`);
  const column = columnOf(asText(given.get("path"), "path"), operator);
  const { field, kind } = column;
  const values = operator.endsWith("NULL") ? [] : asValues(given.get("value"));
  const scalar = typeof given.get("value") === "string";
  if (operator.endsWith("BETWEEN") && (scalar || values.length !== 2))
    // contract/drupal 108: the database error reaches the client, SQL and all.
    throw refusal(
      500,
      `SQLSTATE[HY000]: General error: 1 near ")": syntax error: SELECT "base_table"."uid" AS "uid" FROM "users" "base_table" INNER JOIN "users_field_data" "users_field_data" ON "users_field_data"."uid" = "base_table"."uid" WHERE "users_field_data"."${field}" ${operator} :db_condition_placeholder_0 AND `,
    );
  // IN takes one value for a list of one (contract/drupal-fields 084).
  if (LISTS.includes(operator) ? scalar && operator !== "IN" : values.length > 1)
    throw notModelled(`the operator ${operator} with ${scalar ? "one value" : "a list"}`);
  if (RELATIONS.includes(operator) && kind !== "number" && kind !== "date")
    throw notModelled(`comparing the text ${field} with ${operator}`);
  if (kind === "roles" && operator !== "=" && operator !== "IN")
    throw notModelled(`filtering roles with ${operator}`);
  return { kind: "condition", column, operator, values };
}

interface Named<T> {
  readonly parent: string;
  readonly item: Condition<T> | "AND" | "OR";
}

function read<T>(name: string, given: QueryValue, columnOf: ColumnFinder<T>): Named<T> {
  if (typeof given === "string") {
    const path = new Map<string, QueryValue>([
      ["path", name],
      ["value", given],
    ]);
    return { parent: "@root", item: condition(path, columnOf) };
  }
  const inner = given.get("condition") ?? given.get("group");
  // Short forms: filter[mail][value]=..., filter[mail][operator]=....
  if (inner === undefined) {
    // So the short form has no IS NULL (contract/drupal-fields 087).
    if (!given.has("value") && !given.has("path"))
      throw refusal(
        400,
        "You must provide a valid filter condition. Check that you have set the required keys for your filter.",
      );
    const full = given.has("path") ? given : new Map([["path", name], ...given]);
    return { parent: "@root", item: condition(full, columnOf) };
  }
  if (typeof inner === "string") throw notModelled("a filter that is a bare text");
  const parent = asText(inner.get("memberOf") ?? "@root", "memberOf");
  if (given.has("condition")) return { parent, item: condition(inner, columnOf) };
  const conjunction = asText(inner.get("conjunction"), "conjunction");
  if (conjunction !== "AND" && conjunction !== "OR")
    throw notModelled(`the conjunction ${conjunction}`);
  return { parent, item: conjunction };
}

/** Parses `filter[...]`; the result is the AND of everything that belongs to no group. */
export function parseFilter<T>(given: QueryMap, columnOf: ColumnFinder<T>): Group<T> {
  const named = new Map([...given].map(([name, value]) => [name, read(name, value, columnOf)]));
  const parents = new Set([...named.values()].map((each) => each.parent));
  for (const parent of parents) {
    const target = named.get(parent)?.item;
    if (parent !== "@root" && target !== "AND" && target !== "OR")
      throw notModelled(`memberOf a group "${parent}" that does not exist`);
  }
  const build = (id: string, conjunction: "AND" | "OR", depth: number): Group<T> => {
    if (depth > named.size) throw notModelled("filter groups that contain each other");
    const members = [...named]
      .filter(([, each]) => each.parent === id)
      .map(
        ([name, each]): Filter<T> =>
          typeof each.item === "string" ? build(name, each.item, depth + 1) : each.item,
      );
    return { kind: "group", conjunction, members };
  };
  return build("@root", "AND", 0);
}
