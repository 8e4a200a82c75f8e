// A whole added field as JSON:API takes it: one value, or a list of them, with everything that is wrong with it.
import { type ErrorItem, notModelled } from "./drupal-error.ts";
import { faultItem, tooMany } from "./field-faults.ts";
import { readItem } from "./read-item.ts";
import { type FieldValue, storedValue, type UserFieldDefinition } from "./user-fields.ts";

/** A field that was read; what has errors is not stored. */
export interface ReadField {
  readonly value: FieldValue;
  readonly errors: readonly ErrorItem[];
}

/** A bare value is taken for a list of one, null for an empty one (contract/drupal-fields 025, 026). */
function asList(given: unknown): readonly unknown[] {
  if (given === null || given === undefined) return [];
  if (Array.isArray(given)) return given;
  return typeof given === "object" && Object.keys(given).length === 0 ? [] : [given];
}

/** Reads a field; throws for what ends the request at once. */
export function readField(field: UserFieldDefinition, given: unknown): ReadField {
  const items = asList(given).map((item) => readItem(field, item));
  const kept = items.filter(({ value }) => value !== null);
  const errors = [
    ...(!field.many && kept.length > 1 ? [tooMany(field)] : []),
    ...items.flatMap(({ faults }, position) =>
      faults.map((fault) => faultItem(field.name, field.many, position, fault)),
    ),
  ];
  if (errors.length > 0 && kept.length < items.length)
    throw notModelled(`empty values beside wrong ones in ${field.name}`);
  return {
    value: storedValue(
      field,
      kept.flatMap(({ value }) => value ?? []),
    ),
    errors,
  };
}
