// Parses $filter into a tree: and, or, not, comparisons, in, startsWith, endsWith, any with a lambda, /$count.
import { type FilterToken, invalidFilter, lexFilter } from "./filter-lexer.ts";
import { unsupportedQuery } from "./graph-error.ts";

/** A literal; date-times and guids stay text. */
export type FilterLiteral = string | number | boolean | null;

/** Comparison operators Graph's directory knows. */
export type Comparison = "eq" | "ne" | "ge" | "le";

/** A filter as a tree; `path` is a property path, inside a lambda relative to the item ("" is the item). */
export type FilterNode =
  | { readonly kind: "and" | "or"; readonly left: FilterNode; readonly right: FilterNode }
  | { readonly kind: "not"; readonly inner: FilterNode }
  | {
      readonly kind: "compare";
      readonly path: string;
      readonly operator: Comparison;
      readonly value: FilterLiteral;
    }
  | { readonly kind: "in"; readonly path: string; readonly values: readonly FilterLiteral[] }
  | {
      readonly kind: "call";
      readonly name: "startsWith" | "endsWith";
      readonly path: string;
      readonly value: string;
    }
  | { readonly kind: "any"; readonly path: string; readonly inner: FilterNode };

const COMPARISONS: readonly string[] = ["eq", "ne", "ge", "le"];
const isComparison = (text: string): text is Comparison => COMPARISONS.includes(text);

const literalOf = (token: FilterToken | undefined): FilterLiteral => {
  if (token?.kind === "string") return token.text;
  if (token?.kind !== "word") throw invalidFilter();
  if (token.text === "null") return null;
  if (token.text === "true" || token.text === "false") return token.text === "true";
  if (/^-?\d+$/.test(token.text)) return Number(token.text);
  // Date-times and guids come without quotes; any other bare word is a mistake.
  if (/^[0-9a-fA-F]{8}-|^\d{4}-/.test(token.text)) return token.text;
  throw invalidFilter();
};

/** Parses a filter, or throws 400 Request_UnsupportedQuery. */
export function parseFilter(text: string): FilterNode {
  const tokens = lexFilter(text);
  let at = 0;
  let variable: string | undefined;

  const peek = (): FilterToken | undefined => tokens[at];
  const isWord = (token: FilterToken | undefined, word: string): boolean =>
    token?.kind === "word" && token.text.toLowerCase() === word;
  const isMark = (token: FilterToken | undefined, mark: string): boolean =>
    token?.kind === "mark" && token.text === mark;
  const take = (): FilterToken => {
    const token = tokens[at];
    if (token === undefined) throw invalidFilter();
    at += 1;
    return token;
  };
  const takeMark = (mark: string): void => {
    if (!isMark(take(), mark)) throw invalidFilter();
  };
  const takeWord = (): string => {
    const token = take();
    if (token.kind !== "word") throw invalidFilter();
    return token.text;
  };
  // Inside a lambda, `c/issuer` means the item's issuer and `c` the item itself.
  const relative = (path: string): string => {
    if (variable === undefined) return path;
    if (path === variable) return "";
    if (path.startsWith(`${variable}/`)) return path.slice(variable.length + 1);
    throw invalidFilter();
  };

  const parseOr = (): FilterNode => {
    let left = parseAnd();
    while (isWord(peek(), "or")) {
      take();
      left = { kind: "or", left, right: parseAnd() };
    }
    return left;
  };
  const parseAnd = (): FilterNode => {
    let left = parseUnary();
    while (isWord(peek(), "and")) {
      take();
      left = { kind: "and", left, right: parseUnary() };
    }
    return left;
  };
  const parseUnary = (): FilterNode => {
    if (isWord(peek(), "not")) {
      take();
      return { kind: "not", inner: parseUnary() };
    }
    if (isMark(peek(), "(")) {
      take();
      const inner = parseOr();
      takeMark(")");
      return inner;
    }
    return parseTerm();
  };
  const parseCall = (name: string): FilterNode => {
    const exact = { startswith: "startsWith", endswith: "endsWith" }[name.toLowerCase()];
    if (exact !== "startsWith" && exact !== "endsWith") {
      // docs issue 14451: Unsupported property filter clause operator 'Contains'.
      const shown = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
      throw unsupportedQuery(`Unsupported property filter clause operator '${shown}'.`);
    }
    takeMark("(");
    const path = relative(takeWord());
    takeMark(",");
    const value = take();
    if (value.kind !== "string") throw invalidFilter();
    takeMark(")");
    return { kind: "call", name: exact, path, value: value.text };
  };
  const parseAny = (path: string): FilterNode => {
    if (variable !== undefined)
      throw unsupportedQuery("Nested lambda expressions are not supported.");
    takeMark("(");
    variable = takeWord();
    takeMark(":");
    const inner = parseOr();
    variable = undefined;
    takeMark(")");
    return { kind: "any", path: path.slice(0, -"/any".length), inner };
  };
  const parseIn = (path: string): FilterNode => {
    takeMark("(");
    const values = [literalOf(take())];
    while (isMark(peek(), ",")) {
      take();
      values.push(literalOf(take()));
    }
    takeMark(")");
    return { kind: "in", path, values };
  };
  const parseTerm = (): FilterNode => {
    const word = takeWord();
    if (isMark(peek(), "(")) return word.endsWith("/any") ? parseAny(word) : parseCall(word);
    const path = relative(word);
    const operator = takeWord().toLowerCase();
    if (operator === "in") return parseIn(path);
    if (!isComparison(operator)) {
      throw unsupportedQuery(`Unsupported property filter clause operator '${operator}'.`);
    }
    return { kind: "compare", path, operator, value: literalOf(take()) };
  };

  const tree = parseOr();
  if (at !== tokens.length) throw invalidFilter();
  return tree;
}
