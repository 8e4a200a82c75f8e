// Conflicts that wait for an operator, and what operators decided about them.
import type { AttributeValue, System } from "./users.ts";

/** A row of the mapping that is left alone on both sides until someone decides. */
export interface OpenConflict {
  /** `manual`: the row asks for a person. `newestUnknown`: it cannot be told which edit is newer. `pingPong`: something
   * sets the value back each time we write it. */
  readonly code: "manual" | "newestUnknown" | "pingPong";
  readonly message: string;
  /** The names of the row's two ends; null for an end that is computed. */
  readonly drupal: string | null;
  readonly entra: string | null;
  /** ISO 8601. */
  readonly openedAt: string;
  /** Fingerprints of what the sides held: other values close a frozen conflict. */
  readonly prints: Readonly<Record<System, string>>;
}

/** An operator's decision on one row. */
export interface Settlement {
  /** The side whose value is taken. */
  readonly take: System;
  /** Fingerprints of what the operator saw: the decision is void for other values. */
  readonly prints: Readonly<Record<System, string>>;
  readonly actor: string;
  /** ISO 8601. */
  readonly at: string;
}

/** An open conflict with the values of this moment, for a person. */
export interface ShownConflict extends Omit<OpenConflict, "prints"> {
  readonly key: string;
  readonly drupalValue: AttributeValue;
  readonly entraValue: AttributeValue;
}

/** Whether a decision or a frozen conflict still is about these values. */
export function isAbout(
  noted: { readonly prints: Readonly<Record<System, string>> },
  prints: Readonly<Record<System, string>>,
): boolean {
  return noted.prints.drupal === prints.drupal && noted.prints.entra === prints.entra;
}
