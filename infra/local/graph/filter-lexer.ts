// Splits the text of $filter into tokens (OData 4.01 part 2, section 5.1.1, the part Graph uses).
import { unsupportedQuery } from "./graph-error.ts";

/** A piece of a filter; `word` is a name, operator, literal or path. */
export type FilterToken =
  | { readonly kind: "word"; readonly text: string }
  | { readonly kind: "string"; readonly text: string }
  | { readonly kind: "mark"; readonly text: "(" | ")" | "," | ":" };

/** 400 for what is no filter at all; "Invalid filter clause" is the text of docs issue 3044. */
export function invalidFilter(): Error {
  return unsupportedQuery("Invalid filter clause");
}

// Paths hold "/" and "$", guids "-", date-times ":" only between digits, UPN-like text comes in quotes.
const PATTERN =
  /\s*(?:'((?:[^']|'')*)'|(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d))|([A-Za-z0-9_$./@-]+)|([(),:]))/y;

/** The tokens of a filter, or a 400. */
export function lexFilter(text: string): FilterToken[] {
  const tokens: FilterToken[] = [];
  const source = text.trimEnd();
  PATTERN.lastIndex = 0;
  while (PATTERN.lastIndex < source.length) {
    const match = PATTERN.exec(source);
    if (match === null) throw invalidFilter();
    const [, quoted, time, word, mark] = match;
    if (quoted !== undefined) tokens.push({ kind: "string", text: quoted.replaceAll("''", "'") });
    else if (mark === "(" || mark === ")" || mark === "," || mark === ":") {
      tokens.push({ kind: "mark", text: mark });
    } else tokens.push({ kind: "word", text: time ?? word ?? "" });
  }
  return tokens;
}
