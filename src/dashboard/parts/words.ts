// The contract's words as sentences and names for people: one place, so that all pages say the same.
import type { Direction, System } from "../../rules/users.ts";

/** The name of a system. */
export const systemName = (system: System | "storage"): string =>
  system === "drupal" ? "Drupal" : system === "entra" ? "Entra" : "Storage";

/** A direction as people draw it. */
export const directionName = (direction: Direction): string =>
  direction === "drupalToEntra" ? "Drupal → Entra" : "Entra → Drupal";

const CAUSES: Readonly<Record<string, string>> = {
  webhook: "an event from Drupal",
  notification: "a notification from Graph",
  cycle: "a cycle",
  onDemand: "an operator's order",
  replay: "a replay from escrow",
  approval: "an approval",
};

/** What a write goes back to. */
export const causeName = (cause: string): string => CAUSES[cause] ?? cause;

const KINDS: Readonly<Record<string, string>> = {
  initial: "Initial",
  incremental: "Incremental",
  photos: "Pictures",
  undo: "Undo",
  preview: "Preview",
};

/** The kind of a cycle. */
export const kindName = (kind: string): string => KINDS[kind] ?? kind;

/** A number with its noun: "1 user", "1,204 users". */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${number(count)} ${count === 1 ? one : many}`;

const format = new Intl.NumberFormat("en");

/** A number as people read it. */
export const number = (value: number): string => format.format(value);

/** A message of the app as a sentence: it begins with a capital, ends with a stop, and draws directions. */
export function sentenceOf(message: string): string {
  const drawn = message
    .replaceAll("drupalToEntra", directionName("drupalToEntra"))
    .replaceAll("entraToDrupal", directionName("entraToDrupal"));
  // "field_department: is too long": a name keeps its letters.
  const isNamed = /^[\w.]+( ↔ [\w.]+)?: /.test(drawn);
  const text = isNamed ? drawn : `${drawn.slice(0, 1).toUpperCase()}${drawn.slice(1)}`;
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
