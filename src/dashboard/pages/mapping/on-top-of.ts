// A draft on top of another version than it was begun from: what only one of the two admins touched is as that one left it.
import { PARTS } from "./draft-changes.ts";
import { isList, isObject, isSame, type Json, type JsonObject, textAt } from "./json.ts";
import { type Identity, type Merged, mergedItems, type Versions } from "./merged-items.ts";
import { flowOf, keyOfRow, nameOfRow } from "./row-edits.ts";
import { filled, type Schema, schemaAt } from "./schema.ts";

const rowOf = (item: Json): JsonObject => (isObject(item) ? item : {});

const alone = (name: (item: Json) => string): Identity => ({
  keyOf: name,
  writesOf: () => [],
  nameOf: name,
});

function writesOf(row: JsonObject): string[] {
  const flow = flowOf(row);
  return [
    ...(flow === "entraToDrupal" ? [] : [`entra ${textAt(row, "entra")}`]),
    ...(flow === "drupalToEntra" ? [] : [`drupal ${textAt(row, "drupal")}`]),
  ];
}

const IDENTITIES: Readonly<Record<string, Identity>> = {
  attributes: {
    keyOf: (item) => keyOfRow(rowOf(item)),
    writesOf: (item) => writesOf(rowOf(item)),
    nameOf: (item) => nameOfRow(rowOf(item)),
  },
  matching: alone((item) => `${textAt(item, "drupal")} ↔ ${textAt(item, "entra")}`),
  "roles.map": alone((item) => `role ${textAt(item, "drupal")}`),
};

// Names and ids are their own identity: one list of them takes both admins' additions.
const identityAt = (path: readonly string[], lists: readonly (readonly Json[])[]) =>
  IDENTITIES[path.join(".")] ??
  (lists.flat().every((item) => typeof item === "string") ? alone(String) : null);

type Value = Json | undefined;

function mergedList(
  lists: Versions<readonly Json[]>,
  path: readonly string[],
  schema: Schema | undefined,
): Merged<Value> | null {
  const { base, theirs, ours } = lists;
  const identity = identityAt(path, [base, theirs, ours]);
  if (identity === null) return null;
  const items = schema === undefined ? undefined : schemaAt(schema, [0]);
  const full = (list: readonly Json[]) =>
    items === undefined ? list : list.map((item) => filled(items, item) ?? null);
  const merged = mergedItems(
    { base: full(base), theirs: full(theirs), ours: full(ours) },
    identity,
  );
  if (merged === null) return null;
  // As their admins wrote them, not with every default.
  const written = [...ours, ...theirs];
  const from = full(written);
  const value = merged.value.map(
    (item) => written[from.findIndex((one) => isSame(one, item))] ?? item,
  );
  return { value, both: merged.both };
}

function merged(
  { base, theirs, ours }: Versions<Value>,
  path: readonly string[],
  schema: Schema | undefined,
): Merged<Value> {
  const same = (a: Value, b: Value) =>
    isSame(a, b) || (schema !== undefined && isSame(filled(schema, a), filled(schema, b)));
  if (isSame(theirs, base)) return { value: ours, both: [] };
  if (same(ours, base)) return { value: theirs, both: [] };
  if (same(theirs, base) || same(theirs, ours)) return { value: ours, both: [] };
  const clash = { value: ours, both: [PARTS[path[0] ?? ""] ?? path.join(".")] };
  // A part that nobody wrote out is what it is by default.
  const usual = schema?.default;
  const [before, their, our] = [base ?? usual, theirs ?? usual, ours ?? usual];
  if (isList(before) && isList(their) && isList(our))
    return mergedList({ base: before, theirs: their, ours: our }, path, schema) ?? clash;
  if (!isObject(their) || !isObject(our) || (before !== undefined && !isObject(before)))
    return clash;
  return mergedObject({ base: before ?? {}, theirs: their, ours: our }, path, schema);
}

function mergedObject(
  { base, theirs, ours }: Versions<JsonObject>,
  path: readonly string[],
  schema: Schema | undefined,
): Merged<JsonObject> {
  const names = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])];
  const parts = names.map((name) => ({
    name,
    ...merged(
      { base: base[name], theirs: theirs[name], ours: ours[name] },
      [...path, name],
      schema === undefined ? undefined : schemaAt(schema, [name]),
    ),
  }));
  return {
    value: Object.fromEntries(
      parts.flatMap(({ name, value }): [string, Json][] =>
        value === undefined ? [] : [[name, value]],
      ),
    ),
    both: [...new Set(parts.flatMap(({ both }) => both))],
  };
}

/** The draft's changes on top of what is saved now. `both` names what both have changed, each in their own way: there the draft stands. */
export function onTopOf(
  theirs: JsonObject,
  {
    schema,
    base,
    draft,
  }: { readonly schema: Schema; readonly base: JsonObject; readonly draft: JsonObject },
): { readonly document: JsonObject; readonly both: readonly string[] } {
  const { value, both } = mergedObject({ base, theirs, ours: draft }, [], schema);
  return { document: value, both };
}
