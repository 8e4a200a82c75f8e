// Expressions of the mapping: CEL (Common Expression Language), which cannot loop, call out or reach JavaScript.
import { Environment, type ParseResult } from "@marcbachmann/cel-js";
import type { AttributeValue } from "./users.ts";

/** What an expression may read: `drupal.<field>`; a field that is absent reads as null. */
export interface ExpressionInput {
  readonly drupal: Readonly<Record<string, AttributeValue>>;
}

/** A compiled expression, or the sentence that says what is wrong with it. */
export type CompiledExpression =
  | {
      readonly ok: true;
      readonly fields: readonly string[];
      readonly evaluate: (input: ExpressionInput) => AttributeValue;
    }
  | { readonly ok: false; readonly fault: string };

const text = (value: unknown): string => {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean"
    ? String(value)
    : "";
};
const texts = (values: unknown): string[] =>
  (Array.isArray(values) ? values : []).map(text).filter((item) => item.trim() !== "");

// Letters that Unicode does not decompose, spelled as people of those languages do.
const LETTERS: Readonly<Record<string, string>> = {
  ß: "ss",
  ẞ: "SS",
  æ: "ae",
  Æ: "AE",
  œ: "oe",
  Œ: "OE",
  ø: "o",
  Ø: "O",
  ł: "l",
  Ł: "L",
  đ: "d",
  Đ: "D",
  ð: "d",
  Ð: "D",
  þ: "th",
  Þ: "Th",
  ı: "i",
};

/** Latin text without diacritics: `Jürgen Weiß` becomes `Jurgen Weiss`. Other scripts are left as they are. */
export function withoutDiacritics(value: string): string {
  return value
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[ßẞæÆœŒøØłŁđĐðÐþÞı]/g, (letter) => LETTERS[letter] ?? letter)
    .normalize("NFC");
}

const title = (value: string): string =>
  value
    .toLowerCase()
    .replace(
      /(^|[\s'’-])(\p{L})/gu,
      (_, before: string, letter: string) => before + letter.toUpperCase(),
    );

const environment = new Environment({
  homogeneousAggregateLiterals: false,
  limits: {
    maxAstNodes: 200,
    maxDepth: 20,
    maxListElements: 50,
    maxMapEntries: 0,
    maxCallArguments: 8,
  },
})
  .registerVariable("drupal", "map")
  .registerFunction("join(list, string): string", (list: unknown, separator: string) =>
    texts(list).join(separator),
  )
  .registerFunction("firstNonEmpty(list): string", (list: unknown) => texts(list)[0] ?? "")
  .registerFunction("lower(dyn): string", (value: unknown) => text(value).toLowerCase())
  .registerFunction("upper(dyn): string", (value: unknown) => text(value).toUpperCase())
  .registerFunction("title(dyn): string", (value: unknown) => title(text(value)))
  .registerFunction("ascii(dyn): string", (value: unknown) => withoutDiacritics(text(value)))
  .registerFunction(
    "replace(dyn, string, string): string",
    (value: unknown, from: string, to: string) =>
      from === "" ? text(value) : text(value).replaceAll(from, to),
  )
  .registerFunction("mailLocal(dyn): string", (value: unknown) => text(value).split("@")[0] ?? "")
  .registerFunction("mailDomain(dyn): string", (value: unknown) => text(value).split("@")[1] ?? "");

// The fields that an expression names, so that an absent one reads as null instead of failing.
const fieldNames = (source: string): string[] =>
  [...source.matchAll(/\bdrupal\.([A-Za-z_][A-Za-z0-9_]*)/g)].flatMap((match) => match[1] ?? []);

function toValue(result: unknown): AttributeValue {
  if (result === null || result === undefined) return null;
  if (typeof result === "string" || typeof result === "boolean" || typeof result === "number")
    return result;
  if (typeof result === "bigint") return Number(result);
  if (Array.isArray(result)) return texts(result);
  throw new TypeError("an expression must answer text, a number, a boolean or a list of texts");
}

const cache = new Map<string, CompiledExpression>();

function compile(source: string): CompiledExpression {
  // CEL's matches() is JavaScript's regular expression here: one pattern could block the process for minutes.
  if (/\bmatches\s*\(/.test(source)) return { ok: false, fault: "matches() is not available" };
  let program: ParseResult;
  try {
    program = environment.parse(source);
    const check = program.check();
    if (!check.valid) return { ok: false, fault: check.error?.message ?? "not a valid expression" };
  } catch (error) {
    return { ok: false, fault: error instanceof Error ? error.message : "not a valid expression" };
  }
  const fields = fieldNames(source);
  const blank = Object.fromEntries(fields.map((name) => [name, null]));
  return {
    ok: true,
    fields,
    evaluate: (input) => toValue(program({ drupal: { ...blank, ...input.drupal } })),
  };
}

/**
 * Compiles an expression once and remembers it. Evaluation is pure and bounded (no loops in CEL; 200 nodes,
 * depth 20); it throws when a value has the wrong type, and the caller fails that attribute only.
 */
export function compileExpression(source: string): CompiledExpression {
  const known = cache.get(source);
  if (known) return known;
  const compiled = compile(source);
  if (cache.size < 1000) cache.set(source, compiled);
  return compiled;
}
