// JSON documents that are edited piece by piece: each change is a new document, and what it leaves alone stays the same object.

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [name: string]: Json;
}

/** A place in a document. */
export type Path = readonly (string | number)[];

/** Whether a value is an object, and no list. */
export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether a value is a list. */
export const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

/** The value of a name or a position; undefined where there is none. */
export function childOf(value: Json | undefined, key: string | number): Json | undefined {
  if (isList(value)) return value[Number(key)];
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** The value at a place; undefined where there is none. */
export const at = (value: Json | undefined, path: Path): Json | undefined =>
  path.reduce<Json | undefined>(childOf, value);

/** The text at a place; empty where there is no text. */
export function textAt(value: Json | undefined, ...path: (string | number)[]): string {
  const found = at(value, path);
  return typeof found === "string" ? found : "";
}

function withChild(value: Json | undefined, key: string | number, child: Json | undefined): Json {
  if (isList(value)) {
    const index = Number(key);
    if (child === undefined) return value.toSpliced(index, 1);
    return index < value.length ? value.with(index, child) : [...value, child];
  }
  const object = isObject(value) ? value : {};
  if (child !== undefined) return { ...object, [key]: child };
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== String(key)));
}

/** The document with another value at a place; undefined takes the place away. */
export function withAt(value: Json | undefined, path: Path, next: Json | undefined): Json {
  const [key, ...rest] = path;
  if (key === undefined) return next ?? null;
  const child = rest.length === 0 ? next : withAt(childOf(value, key), rest, next);
  return withChild(value, key, child);
}

/** A list with one of its items one place further up (-1) or down (1). */
export function moved(list: readonly Json[], index: number, by: -1 | 1): readonly Json[] {
  const item = list[index];
  const other = list[index + by];
  return item === undefined || other === undefined
    ? list
    : list.with(index, other).with(index + by, item);
}

/** Whether two values say the same; the order of names does not count, that of lists does. */
export function isSame(a: Json | undefined, b: Json | undefined): boolean {
  if (Object.is(a, b)) return true;
  if (isList(a) && isList(b))
    return a.length === b.length && a.every((item, index) => isSame(item, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isSame(a[name], b[name]))
  );
}

/** The document as it is shown to people. */
export const pretty = (value: Json): string => JSON.stringify(value, null, 2);
