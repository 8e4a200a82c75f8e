// Applies a checked $filter to one object, and finds the users an equality filter can only mean.
import type { FilterLiteral, FilterNode } from "./filter-parser.ts";
import { isJsonObject, type JsonValue } from "./json-value.ts";

/** How the filter reads a property of the object at hand. */
export type ReadProperty = (name: string) => JsonValue;

const fold = (value: JsonValue | undefined): JsonValue =>
  typeof value === "string" ? value.toLowerCase() : (value ?? null);

const asTime = (value: string): number | undefined =>
  /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : undefined;

// Directory comparisons ignore case; date-times compare as moments.
const compare = (left: JsonValue | undefined, right: FilterLiteral): number | undefined => {
  const a = fold(left);
  const b = fold(right);
  if (a === b) return 0;
  if (typeof a === "string" && typeof b === "string") {
    const [first, second] = [asTime(a.toUpperCase()), asTime(b.toUpperCase())];
    if (first !== undefined && second !== undefined) return first - second;
    return a < b ? -1 : 1;
  }
  if (typeof a === "number" && typeof b === "number") return a - b;
  return undefined;
};

const at = (read: ReadProperty, path: string): JsonValue | undefined => {
  const [name = "", ...rest] = path.split("/");
  let value: JsonValue | undefined = read(name);
  for (const key of rest) {
    if (key === "$count") return Array.isArray(value) ? value.length : 0;
    value = isJsonObject(value) ? value[key] : undefined;
  }
  return value;
};

/** True when the object matches. */
export function matchesFilter(node: FilterNode, read: ReadProperty): boolean {
  switch (node.kind) {
    case "and":
      return matchesFilter(node.left, read) && matchesFilter(node.right, read);
    case "or":
      return matchesFilter(node.left, read) || matchesFilter(node.right, read);
    case "not":
      return !matchesFilter(node.inner, read);
    case "any": {
      const items = at(read, node.path);
      return (
        Array.isArray(items) && items.some((item) => matchesFilter(node.inner, itemReader(item)))
      );
    }
    case "in":
      return node.values.some((value) => compare(at(read, node.path), value) === 0);
    case "call": {
      const text = fold(at(read, node.path));
      if (typeof text !== "string") return false;
      const value = node.value.toLowerCase();
      return node.name === "startsWith" ? text.startsWith(value) : text.endsWith(value);
    }
    case "compare": {
      const order = compare(at(read, node.path), node.value);
      if (node.operator === "eq") return order === 0;
      if (node.operator === "ne") return order !== 0;
      if (order === undefined) return false;
      return node.operator === "ge" ? order >= 0 : order <= 0;
    }
  }
}

const itemReader =
  (item: JsonValue): ReadProperty =>
  (name) =>
    name === "" ? item : isJsonObject(item) ? (item[name] ?? null) : null;

/** Equality terms of which one must hold for the filter to match; undefined when there is no such set. */
export function requiredEqualities(
  node: FilterNode,
): readonly { readonly path: string; readonly value: string }[] | undefined {
  switch (node.kind) {
    case "compare":
      return node.operator === "eq" && typeof node.value === "string"
        ? [{ path: node.path, value: node.value }]
        : undefined;
    case "in": {
      const texts = node.values.filter((value) => typeof value === "string");
      return texts.length === node.values.length
        ? texts.map((value) => ({ path: node.path, value }))
        : undefined;
    }
    case "and":
      return requiredEqualities(node.left) ?? requiredEqualities(node.right);
    case "or": {
      const left = requiredEqualities(node.left);
      const right = requiredEqualities(node.right);
      return left && right ? [...left, ...right] : undefined;
    }
    default:
      return undefined;
  }
}
