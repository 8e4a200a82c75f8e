// $search on users: quoted clauses joined by AND and OR; displayName by words, the others by their beginning.

import type { ReadProperty } from "./filter-evaluate.ts";
import { notModelled, unsupportedQuery } from "./graph-error.ts";

const SEARCHABLE = ["displayName", "mail", "userPrincipalName", "mobilePhone"];

/** One clause such as `"displayName:wa"`. */
interface Clause {
  readonly property: string;
  readonly text: string;
}

/** Alternatives of clauses that must all hold. */
export type Search = readonly (readonly Clause[])[];

const parseClause = (text: string): Clause => {
  const [, name, value] = /^\s*"([A-Za-z]+):((?:[^"\\]|\\.)*)"\s*$/.exec(text) ?? [];
  if (name === undefined || value === undefined || value === "") {
    throw unsupportedQuery(
      `Syntax error in $search: clauses are written "property:text", found ${text}.`,
    );
  }
  const property = SEARCHABLE.find((known) => known.toLowerCase() === name.toLowerCase());
  if (property === undefined) throw notModelled(`$search on '${name}'`);
  return { property, text: value.replace(/\\(.)/g, "$1").toLowerCase() };
};

/** Parses $search; AND and OR are upper case, AND binds tighter. */
export function parseSearch(text: string): Search {
  return text.split(/\s+OR\s+/).map((group) => group.split(/\s+AND\s+/).map(parseClause));
}

const clauseMatches = ({ property, text }: Clause, read: ReadProperty): boolean => {
  const value = read(property);
  if (typeof value !== "string") return false;
  const folded = value.toLowerCase();
  if (property !== "displayName") return folded.startsWith(text);
  // Words of the text must each begin a word of the name (tokenised search, concepts/search-query-parameter).
  const words = folded.split(/[^\p{L}\p{N}]+/u);
  return text.split(/[^\p{L}\p{N}]+/u).every((part) => words.some((word) => word.startsWith(part)));
};

/** True when a user matches. */
export function matchesSearch(search: Search, read: ReadProperty): boolean {
  return search.some((clauses) => clauses.every((clause) => clauseMatches(clause, read)));
}
