// Whether a user passes a filter, compared the way SQLite compares columns.
import { notModelled } from "./drupal-error.ts";
import type { DrupalUser } from "./drupal-user.ts";
import { COLUMNS, type Column, type Condition, type Filter } from "./user-filter.ts";
import { fold } from "./user-store.ts";

type Stored = string | number | null;

/** The value of a column as the database holds it. */
export function stored(user: DrupalUser, field: string): Stored {
  const value: unknown = Reflect.get(user, field);
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "string" || typeof value === "number" ? value : null;
}

/** INTEGER affinity: a text that is no number sorts after all numbers, so ISO dates match nothing with >= (contract/drupal 104). */
function compareNumber(value: number, wanted: string): number {
  const number = /^\s*[+-]?\d+(\.\d+)?\s*$/.test(wanted)
    ? Number(wanted)
    : Number.POSITIVE_INFINITY;
  return value < number ? -1 : value > number ? 1 : 0;
}

// SQLite's LIKE ignores the case of ASCII letters only.
const likeFold = (text: string): string => text.replace(/[A-Z]/g, (sign) => sign.toLowerCase());

function matchesText(value: string, column: Column | undefined, wanted: Condition): boolean {
  const key = column === "text" ? fold : (text: string): string => text;
  const [first = ""] = wanted.values;
  const isIn = wanted.values.some((each) => key(each) === key(value));
  switch (wanted.operator) {
    case "=":
    case "IN":
      return isIn;
    case "<>":
    case "NOT IN":
      return !isIn;
    case "STARTS_WITH":
      return likeFold(value).startsWith(likeFold(first));
    case "ENDS_WITH":
      return likeFold(value).endsWith(likeFold(first));
    case "CONTAINS":
      return likeFold(value).includes(likeFold(first));
    default:
      throw notModelled(`comparing a text with ${wanted.operator}`);
  }
}

function matchesNumber(value: number, wanted: Condition): boolean {
  const order = (index: number): number => compareNumber(value, wanted.values[index] ?? "");
  const isIn = wanted.values.some((each) => compareNumber(value, each) === 0);
  const between = wanted.operator.endsWith("BETWEEN") && order(0) >= 0 && order(1) <= 0;
  const answers: Readonly<Record<string, () => boolean>> = {
    "=": () => isIn,
    IN: () => isIn,
    "<>": () => !isIn,
    "NOT IN": () => !isIn,
    ">": () => order(0) > 0,
    ">=": () => order(0) >= 0,
    "<": () => order(0) < 0,
    "<=": () => order(0) <= 0,
    BETWEEN: () => between,
    "NOT BETWEEN": () => !between,
  };
  const answer = answers[wanted.operator];
  if (answer === undefined) throw notModelled(`comparing a number with ${wanted.operator}`);
  return answer();
}

function matchesCondition(user: DrupalUser, wanted: Condition): boolean {
  if (wanted.field === "roles") return wanted.values.some((id) => user.roles.includes(id));
  const value = stored(user, wanted.field);
  if (wanted.operator === "IS NULL") return value === null;
  if (wanted.operator === "IS NOT NULL") return value !== null;
  // SQL: NULL is neither equal nor different.
  if (value === null) return false;
  return typeof value === "number"
    ? matchesNumber(value, wanted)
    : matchesText(value, COLUMNS.get(wanted.field), wanted);
}

/** Whether a user passes a filter. */
export function matches(user: DrupalUser, filter: Filter): boolean {
  if (filter.kind === "condition") return matchesCondition(user, filter);
  return filter.conjunction === "AND"
    ? filter.members.every((member) => matches(user, member))
    : filter.members.some((member) => matches(user, member));
}
