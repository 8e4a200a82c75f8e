// Whether an entity passes a filter, compared the way SQLite compares columns.
import { notModelled } from "./drupal-error.ts";
import type { ColumnKind, Condition, Filter, Stored } from "./filter.ts";
import { asciiFold, fold } from "./user-store.ts";

/** What one value is compared with. */
interface Wanted {
  readonly operator: string;
  readonly values: readonly string[];
}

/** INTEGER affinity: a text that is no number sorts after all numbers, so ISO dates match nothing with >= (contract/drupal 104). */
function compareNumber(value: number, wanted: string): number {
  const number = /^\s*[+-]?\d+(\.\d+)?\s*$/.test(wanted)
    ? Number(wanted)
    : Number.POSITIVE_INFINITY;
  return value < number ? -1 : value > number ? 1 : 0;
}

/**
 * "=" becomes LIKE, which ignores the case of ASCII letters only; IN uses the collation, which ignores it in all
 * letters (contract/drupal-fields 066, 069, 079, 080).
 */
function matchesText(value: string, kind: ColumnKind, wanted: Wanted): boolean {
  const isExact = kind !== "text";
  const like = isExact ? (text: string): string => text : asciiFold;
  const collate = isExact ? (text: string): string => text : fold;
  const [first = ""] = wanted.values;
  const isIn = wanted.values.some((each) => collate(each) === collate(value));
  switch (wanted.operator) {
    case "=":
      return like(first) === like(value);
    case "<>":
      return like(first) !== like(value);
    case "IN":
      return isIn;
    case "NOT IN":
      return !isIn;
    case "STARTS_WITH":
      return asciiFold(value).startsWith(asciiFold(first));
    case "ENDS_WITH":
      return asciiFold(value).endsWith(asciiFold(first));
    case "CONTAINS":
      return asciiFold(value).includes(asciiFold(first));
    default:
      throw notModelled(`comparing a text with ${wanted.operator}`);
  }
}

type Compare = (wanted: string) => number;

function matchesOrder(compare: Compare, wanted: Wanted): boolean {
  const order = (index: number): number => compare(wanted.values[index] ?? "");
  const isIn = wanted.values.some((each) => compare(each) === 0);
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

const compareTexts =
  (value: string): Compare =>
  (wanted) =>
    value < wanted ? -1 : value > wanted ? 1 : 0;

function matchesValue(value: Stored, kind: ColumnKind, wanted: Wanted): boolean {
  if (kind === "number") return matchesOrder((text) => compareNumber(Number(value), text), wanted);
  const isOrder = /^(=|<>|[<>]=?|(NOT )?(IN|BETWEEN))$/.test(wanted.operator);
  if (kind === "date" && isOrder) return matchesOrder(compareTexts(String(value)), wanted);
  return matchesText(String(value), kind, wanted);
}

function matchesCondition<T>(entity: T, { column, operator, values }: Condition<T>): boolean {
  const held = column.read(entity);
  if (column.kind === "roles") return values.some((id) => held.includes(id));
  if (operator === "IS NULL") return !column.joins && held.length === 0;
  if (operator === "IS NOT NULL") return held.length > 0;
  if (column.many && /^(<>|NOT)/.test(operator))
    throw notModelled(`${operator} on ${column.field}, which holds many values`);
  // SQL: NULL is neither equal nor different.
  return held.some((value) => matchesValue(value, column.kind, { operator, values }));
}

/** Whether an entity passes a filter. */
export function matches<T>(entity: T, filter: Filter<T>): boolean {
  if (filter.kind === "condition") return matchesCondition(entity, filter);
  return filter.conjunction === "AND"
    ? filter.members.every((member) => matches(entity, member))
    : filter.members.some((member) => matches(entity, member));
}
