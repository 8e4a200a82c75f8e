// Expressions of the mapping: CEL (Common Expression Language), which cannot loop, call out or reach JavaScript.
import { Environment, type ParseResult } from "@marcbachmann/cel-js";
import type { Attributes, AttributeValue, System } from "./users.ts";

/** What an expression may read: `drupal.<field>` or `entra.<property>`; one that is absent reads as null. */
export type ExpressionInput = Readonly<Partial<Record<System, Attributes>>>;

/** A compiled expression with the names that it reads, or the sentence that says what is wrong with it. */
export type CompiledExpression =
  | {
      readonly ok: true;
      readonly drupal: readonly string[];
      readonly entra: readonly string[];
      readonly reads: (system: System) => boolean;
      readonly evaluate: (input: ExpressionInput) => AttributeValue;
    }
  | { readonly ok: false; readonly fault: string };

// What any function may answer at most: an expression may not be used to fill the memory.
const MAX_RESULT = 10_000;
const bounded = (value: string): string => {
  if (value.length > MAX_RESULT) throw new RangeError("the text becomes too long");
  return value;
};

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
  .registerVariable("entra", "map")
  .registerFunction("join(list, string): string", (list: unknown, separator: string) =>
    bounded(texts(list).join(separator)),
  )
  .registerFunction("split(dyn, string): list", (value: unknown, separator: string) =>
    text(value).split(separator).slice(0, 100),
  )
  .registerFunction(
    "substring(dyn, int, int): string",
    (value: unknown, from: bigint, to: bigint) =>
      [...text(value)].slice(Number(from), Number(to)).join(""),
  )
  .registerFunction("firstNonEmpty(list): string", (list: unknown) => texts(list)[0] ?? "")
  .registerFunction("lower(dyn): string", (value: unknown) => text(value).toLowerCase())
  .registerFunction("upper(dyn): string", (value: unknown) => text(value).toUpperCase())
  .registerFunction("title(dyn): string", (value: unknown) => title(text(value)))
  .registerFunction("ascii(dyn): string", (value: unknown) => withoutDiacritics(text(value)))
  .registerFunction(
    "replace(dyn, string, string): string",
    (value: unknown, from: string, to: string) =>
      from === "" ? text(value) : bounded(text(value).replaceAll(from, to)),
  )
  .registerFunction("mailLocal(dyn): string", (value: unknown) => text(value).split("@")[0] ?? "")
  .registerFunction("mailDomain(dyn): string", (value: unknown) => text(value).split("@")[1] ?? "");

const withoutTexts = (source: string): string =>
  source.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/g, '""');

// The names that an expression reads, so that an absent one reads as null instead of failing. What is followed by a
// bracket is a method of the value before it.
const namesIn = (source: string, system: System): string[] => [
  ...new Set(
    [
      ...source.matchAll(
        new RegExp(`\\b${system}\\.([A-Za-z_]\\w*(?:\\.[A-Za-z_]\\w*(?![\\w(]))?)(?!\\w)`, "g"),
      ),
    ].flatMap((match) => match[1] ?? []),
  ),
];

// Paths become nested maps, as an expression reads them.
function nested(attributes: Attributes): Record<string, unknown> {
  const map: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(attributes)) {
    const [root, leaf] = path.split(".");
    if (root === undefined) continue;
    if (leaf === undefined) map[root] = value;
    else map[root] = { ...(typeof map[root] === "object" ? map[root] : {}), [leaf]: value };
  }
  return map;
}

function toValue(result: unknown): AttributeValue {
  if (result === null || result === undefined) return null;
  if (typeof result === "string" || typeof result === "boolean" || typeof result === "number")
    return result;
  if (typeof result === "bigint") return Number(result);
  if (Array.isArray(result)) return texts(result);
  throw new TypeError("an expression must answer text, a number, a boolean or a list of texts");
}

// The latest: drafts of an admin who types come and go.
const MOST_REMEMBERED = 1000;
const cache = new Map<string, CompiledExpression>();

function compile(source: string): CompiledExpression {
  // CEL's matches() is JavaScript's regular expression here: one pattern could block the process for minutes. Its
  // macros over lists can be nested: their cost is not bounded by the length of the expression.
  const refused = /\b(matches|map|filter|all|exists|exists_one|bind)\s*\(/.exec(source)?.[1];
  if (refused !== undefined) return { ok: false, fault: `${refused}() is not available` };
  // What an expression reads must be seen in its text: for the selection, for blindness, and for circles.
  if (/\b(drupal|entra)\b(?!\s*\.\s*[A-Za-z_])/.test(withoutTexts(source)))
    return { ok: false, fault: "fields are read as drupal.name or entra.name" };
  let program: ParseResult;
  try {
    program = environment.parse(source);
    const check = program.check();
    if (!check.valid) return { ok: false, fault: check.error?.message ?? "not a valid expression" };
  } catch (error) {
    return { ok: false, fault: error instanceof Error ? error.message : "not a valid expression" };
  }
  const drupal = namesIn(source, "drupal");
  const entra = namesIn(source, "entra");
  const blank = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, null]));
  return {
    ok: true,
    drupal,
    entra,
    reads: (system) => (system === "drupal" ? drupal : entra).length > 0,
    evaluate: (input) =>
      toValue(
        program({
          drupal: nested({ ...blank(drupal), ...input.drupal }),
          entra: nested({ ...blank(entra), ...input.entra }),
        }),
      ),
  };
}

/**
 * Compiles an expression once and remembers it. Evaluation is pure and bounded (no loops in CEL; 200 nodes,
 * depth 20); it throws when a value has the wrong type, and the caller fails that attribute only.
 */
export function compileExpression(source: string): CompiledExpression {
  const compiled = cache.get(source) ?? compile(source);
  cache.delete(source);
  cache.set(source, compiled);
  const [oldest] = cache.keys();
  if (cache.size > MOST_REMEMBERED && oldest !== undefined) cache.delete(oldest);
  return compiled;
}
