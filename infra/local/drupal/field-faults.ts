// How a violation of one field value is worded and where its pointer points.
import type { ErrorItem } from "./drupal-error.ts";
import type { UserFieldDefinition } from "./user-fields.ts";

/** What is wrong with one value; `property` is empty when the item as a whole is meant. */
export interface Fault {
  readonly property: string;
  readonly message: string;
}

/** The type check that every property ends with. */
export const NOT_PRIMITIVE = "This value should be of the correct primitive type.";
/** What lists of choices say, whatever was wrong. */
export const NOT_A_CHOICE = "The value you selected is not a valid choice.";

/** A fault of the main property. */
export const valueFault = (message: string): Fault => ({ property: "value", message });

/**
 * The pointer leaves out the position 0 of a field that holds one value, unless the item itself is meant; it says
 * `attributes` for references too (contract/drupal-fields 006).
 */
export function faultItem(
  name: string,
  many: boolean,
  position: number,
  { property, message }: Fault,
): ErrorItem {
  const below = property === "" ? "" : `/${property}`;
  const place = many || position > 0 || property === "" ? `/${position}` : "";
  return {
    detail: `${name}.${position}${property === "" ? "" : `.${property}`}: ${message}`,
    pointer: `/data/attributes/${name}${place}${below}`,
  };
}

/** More values than the one a field can hold (contract/drupal-fields 013). */
export function tooMany({ name, label }: UserFieldDefinition): ErrorItem {
  return {
    detail: `${name}: ${label}: this field cannot hold more than 1 values.`,
    pointer: `/data/attributes/${name}`,
  };
}
