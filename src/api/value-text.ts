// An attribute's value in one cell of a file.
import type { AttributeValue } from "../rules/users.ts";

/** Nothing as an empty cell, a list with semicolons. */
export const valueText = (value: AttributeValue): string =>
  value === null ? "" : typeof value === "object" ? value.join("; ") : String(value);
