// The audit log in Azure Tables: appends each entry under the key of each question that people ask (audit-keys), and answers
// those questions page by page, or whole as a stream.
import type { TableEntity } from "@azure/data-tables";
import { type AuditEntry, auditEntrySchema } from "../rules/audit-entry.ts";
import type { AuditLog } from "../sync/ports.ts";
import { type AuditPlace, dayOf, placesOf, rowKeyOf } from "./audit-keys.ts";
import { type AuditRange, type AuditRow, auditRows } from "./audit-rows.ts";
import { openAuditTables } from "./audit-tables.ts";
import type { StorageAccount } from "./tables.ts";

/** Columns that a question may ask for beside its scope. */
export type AuditColumn =
  | "operation"
  | "resourceType"
  | "status"
  | "system"
  | "direction"
  | "cause"
  | "cycleId";

/** A question to the log. */
export interface AuditQuestion extends AuditRange {
  /** What single columns must be, all of them. */
  readonly where: Readonly<Partial<Record<AuditColumn, string>>>;
}

/** One page's question. */
export interface AuditQuery extends AuditQuestion {
  /** At least 1. */
  readonly limit: number;
}

/** A page. It may be short, or empty, and yet not be the last: a search ends after so many rows. */
export interface AuditPage {
  readonly entries: AuditEntry[];
  /** Where the next page begins (`after`); null when there is nothing more. */
  readonly next: string | null;
}

/** Reads the log, newest first. */
export interface AuditReader {
  page(query: AuditQuery): Promise<AuditPage>;
  /** Everything that fits, however much; it is read as it is taken. */
  each(question: AuditQuestion): AsyncGenerator<AuditEntry>;
}

/** How long one page may search for what fits: rows looked at, and milliseconds of `now`, whichever is first. */
export interface SearchBounds {
  readonly rows: number;
  readonly ms: number;
  now(): number;
}

const MAX_ROWS = 1000; // of one answer of the service

// A client waits for a page. What it costs to look at 10,000 rows is ten requests to the service.
const BOUNDS: SearchBounds = { rows: 10_000, ms: 2000, now: Date.now };

/** The rows of an entry: all alike but for their place; the first is that of its day. */
export function auditRowsOf(
  entry: AuditEntry,
): readonly { readonly table: string; readonly row: TableEntity }[] {
  const columns = {
    rowKey: rowKeyOf(entry),
    operation: entry.operation,
    resourceType: entry.resourceType,
    status: entry.status,
    system: entry.system ?? "",
    direction: entry.direction ?? "",
    cause: entry.cause,
    cycleId: entry.cycleId ?? "",
    entry: JSON.stringify(entry),
  };
  const rowAt = ({ table, partitionKey }: AuditPlace) => ({
    table,
    row: { partitionKey, ...columns },
  });
  return placesOf(entry).map(rowAt);
}

// Here, and not in the filter: the service would search for up to five seconds and then answer with nothing but a token of its
// own ("Query timeout and pagination"), and nobody could tell how far it came. So no caller's text is in a filter, either.
const fits = (row: AuditRow, where: AuditQuestion["where"]): boolean =>
  Object.entries(where).every(([column, value]) => row[column] === value);

const entryOf = (row: AuditRow): AuditEntry => auditEntrySchema.parse(JSON.parse(row.entry));

/** The audit log of a storage account: the tables that begin with `audit`. */
export function createAuditLog(
  account: StorageAccount,
  bounds: SearchBounds = BOUNDS,
): AuditLog & AuditReader {
  const tables = openAuditTables(account);
  const today = () => dayOf(bounds.now());
  return {
    append: async (entry) => {
      const [own, ...others] = auditRowsOf(entry);
      const save = ({ table, row }: NonNullable<typeof own>) =>
        tables.open(table).run((client) => client.upsertEntity(row, "Replace"));
      // The day's row first: by it retention finds the others, should they be all that a crash lets be written.
      if (own !== undefined) await save(own);
      await Promise.all(others.map(save));
    },
    page: async ({ where, limit, ...range }) => {
      const isSearch = Object.keys(where).length > 0;
      const pageSize = Math.min(MAX_ROWS, isSearch ? MAX_ROWS : limit + 1);
      const entries: AuditEntry[] = [];
      const endMs = bounds.now() + bounds.ms;
      let seen = 0;
      let last: string | null = null;
      for await (const row of auditRows(tables, range, pageSize, today())) {
        const isWanted = fits(row, where);
        // One more than asked for tells that there is a next page.
        if (isWanted && entries.length === limit) return { entries, next: last };
        if (isWanted) entries.push(entryOf(row));
        last = row.rowKey;
        seen += 1;
        const isOver = seen >= bounds.rows || bounds.now() >= endMs;
        if (isSearch && isOver) return { entries, next: last };
      }
      return { entries, next: null };
    },
    each: async function* ({ where, ...range }) {
      for await (const row of auditRows(tables, range, MAX_ROWS, today()))
        if (fits(row, where)) yield entryOf(row);
    },
  };
}
