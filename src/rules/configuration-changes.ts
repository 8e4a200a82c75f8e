// What changed between two configuration documents, path by path, for the audit log.
import type { Change } from "./plan.ts";

interface Difference {
  readonly path: readonly string[];
  readonly before: unknown;
  readonly after: unknown;
}

const MAX_TEXT = 1000;
// A row of the audit log is no place for a rewritten document: beyond this, its parts are named as wholes.
const MAX_CHANGES = 40;

type Branch = Readonly<Record<string, unknown>> | readonly unknown[];
const isBranch = (value: unknown): value is Branch => typeof value === "object" && value !== null;

// Lists of different lengths differ as wholes: after an inserted row, every later row would look changed.
const isComparable = (before: Branch, after: Branch): boolean =>
  Array.isArray(before) && Array.isArray(after)
    ? before.length === after.length
    : !Array.isArray(before) && !Array.isArray(after);

function childOf(branch: Branch, key: string): unknown {
  return Object.getOwnPropertyDescriptor(branch, key)?.value;
}

function differences(
  before: unknown,
  after: unknown,
  depth: number,
  path: readonly string[] = [],
): Difference[] {
  if (Object.is(before, after)) return [];
  const whole = [{ path, before, after }];
  if (!isBranch(before) || !isBranch(after) || !isComparable(before, after)) return whole;
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const inside = keys.flatMap((key) =>
    differences(childOf(before, key), childOf(after, key), depth - 1, [...path, key]),
  );
  return depth <= 0 && inside.length > 0 ? whole : inside;
}

function shown(value: unknown): string | null {
  if (value === undefined) return null;
  const text = JSON.stringify(value);
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`;
}

/**
 * The changes that turn one JSON document into another, none when they say the same. Each value is its JSON text, cut to
 * 1,000 characters; null where the path does not exist. The order of names does not count, that of lists does.
 */
export function configurationChanges(before: unknown, after: unknown): Change[] {
  const leaves = differences(before, after, Number.POSITIVE_INFINITY);
  const found = leaves.length <= MAX_CHANGES ? leaves : differences(before, after, 1);
  return found.map(({ path, ...values }) => ({
    attribute: path.length === 0 ? "document" : path.join("."),
    before: shown(values.before),
    after: shown(values.after),
    why: "configurationChanged",
  }));
}
