// The customer's page: what each row of the mapping reads on both sides, and what it would write. Pure; one bad value
// fails one attribute.
import { type AttributeRow, keyOf } from "./attribute-row.ts";
import type { SyncConfiguration } from "./configuration.ts";
import { faultOfEntraValue } from "./entra-limits.ts";
import { compileExpression } from "./expressions.ts";
import {
  type Converted,
  drupalFieldOf,
  drupalPrint,
  entraPrint,
  entraTypeOf,
  toDrupalForm,
  toEntraForm,
} from "./field-types.ts";
import type { Reason } from "./plan.ts";
import type { Attributes, AttributeValue, DrupalUser, EntraUser, System } from "./users.ts";
import { canonical } from "./values.ts";

/** Who is who across the systems, for references to other users: ids of linked people, null for those who are not. */
export interface References {
  readonly entraIdOf: Readonly<Record<string, string | null>>;
  readonly drupalUuidOf: Readonly<Record<string, string | null>>;
}

/** Nobody refers to anybody. */
export const NO_REFERENCES: References = { entraIdOf: {}, drupalUuidOf: {} };

/** What a side holds, or that it cannot be seen: which is never "empty". */
export type Held =
  | { readonly readable: false }
  | { readonly readable: true; readonly value: AttributeValue; readonly print: string };

/** What a side asks of the other: a value in the other's form, nothing (an empty source that keeps), or a fault. */
export type Wanted =
  | { readonly kind: "value"; readonly value: AttributeValue; readonly print: string }
  | { readonly kind: "nothing" }
  | { readonly kind: "unreadable" }
  | { readonly kind: "fault"; readonly fault: Reason };

/** One row with both sides read. `ofOther.entra` is what Entra's side asks of Drupal. */
export interface MappedRow {
  readonly row: AttributeRow;
  readonly key: string;
  readonly held: Readonly<Record<System, Held>>;
  readonly asks: Readonly<Record<System, Wanted>>;
}

const NOT_READABLE: Held = { readable: false };

/** Both users as the mapping reads them. Where one does not exist yet, null. */
export interface Sides {
  readonly drupal: DrupalUser | null;
  readonly entra: EntraUser | null;
}

type Source = { readonly value: AttributeValue } | { readonly absent: true };

function sourceOf(row: AttributeRow, from: System, attributes: Attributes, isNew: boolean): Source {
  switch (row.kind) {
    case "constant":
      return { value: row.value };
    case "direct": {
      const value = attributes[row[from]];
      return value === undefined ? { absent: true } : { value };
    }
    case "expression": {
      const compiled = compileExpression(row.expression);
      if (!compiled.ok) throw new TypeError(compiled.fault);
      // A linked user's value is not worked out from fields that we have lost sight of.
      const isBlind = compiled[from].some((name) => attributes[name] === undefined);
      if (isBlind && !isNew) return { absent: true };
      return { value: compiled.evaluate({ [from]: attributes }) };
    }
  }
}

const failed = (fault: Reason): Wanted => ({ kind: "fault", fault });

function referenced(
  value: AttributeValue,
  known: Readonly<Record<string, string | null>>,
): Converted {
  if (value === null) return { ok: true, value: null };
  const id = typeof value === "string" ? known[value] : undefined;
  if (typeof id === "string") return { ok: true, value: id };
  const message = "the manager has no link yet";
  return { ok: false, fault: { code: "referenceNotLinked", message } };
}

/** A row applied to what is read: converts, checks the target's limits, and keeps or clears what is empty. */
function wantedOf(
  row: AttributeRow,
  from: System,
  { drupal, entra }: Sides,
  configuration: SyncConfiguration,
  references: References,
): Wanted {
  const attributes = from === "drupal" ? drupal?.attributes : entra?.attributes;
  const target = from === "drupal" ? row.entra : row.drupal;
  if (attributes === undefined || target === undefined) return { kind: "unreadable" };
  const isNew = (from === "drupal" ? entra : drupal) === null;
  const field = drupalFieldOf(row.drupal ?? "", configuration.fields);
  const type = entraTypeOf(row.entra ?? "", configuration.extensions);
  const print = (value: AttributeValue) =>
    from === "drupal" ? entraPrint(target, value) : drupalPrint(target, field, value);
  const convert = (value: AttributeValue): Converted => {
    if (type === "user")
      return referenced(value, references[from === "drupal" ? "entraIdOf" : "drupalUuidOf"]);
    if (from === "entra") return toDrupalForm(value, field);
    const converted = toEntraForm(value, type);
    if (!converted.ok) return converted;
    const fault = faultOfEntraValue(target, converted.value);
    return fault === null ? converted : { ok: false, fault };
  };
  let source: Source;
  try {
    source = sourceOf(row, from, attributes, isNew);
  } catch {
    // The library's message quotes the value: it stays out of logs and audit.
    const message = `the expression for ${target} has no result for this user`;
    return failed({ code: "expressionFailed", message });
  }
  if ("absent" in source) return { kind: "unreadable" };
  const given = canonical(source.value) ?? row.default ?? null;
  if (given === null && row.whenEmpty === "keep") return { kind: "nothing" };
  const converted = convert(given);
  return converted.ok
    ? { kind: "value", value: converted.value, print: print(converted.value) }
    : failed(converted.fault);
}

function heldBy(
  system: System,
  row: AttributeRow,
  sides: Sides,
  configuration: SyncConfiguration,
): Held {
  const name = row[system];
  const value = name === undefined ? undefined : sides[system]?.attributes[name];
  if (name === undefined || value === undefined) return NOT_READABLE;
  const print =
    system === "entra"
      ? entraPrint(name, value)
      : drupalPrint(name, drupalFieldOf(name, configuration.fields), value);
  return { readable: true, value: canonical(value), print };
}

/**
 * Reads every row of the mapping on both sides. A one-way row takes its source from `sources`: the users as they will be
 * once other rows are written. Total: a fault is a value.
 */
export function mapRows(
  held: Sides,
  sources: Sides,
  configuration: SyncConfiguration,
  references: References,
): MappedRow[] {
  const nobody: Wanted = { kind: "nothing" };
  return configuration.attributes.map((row) => {
    const sides =
      row.flow === "both"
        ? held
        : row.flow === "drupalToEntra"
          ? { drupal: sources.drupal, entra: held.entra }
          : { drupal: held.drupal, entra: sources.entra };
    const asked = (from: System) => wantedOf(row, from, sides, configuration, references);
    return {
      row,
      key: keyOf(row),
      held: {
        drupal: heldBy("drupal", row, sides, configuration),
        entra: heldBy("entra", row, sides, configuration),
      },
      asks: {
        drupal: row.flow === "entraToDrupal" ? nobody : asked("drupal"),
        entra: row.flow === "drupalToEntra" ? nobody : asked("entra"),
      },
    };
  });
}

/** The Drupal fields that a configuration reads. */
export function drupalAttributesOf(configuration: SyncConfiguration): string[] {
  const read = (expression: string) => {
    const compiled = compileExpression(expression);
    return compiled.ok ? compiled.drupal : [];
  };
  const rows = configuration.attributes.flatMap((row) => [
    ...(row.drupal === undefined ? [] : [row.drupal]),
    ...(row.kind === "expression" ? read(row.expression) : []),
  ]);
  const scoped = configuration.scope.drupalToEntra.anyOf.flat().map(({ attribute }) => attribute);
  const matched = configuration.matching.map((row) => row.drupal);
  const named = read(configuration.account.userPrincipalName);
  return [...new Set([...rows, ...scoped, ...matched, ...named])];
}

/** The Entra properties that a configuration reads. */
export function entraAttributesOf(configuration: SyncConfiguration): string[] {
  const rows = configuration.attributes.flatMap((row) => {
    const named = row.entra === undefined ? [] : [row.entra];
    if (row.kind !== "expression") return named;
    const compiled = compileExpression(row.expression);
    return compiled.ok ? [...named, ...compiled.entra] : named;
  });
  const name = compileExpression(configuration.account.drupalName);
  const scoped = configuration.scope.entraToDrupal.anyOf.flat().map(({ attribute }) => attribute);
  const matched = configuration.matching.map((row) => row.entra);
  const all = [
    ...rows,
    ...(name.ok ? name.entra : []),
    ...scoped,
    ...matched,
    "displayName",
    "mail",
    configuration.account.marker,
  ];
  // Read of every user, and kept outside of the attributes.
  const always = ["id", "userPrincipalName", "accountEnabled"];
  return [...new Set(all)].filter((attribute) => !always.includes(attribute));
}
