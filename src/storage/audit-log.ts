// The audit log in Azure Tables. Each entry is written under the key of each question that people ask, newest first, so
// that a page is a range read: everything, one user, failures only.
import type { TableClient } from "@azure/data-tables";
import { z } from "zod";
import type { AuditEntry } from "../rules/audit-entry.ts";
import type { AuditLog } from "../sync/ports.ts";
import { descending, END_OF_TIME_MS } from "./newest-first.ts";
import { openTable, type StorageAccount } from "./tables.ts";

const DAY_MS = 86_400_000;
const LAST_DAY = 99_999;
/** The table of the log. */
export const AUDIT_TABLE = "auditlog";

/** The key of a day: the newer, the smaller. */
export const dayKey = (ms: number): string =>
  String(LAST_DAY - Math.floor(ms / DAY_MS)).padStart(5, "0");

/** Which rows a page is read from; each is one contiguous range of keys. */
export type AuditScope =
  | { readonly kind: "all" }
  | { readonly kind: "failures" }
  | { readonly kind: "user"; readonly drupalUuid: string }
  | { readonly kind: "cycle"; readonly cycleId: string };

/** Columns that a query may ask for beside its scope. */
export type AuditColumn =
  | "operation"
  | "resourceType"
  | "status"
  | "system"
  | "direction"
  | "cause"
  | "cycleId";

/** One page's question. Times are ISO 8601; `until` is exclusive of later rows. */
export interface AuditQuery {
  readonly scope: AuditScope;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** Filters on single columns, joined with AND. */
  readonly where: Readonly<Partial<Record<AuditColumn, string>>>;
  readonly limit: number;
  /** Where the previous page ended. */
  readonly after?: AuditPosition | undefined;
}

/** The key of a row, opaque to callers. */
export interface AuditPosition {
  readonly partitionKey: string;
  readonly rowKey: string;
}

export interface AuditPage {
  readonly entries: AuditEntry[];
  /** Null when there is nothing more. */
  readonly next: AuditPosition | null;
}

export interface AuditReader {
  page(query: AuditQuery): Promise<AuditPage>;
}

const auditRow = z.object({ partitionKey: z.string(), rowKey: z.string(), entry: z.string() });

/**
 * The partitions that hold a row of the entry, under the same row key. Rows of one user, or cycle, share a partition; the
 * others are cut by day, to spread the writes and to drop old days whole.
 */
export function partitionsOf(
  entry: Pick<AuditEntry, "at" | "status" | "drupalUuid" | "cycleId">,
): string[] {
  const day = dayKey(Date.parse(entry.at));
  return [
    `all-${day}`,
    ...(entry.status === "failure" ? [`failures-${day}`] : []),
    ...(entry.drupalUuid === undefined ? [] : [`user-${entry.drupalUuid}`]),
    ...(entry.cycleId === undefined ? [] : [`cycle-${entry.cycleId}`]),
  ];
}

// Values are from allow-lists and validated dates; quotes are doubled all the same (OData 5.1.1.6.2).
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function singlePartitionOf(scope: AuditScope): string | null {
  if (scope.kind === "user") return `user-${scope.drupalUuid}`;
  return scope.kind === "cycle" ? `cycle-${scope.cycleId}` : null;
}

/**
 * The filters that together read the page's range in order. With a position there are two: the rest of its partition,
 * then the partitions after it; each is a range that the service can seek.
 */
function filtersOf({ scope, from, to, where, after }: AuditQuery): string[] {
  const newest = to?.getTime() ?? END_OF_TIME_MS;
  const oldest = from?.getTime() ?? 0;
  const single = singlePartitionOf(scope);
  const first = single ?? `${scope.kind}-${to ? dayKey(newest) : "00000"}`;
  const last = single ?? `${scope.kind}-${dayKey(oldest)}`;
  const common = [
    `PartitionKey le ${literal(last)}`,
    `RowKey ge ${literal(descending(newest))}`,
    `RowKey le ${literal(`${descending(oldest)}~`)}`, // past every id of that millisecond
    ...Object.entries(where).map(([name, value]) => `${name} eq ${literal(value)}`),
  ];
  const starts =
    after === undefined
      ? [`PartitionKey ge ${literal(first)}`]
      : [
          `PartitionKey eq ${literal(after.partitionKey)} and RowKey gt ${literal(after.rowKey)}`,
          `PartitionKey gt ${literal(after.partitionKey)}`,
        ];
  return starts.map((start) => [start, ...common].join(" and "));
}

async function* rowsOf(client: TableClient, query: AuditQuery, pageSize: number) {
  for (const filter of filtersOf(query)) {
    const pages = client
      .listEntities({ queryOptions: { filter } })
      .byPage({ maxPageSize: pageSize });
    for await (const page of pages) yield* page.map((row) => auditRow.parse(row));
  }
}

/** The audit log of a storage account: table `auditlog`. */
export function createAuditLog(account: StorageAccount): AuditLog & AuditReader {
  const table = openTable(account, AUDIT_TABLE);
  return {
    append: async (entry) => {
      const rowKey = `${descending(Date.parse(entry.at))}-${entry.id}`;
      const columns = {
        rowKey,
        operation: entry.operation,
        resourceType: entry.resourceType,
        status: entry.status,
        system: entry.system ?? "",
        direction: entry.direction ?? "",
        cause: entry.cause,
        cycleId: entry.cycleId ?? "",
        entry: JSON.stringify(entry),
      };
      // Upserts: an append that is repeated after a crash leaves one row.
      await Promise.all(
        partitionsOf(entry).map((partitionKey) =>
          table.run((client) => client.upsertEntity({ partitionKey, ...columns }, "Replace")),
        ),
      );
    },
    page: (query) =>
      table.run(async (client) => {
        const rows: z.infer<typeof auditRow>[] = [];
        // One row more than asked for tells whether there is a next page.
        for await (const row of rowsOf(client, query, Math.min(1000, query.limit + 1))) {
          rows.push(row);
          if (rows.length > query.limit) break;
        }
        const shown = rows.slice(0, query.limit);
        const last = shown.at(-1);
        const next =
          rows.length > query.limit && last !== undefined
            ? { partitionKey: last.partitionKey, rowKey: last.rowKey }
            : null;
        return { entries: shown.map((row) => JSON.parse(row.entry)), next };
      }),
  };
}
