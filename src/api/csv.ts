// Rows as a CSV file that streams, and that a spreadsheet opens without running anything that someone typed into a name.
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { HttpResponseInit } from "@azure/functions";
import { stringify } from "csv-stringify";
import { fileHeaders } from "./file-headers.ts";

// What spreadsheets take for the start of a formula (OWASP, CSV Injection), also full-width, and `|` of DDE.
const STARTS = "=+\\-@|＝＋－＠";
// Blanks, and what nobody sees: a spreadsheet strips them before it looks. csv-stringify's own `escape_formulas` does not,
// nor does it look behind a line break (facts: security 8).
const INVISIBLE = "[\\p{Zs}\\p{Cf}\\t\\0-\\x08\\x0E-\\x1F\\x7F]*";
// A line may begin a cell for a reader that does not heed quotes, and so may `;`, the separator of half the world's Excel.
const BEGINS = "^|[\\r\\n\\v\\f\\x85\\u2028\\u2029;]";
const FORMULA = new RegExp(`(${BEGINS})(?=${INVISIBLE}[${STARTS}])`, "gu");

/** The text with an apostrophe before whatever a spreadsheet could take for a formula. */
export function defused(text: string): string {
  const safe = text.replace(FORMULA, "$1'");
  return /^[\t\r]/.test(safe) ? `'${safe}` : safe;
}

function cellOf(value: unknown): string | number | boolean {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value === "string") return defused(value);
  return defused(value instanceof Date ? value.toISOString() : JSON.stringify(value));
}

async function* cellsOf(
  columns: readonly string[],
  rows: AsyncIterable<Record<string, unknown>>,
): AsyncGenerator<(string | number | boolean)[]> {
  for await (const row of rows) yield columns.map((column) => cellOf(row[column]));
}

/**
 * A CSV file (RFC 4180) with a header line, streamed as `rows` come. Should they fail, the answer breaks off: it never looks
 * complete. `bom` is for Excel, which takes a file without it for one of the local code page.
 */
export function csvResponse(
  filename: string,
  columns: readonly string[],
  rows: AsyncIterable<Record<string, unknown>>,
  options: { readonly bom?: boolean | undefined } = {},
): HttpResponseInit {
  const csv = stringify({
    header: true,
    columns: [...columns],
    bom: options.bom === true,
    record_delimiter: "windows",
    quoted_match: /[\r\n]/, // a lone one too, which is no delimiter of ours
    cast: { boolean: (value) => String(value) },
  });
  // Ends both when either fails, or when nobody reads on; who reads learns of it from the stream itself.
  pipeline(Readable.from(cellsOf(columns, rows)), csv).catch(() => undefined);
  return {
    status: 200,
    headers: fileHeaders(filename, "text/csv"),
    body: Readable.toWeb(csv),
  };
}
