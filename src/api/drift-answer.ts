// GET drift: what a reader may ask, how many there are of each kind, a page of them, and the columns of the file.
import type { HttpResponseInit } from "@azure/functions";
import { z } from "zod";
import { DRIFT_KINDS, type DriftKind, type DriftReport, type DriftRow } from "../rules/drift.ts";
import type { driftPage } from "./answers/drift-page.ts";
import { readContinuation, writeContinuation } from "./continuation.ts";
import { jsonOf } from "./json-of.ts";
import { pageParameters, parseQuery } from "./query.ts";

/** The query of GET drift. */
export const driftParameters = z.strictObject({
  ...pageParameters.shape,
  kind: z.enum(DRIFT_KINDS).optional(),
  format: z
    .enum(["json", "csv"])
    .default("json")
    .describe("csv: everyone of the filter as a file."),
  bom: z
    .enum(["true", "false"])
    .default("false")
    .describe("true: the CSV file begins with a byte order mark, for Excel."),
});

/** A checked question. */
export type DriftRequest = z.infer<typeof driftParameters>;

/** The question of a query; a Problem 400 with every fault. */
export const parseDriftRequest = (query: URLSearchParams): DriftRequest =>
  parseQuery(driftParameters, query);

/** The columns of the report as a file. */
export const DRIFT_COLUMNS = [
  "kind",
  "drupalUuid",
  "entraObjectId",
  "name",
  "attributes",
  "reasonCode",
  "reason",
  "since",
] as const;

type DriftRecord = Record<(typeof DRIFT_COLUMNS)[number], string | null>;

const recordOf = ({ attributes, reason, ...row }: DriftRow): DriftRecord => ({
  ...row,
  attributes: attributes.join(" "),
  reasonCode: reason?.code ?? null,
  reason: reason?.message ?? null,
});

/** The rows of the file: all of them, or those of one kind. */
export async function* driftRecords(
  report: DriftReport,
  kind: DriftKind | undefined,
): AsyncGenerator<DriftRecord> {
  for await (const { row } of report.rows())
    if (kind === undefined || row.kind === kind) yield recordOf(row);
}

const continuationSchema = z.tuple([z.string(), z.string(), z.string()]);

// The place is one of this report: after another listing the order is another one, and pages of two would not fit.
function placeIn(continuation: string | undefined, report: DriftReport, kind: string): string {
  if (continuation === undefined) return "";
  const isOurs = ([id, of]: readonly string[]) => id === report.id && of === kind;
  const message =
    "The continuation does not belong to this query, or there is a newer report: ask from the start.";
  const [, , place] = readContinuation(continuation, continuationSchema, isOurs, message);
  return place;
}

/** How many of each kind; null where the listing that would tell has not come to its end yet. */
function emptyCounts({ asOf }: DriftReport): Record<DriftKind, number | null> {
  const { drupal, entra } = asOf;
  return {
    onlyInDrupal: drupal === null ? null : 0,
    onlyInEntra: entra === null ? null : 0,
    differs: drupal === null && entra === null ? null : 0,
    conflict: 0,
    escrowed: 0,
  };
}

/** A page of the report, after the whole was read: the counts are those of all users. */
export async function driftAnswer(
  report: DriftReport,
  { kind, limit, continuation }: DriftRequest,
): Promise<HttpResponseInit> {
  const after = placeIn(continuation, report, kind ?? "");
  const counts = emptyCounts(report);
  const items: DriftRow[] = [];
  let last = "";
  let hasMore = false;
  for await (const { place, row } of report.rows()) {
    counts[row.kind] = (counts[row.kind] ?? 0) + 1;
    if ((kind !== undefined && row.kind !== kind) || place <= after) continue;
    if (items.length === limit) {
      hasMore = true;
      continue;
    }
    items.push(row);
    last = place;
  }
  return jsonOf<typeof driftPage>()(200, {
    asOf: report.asOf,
    counts,
    items,
    continuation: hasMore ? writeContinuation([report.id, kind ?? "", last]) : null,
  });
}
