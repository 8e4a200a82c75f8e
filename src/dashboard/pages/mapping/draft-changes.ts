// What a draft changes, part by part: for the line that counts it, and to keep the document as short as its admin wrote it.
import {
  at,
  childOf,
  isList,
  isObject,
  isSame,
  type Json,
  type JsonObject,
  type Path,
  withAt,
} from "./json.ts";
import { droppedRows, newsOf } from "./row-edits.ts";
import { filled, lean, type Schema, schemaAt } from "./schema.ts";

/** The parts of the configuration, as people call them. */
export const PARTS: Readonly<Record<string, string>> = {
  attributes: "attributes",
  directions: "directions",
  scope: "scopes",
  account: "new accounts",
  matching: "matching",
  matchUnproven: "matching of unproven addresses",
  fields: "Drupal fields",
  extensions: "directory extensions",
  states: "states",
  roles: "roles",
  protected: "protected accounts",
  thresholds: "thresholds",
  photos: "pictures",
  guests: "guests",
};

const rowsChanged = (before: readonly Json[], after: readonly Json[]): number =>
  after.filter((row) => isObject(row) && newsOf(row, before) !== null).length +
  droppedRows(before, after).length;

function nameOf(part: string, before: Json | undefined, after: Json | undefined): string {
  if (part !== "attributes" || !isList(before) || !isList(after)) return PARTS[part] ?? part;
  const rows = rowsChanged(before, after);
  if (rows === 0) return "order of the rows";
  return rows === 1 ? "1 row" : `${rows} rows`;
}

/** The parts that differ, as people call them. Both are documents with their defaults. */
export function changedParts(before: JsonObject, after: JsonObject): string[] {
  const parts = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return parts
    .filter((part) => !isSame(before[part], after[part]))
    .map((part) => nameOf(part, before[part], after[part]));
}

/** The document with its defaults; itself where the schema is of something else. */
export function effective(schema: Schema, document: JsonObject): JsonObject {
  const full = filled(schema, document);
  return isObject(full) ? full : document;
}

// What stands above a place by default is written out, so that the rest of it stays what it was.
function writtenOut(schema: Schema, document: JsonObject, path: Path): JsonObject {
  let known: Json = document;
  path.slice(0, -1).forEach((_, depth) => {
    const place = path.slice(0, depth + 1);
    const now = place.reduce<Json | undefined>(childOf, known);
    const usual = schemaAt(schema, place)?.default;
    if (now === undefined && usual !== undefined) known = withAt(known, place, usual);
  });
  return isObject(known) ? known : document;
}

// Items that say what they said stay as they were written; the others are written as short as they can be.
function written(schema: Schema | undefined, before: Json | undefined, value: Json): Json {
  if (schema === undefined) return value;
  if (!isList(value)) return lean(schema, value);
  const items = schemaAt(schema, [0]);
  const old = isList(before) ? before : [];
  return value.map((item) => {
    if (items === undefined) return item;
    const kept = old.find((one) => isSame(filled(items, one), filled(items, item)));
    return kept ?? lean(items, item);
  });
}

/**
 * The draft with another value at a place; undefined takes it away. A part that says again what the saved one says is
 * written as that one writes it: so an edit that is taken back leaves no trace.
 */
export function changedDraft(
  {
    schema,
    saved,
    draft,
  }: { readonly schema: Schema; readonly saved: JsonObject; readonly draft: JsonObject },
  path: Path,
  value: Json | undefined,
): JsonObject {
  const [part] = path;
  const known = writtenOut(schema, draft, path);
  const next = withAt(
    known,
    path,
    value === undefined ? undefined : written(schemaAt(schema, path), at(known, path), value),
  );
  if (!isObject(next) || typeof part !== "string") return draft;
  const isBack = isSame(effective(schema, next)[part], effective(schema, saved)[part]);
  const kept = isBack ? withAt(next, [part], childOf(saved, part)) : next;
  return isObject(kept) ? kept : next;
}
