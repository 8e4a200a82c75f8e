// Deletes audit rows that are older than they may be, day by day: first what an entry wrote under other keys, then the
// day's own row, by which the others are found. So a run that is killed anywhere leaves nothing that the next cannot find.
import { z } from "zod";
import { AUDIT_TABLE, dayKey, partitionsOf } from "./audit-log.ts";
import { MAX_ACTIONS, removeRows } from "./remove-rows.ts";
import { openTable, type StorageAccount, type Table } from "./tables.ts";

const MAX_ROWS = 1000; // of one answer of the service
const MAX_UNDER_WAY = 16;

/** How many entries went, and whether no older one is left. */
export interface AuditRemoval {
  readonly entries: number;
  readonly isComplete: boolean;
}

const keys = z.object({ partitionKey: z.string(), rowKey: z.string() });
const named = z.object({
  at: z.string(),
  status: z.enum(["success", "failure", "skipped", "warning"]),
  drupalUuid: z.string().optional(),
  cycleId: z.string().optional(),
});
const dayRow = z.object({ rowKey: z.string(), entry: z.string() });

// Each run reads one row of each day: the keys are sorted newest first, and there is no other way to begin at the end.
async function oldestFirst(table: Table, limit: Date): Promise<string[]> {
  const days: string[] = [];
  for (let last = `all-${dayKey(limit.getTime())}`; ; ) {
    const filter = `PartitionKey gt '${last}' and PartitionKey lt 'all-~'`;
    const next = await table.run(async (client) => {
      const queryOptions = { filter, select: ["PartitionKey", "RowKey"] };
      const pages = client.listEntities({ queryOptions }).byPage({ maxPageSize: 1 });
      for await (const rows of pages) for (const row of rows) return keys.parse(row).partitionKey;
      return null;
    });
    if (next === null) return days.toReversed();
    days.push(next);
    last = next;
  }
}

function sistersOf(text: string, day: string): string[] {
  try {
    return partitionsOf(named.parse(JSON.parse(text))).filter((partition) => partition !== day);
  } catch {
    return []; // put there by hand
  }
}

// Several at a time, each taking the next that nobody has taken.
async function eachOf<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items[Symbol.iterator]();
  const worker = async () => {
    for (let next = rest.next(); !next.done; next = rest.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: MAX_UNDER_WAY }, worker));
}

async function removeEntries(table: Table, day: string, rows: readonly z.infer<typeof dayRow>[]) {
  const sisters = new Map<string, string[]>();
  for (const { rowKey, entry } of rows) {
    for (const partition of sistersOf(entry, day))
      sisters.set(partition, [...(sisters.get(partition) ?? []), rowKey]);
  }
  await eachOf(sisters, ([partition, rowKeys]) => removeRows(table, partition, rowKeys));
  const own = rows.map(({ rowKey }) => rowKey);
  await removeRows(table, day, own);
}

// The day's entries in portions of one transaction; pages are larger, as each costs a query.
async function* portionsOf(table: Table, day: string) {
  const queryOptions = { filter: `PartitionKey eq '${day}'`, select: ["RowKey", "entry"] };
  const pages = await table.run(async (client) =>
    client.listEntities({ queryOptions }).byPage({ maxPageSize: MAX_ROWS }),
  );
  for (;;) {
    const page = await table.run(() => pages.next());
    if (page.done) return;
    const rows = page.value.map((row) => dayRow.parse(row));
    for (let from = 0; from < rows.length; from += MAX_ACTIONS)
      yield rows.slice(from, from + MAX_ACTIONS);
  }
}

/**
 * What deletes the entries of the days (UTC) before the one of `limit`, oldest day first, for as long as `mayGoOn` says so;
 * it is asked before every 100 entries. Idempotent.
 */
export function createAuditRetention(
  account: StorageAccount,
): (limit: Date, mayGoOn: () => boolean) => Promise<AuditRemoval> {
  const table = openTable(account, AUDIT_TABLE);
  return async (limit, mayGoOn) => {
    let entries = 0;
    for (const day of await oldestFirst(table, limit)) {
      for await (const rows of portionsOf(table, day)) {
        if (!mayGoOn()) return { entries, isComplete: false };
        await removeEntries(table, day, rows);
        entries += rows.length;
      }
    }
    return { entries, isComplete: true };
  };
}
