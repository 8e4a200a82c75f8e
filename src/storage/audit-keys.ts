// Where the rows of an audit entry lie. The same entry is written once for each question that people ask, under the same row
// key, newest first, so that every answer is a range of one partition, or of a few partitions in a row.
//
// The tables are many because a table is what an emulator looks through: Azurite holds each as a list, asks every row of it
// for every query, and sorts what fits (LokiTableMetadataStore, queryTableEntities). With a million rows in one table a page of
// a cycle takes it 150 ms, and 360 with a filter; with 16 tables 16 and 73 (`npm run bench:audit`). The service seeks by the key
// however large a table is, and charges nothing for another one. A year's entries are not in one table each day, which could
// be dropped whole ("High volume delete pattern"): one user's would then be in 365 of them.
import { createHash } from "node:crypto";
import type { AuditEntry } from "../rules/audit-entry.ts";
import { descending, END_OF_TIME_MS } from "./newest-first.ts";

const DAY_MS = 86_400_000;
const LAST_DAY = 99_999; // in the year 2243

const AUDIT_TABLES = "audit";
/** What the names of the tables of months begin with; each has the entries of its days, and the failures once more. */
export const MONTH_TABLES = `${AUDIT_TABLES}month`;
const MONTH = new RegExp(`^${MONTH_TABLES}(\\d{4})(\\d{2})$`);

/** Which rows are asked for. */
export type AuditScope =
  | { readonly kind: "all" }
  | { readonly kind: "failures" }
  | { readonly kind: "user"; readonly drupalUuid: string }
  | { readonly kind: "cycle"; readonly cycleId: string }
  | { readonly kind: "cycleFailures"; readonly cycleId: string };

/** A partition of one of the tables. */
export interface AuditPlace {
  readonly table: string;
  readonly partitionKey: string;
}

/** The number of the day (UTC) since 1970; the days before and after those that keys can tell count as the first and last. */
export const dayOf = (ms: number): number =>
  Math.min(LAST_DAY, Math.max(0, Math.floor(ms / DAY_MS)));

/** The table of the month of a day. */
export const monthOf = (day: number): string =>
  `${MONTH_TABLES}${new Date(day * DAY_MS).toISOString().slice(0, 7).replace("-", "")}`;

/** The days of the month of a table; null for a table of something else. */
export function daysOf(table: string): { readonly first: number; readonly last: number } | null {
  const [, year, month] = MONTH.exec(table) ?? [];
  if (year === undefined || month === undefined) return null;
  const first = dayOf(Date.UTC(Number(year), Number(month) - 1, 1));
  return { first, last: dayOf(Date.UTC(Number(year), Number(month), 1)) - 1 };
}

/** The partition of a day in the table of its month: the newer the day, the smaller the key. */
export const dayPartition = (kind: "all" | "failures", day: number): string =>
  `${kind}-${String(LAST_DAY - day).padStart(5, "0")}`;

// By a fingerprint: the first digits of an id may be those of all others (a UUID of version 7 begins with its time).
const shardOf = (id: string): string => createHash("sha256").update(id).digest("hex").slice(0, 1);

/** The partition of a user or a cycle: one of 16 tables, by the id. */
export function singlePlace(
  scope: Exclude<AuditScope, { readonly kind: "all" | "failures" }>,
): AuditPlace {
  switch (scope.kind) {
    case "user":
      return {
        table: `${AUDIT_TABLES}user${shardOf(scope.drupalUuid)}`,
        partitionKey: scope.drupalUuid,
      };
    case "cycle":
      return {
        table: `${AUDIT_TABLES}cycle${shardOf(scope.cycleId)}`,
        partitionKey: scope.cycleId,
      };
    case "cycleFailures":
      return {
        table: `${AUDIT_TABLES}cycle${shardOf(scope.cycleId)}`,
        partitionKey: `${scope.cycleId}-failures`,
      };
  }
}

/** What the keys of an entry are made of. */
export type KeyedEntry = Pick<AuditEntry, "at" | "status" | "drupalUuid" | "cycleId">;

/** The partitions that hold a row of the entry; the first is that of its day, by which retention finds the others. */
export function placesOf(entry: KeyedEntry): readonly [AuditPlace, ...AuditPlace[]] {
  const { drupalUuid, cycleId } = entry;
  const isFailure = entry.status === "failure";
  const day = dayOf(Date.parse(entry.at));
  const table = monthOf(day);
  return [
    { table, partitionKey: dayPartition("all", day) },
    ...(isFailure ? [{ table, partitionKey: dayPartition("failures", day) }] : []),
    ...(drupalUuid === undefined ? [] : [singlePlace({ kind: "user", drupalUuid })]),
    ...(cycleId === undefined ? [] : [singlePlace({ kind: "cycle", cycleId })]),
    ...(cycleId === undefined || !isFailure
      ? []
      : [singlePlace({ kind: "cycleFailures", cycleId })]),
  ];
}

const timeKey = (ms: number): string => descending(Math.min(END_OF_TIME_MS, Math.max(0, ms)));

/** The row key of an entry. The same entry has the same key, so that an append that is repeated leaves one row. */
export const rowKeyOf = ({ at, id }: Pick<AuditEntry, "at" | "id">): string =>
  `${timeKey(Date.parse(at))}-${id}`;

/** The smallest row key that an entry of the moment can have, and what is past the largest. */
export const rowKeysAt = (ms: number): { readonly first: string; readonly past: string } => ({
  first: timeKey(ms),
  past: `${timeKey(ms)}~`,
});

/** The day of a row key. */
export const dayOfKey = (rowKey: string): number =>
  dayOf(END_OF_TIME_MS - Number(rowKey.slice(0, 15)));

/** What a row key looks like; also what may come back in a continuation. */
export const ROW_KEY = /^\d{15}-[\w-]{1,100}$/;
