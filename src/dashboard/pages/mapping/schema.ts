// What the page knows of the configuration's JSON Schema (GET configuration/schema): words, choices and defaults of each place.
import {
  childOf,
  isList,
  isObject,
  isSame,
  type Json,
  type JsonObject,
  type Path,
} from "./json.ts";

/** The schema of a place. */
export type Schema = JsonObject;

const objectsOf = (value: Json | undefined): JsonObject[] =>
  isList(value) ? value.filter(isObject) : [];

/** The alternatives of a place; itself where there are none. */
export function variantsOf(schema: Schema): readonly Schema[] {
  const variants = [...objectsOf(schema.oneOf), ...objectsOf(schema.anyOf)];
  return variants.length > 0 ? variants : [schema];
}

// The kind of a row and the operator of a clause tell which alternative is meant.
function fits(variant: Schema, value: JsonObject): boolean {
  return ["kind", "operator"].every((name) => {
    const property = childOf(variant.properties, name);
    if (!isObject(property)) return true;
    const allowed = isList(property.enum) ? property.enum : [property.const ?? null];
    return allowed.includes(value[name] ?? null);
  });
}

function variantFor(schema: Schema, value: Json | undefined): Schema {
  const variants = variantsOf(schema);
  const found = isObject(value)
    ? variants.find((one) => one.type === "object" && fits(one, value))
    : variants.find(({ type }) => type !== "null");
  return found ?? schema;
}

function childSchema(schema: Schema, key: string | number): Schema | undefined {
  for (const variant of variantsOf(schema)) {
    const { properties, items, additionalProperties } = variant;
    const found = typeof key === "number" ? items : childOf(properties, key);
    if (isObject(found)) return found;
    if (typeof key === "string" && isObject(additionalProperties)) return additionalProperties;
  }
  return undefined;
}

/** The schema of a place below; of alternatives, the first that has the place. */
export function schemaAt(schema: Schema, path: Path): Schema | undefined {
  return path.reduce<Schema | undefined>(
    (last, key) => (last === undefined ? undefined : childSchema(last, key)),
    schema,
  );
}

/** What may be chosen at a place: an enumeration, or alternatives of one value each; empty where anything may be. */
export function choicesOf(schema: Schema): readonly (string | number)[] {
  const values = isList(schema.enum)
    ? schema.enum
    : variantsOf(schema).flatMap((variant) => (variant.const === undefined ? [] : [variant.const]));
  return values.filter((value) => typeof value === "string" || typeof value === "number");
}

/** The sentence that the schema says about a place. */
export const wordsOf = (schema: Schema | undefined): string | undefined =>
  typeof schema?.description === "string" ? schema.description : undefined;

/** A value with every default filled in, as the sync reads it. What the schema does not know stays as it is. */
export function filled(schema: Schema, value: Json | undefined): Json | undefined {
  const known = value ?? (value === undefined ? schema.default : null);
  const variant = variantFor(schema, known);
  if (isList(known)) {
    const { items } = variant;
    return isObject(items) ? known.map((item) => filled(items, item) ?? null) : known;
  }
  if (!isObject(known)) return known;
  const names = new Set([
    ...(isObject(variant.properties) ? Object.keys(variant.properties) : []),
    ...Object.keys(known),
  ]);
  return Object.fromEntries(
    [...names].flatMap((name): [string, Json][] => {
      const below = childSchema(variant, name);
      const child = childOf(known, name);
      const full = below === undefined ? child : filled(below, child);
      return full === undefined ? [] : [[name, full]];
    }),
  );
}

/** A value as short as it can be written: without names that hold what the schema says by default. */
export function lean(schema: Schema, value: Json): Json {
  const variant = variantFor(schema, value);
  if (isList(value)) {
    const { items } = variant;
    return isObject(items) ? value.map((item) => lean(items, item)) : value;
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, child]): [string, Json][] => {
      const below = childSchema(variant, name);
      if (below === undefined) return [[name, child]];
      return isSame(child, filled(below, undefined)) ? [] : [[name, lean(below, child)]];
    }),
  );
}
