// Escrow in Azure Tables: users whose export was refused, one row each, until it succeeds.
import { z } from "zod";
import {
  type EscrowEntry,
  type EscrowFilter,
  type EscrowGroup,
  groupsOf,
  returnDelayMs,
} from "../rules/escrow.ts";
import type { EscrowListing, EscrowStore } from "../sync/ports.ts";
import { readContinuation, writeContinuation } from "./continuation.ts";
import { openTable, type StorageAccount } from "./tables.ts";

/** A page of users in escrow. */
export interface EscrowPage {
  readonly items: readonly EscrowEntry[];
  /** Null when there is nothing more. */
  readonly continuation: string | null;
}

/** Reads escrow for people, and for cycles. */
export interface EscrowReader extends EscrowListing {
  /** In the order of keys; RejectedError `invalidContinuation` for one of another listing or filter. */
  page(filter: EscrowFilter, limit: number, continuation?: string | null): Promise<EscrowPage>;
  /** All users by cause. */
  groups(): Promise<readonly EscrowGroup[]>;
  /** Users whose return is late: its message was lost, or is held up. */
  due(now: Date): Promise<readonly EscrowEntry[]>;
}

const PARTITION = "user";
const MAX_ROWS = 1000; // of one answer of the service
// A return that is on the queue is picked up within seconds of its time.
const LATE_AFTER_MS = 5 * 60_000;
// A column can be missing and cannot be null: no return.
const NEVER = "";

const escrowRow = z
  .object({
    rowKey: z.string(),
    system: z.enum(["drupal", "entra", "storage"]),
    code: z.string(),
    message: z.string(),
    attempts: z.number(),
    since: z.string(),
    at: z.string(),
    // Rows of earlier releases lack these; their returns are on the queue.
    entraObjectId: z.string().default(NEVER),
    nextAt: z.string().optional(),
  })
  .transform((row): EscrowEntry => {
    const { rowKey: drupalUuid, system, code, message, attempts, since, at } = row;
    const delayMs = returnDelayMs(attempts, since, at);
    const expected = delayMs === null ? NEVER : new Date(Date.parse(at) + delayMs).toISOString();
    return {
      drupalUuid,
      entraObjectId: row.entraObjectId || null,
      system,
      reason: { code, message },
      attempts,
      since,
      at,
      nextAt: (row.nextAt ?? expected) || null,
    };
  });

const position = z.object({ partitionKey: z.literal(PARTITION), rowKey: z.string().max(64) });

// Quotes are doubled, though a code has none (OData 5.1.1.6.2).
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const conditionsOf = ({ code, system }: EscrowFilter): string[] => [
  ...(code === undefined ? [] : [`code eq ${literal(code)}`]),
  ...(system === undefined ? [] : [`system eq ${literal(system)}`]),
];

/** The escrow of a storage account: table `escrow`. */
export function createEscrowStore(account: StorageAccount): EscrowStore & EscrowReader {
  const table = openTable(account, "escrow");
  // Pages are asked for one by one, each with its failure named.
  async function* entries(
    conditions: readonly string[],
    pageSize = MAX_ROWS,
  ): AsyncGenerator<EscrowEntry> {
    const filter = [`PartitionKey eq ${literal(PARTITION)}`, ...conditions].join(" and ");
    const pages = await table.run(async (client) =>
      client.listEntities({ queryOptions: { filter } }).byPage({ maxPageSize: pageSize }),
    );
    for (;;) {
      const page = await table.run(() => pages.next());
      if (page.done) return;
      for (const row of page.value) yield escrowRow.parse(row);
    }
  }
  return {
    find: async (drupalUuid) => (await table.find(escrowRow, PARTITION, drupalUuid))?.row ?? null,
    put: async ({ drupalUuid, entraObjectId, reason, nextAt, ...columns }) => {
      const row = {
        partitionKey: PARTITION,
        rowKey: drupalUuid,
        ...columns,
        code: reason.code,
        message: reason.message,
        entraObjectId: entraObjectId ?? NEVER,
        nextAt: nextAt ?? NEVER,
      };
      await table.run((client) => client.upsertEntity(row, "Replace"));
    },
    clear: (drupalUuid) => table.remove(PARTITION, drupalUuid),
    each: (filter) => entries(conditionsOf(filter)),
    page: async (filter, limit, continuation = null) => {
      const listing = `escrow ${conditionsOf(filter).join(" and ")}`;
      const conditions = conditionsOf(filter);
      if (continuation !== null) {
        const { rowKey } = readContinuation(listing, position, continuation);
        conditions.push(`RowKey gt ${literal(rowKey)}`);
      }
      const items: EscrowEntry[] = [];
      // One more than asked for tells that there is a next page.
      for await (const entry of entries(conditions, Math.min(MAX_ROWS, limit + 1))) {
        const last = items.at(-1);
        if (items.length === limit && last !== undefined) {
          const key = { partitionKey: PARTITION, rowKey: last.drupalUuid };
          return { items, continuation: writeContinuation(listing, key) };
        }
        items.push(entry);
      }
      return { items, continuation: null };
    },
    groups: () => groupsOf(entries([])),
    due: async (now) => {
      const late = new Date(now.getTime() - LATE_AFTER_MS).toISOString();
      const due: EscrowEntry[] = [];
      const conditions = [`nextAt gt ${literal(NEVER)}`, `nextAt lt ${literal(late)}`];
      for await (const entry of entries(conditions)) due.push(entry);
      return due;
    },
  };
}
