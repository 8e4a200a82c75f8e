// Deletes audit rows that are older than they may be, day by day: first what an entry wrote under other keys, then the
// day's own row, by which the others are found. So a run that is killed anywhere leaves nothing that the next cannot find.
import { odata } from "@azure/data-tables";
import { z } from "zod";
import { auditEntrySchema } from "../rules/audit-entry.ts";
import { eachAtOnce } from "./at-once.ts";
import { type AuditPlace, dayOf, dayPartition, monthOf, placesOf } from "./audit-keys.ts";
import { type AuditMonth, type AuditTables, openAuditTables } from "./audit-tables.ts";
import { entityPages } from "./entity-pages.ts";
import { MAX_ACTIONS, removeRows } from "./remove-rows.ts";
import type { StorageAccount, Table } from "./tables.ts";

const MAX_ROWS = 1000; // of one answer of the service
const MAX_UNDER_WAY = 16;

/** How many entries went, and whether no older one is left. */
export interface AuditRemoval {
  readonly entries: number;
  readonly isComplete: boolean;
}

const keyed = auditEntrySchema.pick({
  at: true,
  status: true,
  drupalUuid: true,
  cycleId: true,
});
const dayRow = z.object({ rowKey: z.string(), entry: z.string() });
type DayRow = z.infer<typeof dayRow>;

// The others of its places: the day's own row goes last.
function sistersOf({ entry }: DayRow): readonly AuditPlace[] {
  try {
    return placesOf(keyed.parse(JSON.parse(entry))).slice(1);
  } catch {
    return []; // put there by hand
  }
}

async function removeEntries({ open }: AuditTables, own: AuditPlace, rows: readonly DayRow[]) {
  const sisters = new Map<string, AuditPlace & { readonly rowKeys: string[] }>();
  for (const row of rows)
    for (const place of sistersOf(row)) {
      const key = `${place.table} ${place.partitionKey}`;
      const known = sisters.get(key) ?? { ...place, rowKeys: [] };
      known.rowKeys.push(row.rowKey);
      sisters.set(key, known);
    }
  await eachAtOnce(sisters.values(), MAX_UNDER_WAY, ({ table, partitionKey, rowKeys }) =>
    removeRows(open(table), partitionKey, rowKeys),
  );
  await removeRows(
    open(own.table),
    own.partitionKey,
    rows.map(({ rowKey }) => rowKey),
  );
}

// The day's entries in portions of one transaction; pages are larger, as each costs a query.
async function* portionsOf(table: Table, day: string) {
  const query = { filter: odata`PartitionKey eq ${day}`, select: ["RowKey", "entry"] };
  for await (const page of entityPages(table, query, MAX_ROWS)) {
    const rows = page.map((row) => dayRow.parse(row));
    for (let from = 0; from < rows.length; from += MAX_ACTIONS)
      yield rows.slice(from, from + MAX_ACTIONS);
  }
}

// Days without entries are asked for too: that is a query each, and nothing else tells where the oldest entry is.
function* daysBefore(limit: number, months: readonly AuditMonth[]) {
  for (const { table, first, last } of months)
    for (let day = first; day <= last && day < limit; day += 1)
      yield { table, partitionKey: dayPartition("all", day) };
}

/**
 * What deletes the entries of the days (UTC) before the one of `limit`, oldest day first, for as long as `mayGoOn` says so;
 * it is asked before every 100 entries. Idempotent. The tables of months that are over with go at the end.
 */
export function createAuditRetention(
  account: StorageAccount,
): (limit: Date, mayGoOn: () => boolean) => Promise<AuditRemoval> {
  const tables = openAuditTables(account);
  return async (limit, mayGoOn) => {
    const limitDay = dayOf(limit.getTime());
    const months = await tables.months();
    let entries = 0;
    for (const day of daysBefore(limitDay, months)) {
      for await (const rows of portionsOf(tables.open(day.table), day.partitionKey)) {
        if (!mayGoOn()) return { entries, isComplete: false };
        await removeEntries(tables, day, rows);
        entries += rows.length;
      }
    }
    for (const { table } of months)
      if (table < monthOf(limitDay)) await tables.open(table).run((client) => client.deleteTable());
    return { entries, isComplete: true };
  };
}
