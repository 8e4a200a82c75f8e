// The counts of the charts in Azure Tables: a row for each bucket and instance, so that no instance writes another's.
import type { TableClient } from "@azure/data-tables";
import { z } from "zod";
import { type Counts, countsSchema } from "../rules/metrics.ts";
import { entityPages } from "./entity-pages.ts";
import { fromJsonColumns, toJsonColumns } from "./json-columns.ts";
import { MAX_ACTIONS, removeRows } from "./remove-rows.ts";
import { openTable, type StorageAccount } from "./tables.ts";

/** What one instance counted in one bucket. */
export interface InstanceCounts {
  /** When the bucket begins, in milliseconds since the epoch. */
  readonly at: number;
  readonly instance: string;
  readonly counts: Counts;
}

/** The rows of all instances. */
export interface MetricsStore {
  /** Replaces the instance's row of this bucket. Idempotent. */
  save(row: InstanceCounts): Promise<void>;
  /** Hands out, one after the other, the rows of buckets that begin within, both ends included. */
  eachRow(from: Date, to: Date, take: (row: InstanceCounts) => void): Promise<void>;
  /** Deletes the rows of the days (UTC) before the one of `limit` while `mayGoOn` says so, and answers how many. Idempotent. */
  removeBefore(limit: Date, mayGoOn: () => boolean): Promise<number>;
}

const MAX_ROWS = 1000; // of one answer of the service

const keys = z.object({ partitionKey: z.iso.date(), rowKey: z.string() });
const ROW_KEY = /^(\d\d)(\d\d)-(.+)$/;

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
const timeOf = (at: number): string => new Date(at).toISOString().slice(11, 16).replace(":", "");

// null: put there by hand, or by a later version.
function readRow(row: object): InstanceCounts | null {
  const key = keys.safeParse(row);
  const [, hours, minutes, instance] = ROW_KEY.exec(key.data?.rowKey ?? "") ?? [];
  if (!key.success || instance === undefined) return null;
  try {
    const counts = countsSchema.parse(fromJsonColumns("counts", { ...row }));
    return { at: Date.parse(`${key.data.partitionKey}T${hours}:${minutes}:00Z`), instance, counts };
  } catch {
    return null;
  }
}

// Two questions, each of one range of keys: for an OR the service would read the whole table
// (learn.microsoft.com/azure/storage/tables/table-storage-design-for-query).
function filtersOf(from: number, to: number): string[] {
  const [first, last] = [dayOf(from), dayOf(to)];
  return [
    `PartitionKey eq '${first}' and RowKey ge '${timeOf(from)}'`,
    ...(last > first ? [`PartitionKey gt '${first}' and PartitionKey le '${last}'`] : []),
  ];
}

async function* pagesOf(client: TableClient, filter: string) {
  yield* client.listEntities({ queryOptions: { filter } }).byPage({ maxPageSize: MAX_ROWS });
}

const anyKeys = z.object({ partitionKey: z.string(), rowKey: z.string() });

function byDay(page: readonly object[]): ReadonlyMap<string, readonly string[]> {
  const days = new Map<string, string[]>();
  for (const row of page) {
    const { partitionKey, rowKey } = anyKeys.parse(row);
    days.set(partitionKey, [...(days.get(partitionKey) ?? []), rowKey]);
  }
  return days;
}

/** The counts of a storage account: table `metrics`, partition = day (UTC), row = bucket and instance. */
export function createMetricsStore(account: StorageAccount): MetricsStore {
  const table = openTable(account, "metrics");
  return {
    save: async ({ at, instance, counts }) => {
      const key = { partitionKey: dayOf(at), rowKey: `${timeOf(at)}-${instance}` };
      const row = { ...key, ...toJsonColumns("counts", counts) };
      await table.run((client) => client.upsertEntity(row, "Replace"));
    },
    // Instances come and go, and each leaves a row in every bucket: nobody holds them all.
    eachRow: (from, to, take) =>
      table.run(async (client) => {
        for (const filter of filtersOf(from.getTime(), to.getTime()))
          for await (const page of pagesOf(client, filter))
            for (const row of page) {
              const found = readRow(row);
              if (found !== null && found.at >= from.getTime() && found.at <= to.getTime())
                take(found);
            }
      }),
    removeBefore: async (limit, mayGoOn) => {
      const filter = `PartitionKey lt '${dayOf(limit.getTime())}'`;
      const query = { filter, select: ["PartitionKey", "RowKey"] };
      let removed = 0;
      // Page by page: instances of a week, or of a year without retention, are more keys than anyone should hold.
      for await (const page of entityPages(table, query, MAX_ROWS))
        for (const [day, rows] of byDay(page))
          for (let from = 0; from < rows.length; from += MAX_ACTIONS) {
            if (!mayGoOn()) return removed;
            const portion = rows.slice(from, from + MAX_ACTIONS);
            await removeRows(table, day, portion);
            removed += portion.length;
          }
      return removed;
    },
  };
}
