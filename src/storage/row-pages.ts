// Pages over the rows of a table, in the order of their keys, each with the continuation of the next.
import type { TableClient } from "@azure/data-tables";
import type { z } from "zod";
import { type Position, readContinuation, writeContinuation } from "./continuation.ts";
import type { Table } from "./tables.ts";

const MAX_ROWS = 1000; // of one answer of the service

/** What is paged over. */
export interface Listing {
  /** Continuations of one listing are refused by the others. */
  readonly name: string;
  readonly table: Table;
  /** The keys that its rows may have: what comes back in a continuation is put into a filter. */
  readonly position: z.ZodType<Position>;
  /** The filter of all rows, and the filters that together are what comes after a position. */
  readonly all: string;
  readonly after: (position: Position) => readonly string[];
}

async function* rowsOf(client: TableClient, filters: readonly string[], maxPageSize: number) {
  for (const filter of filters) {
    const pages = client.listEntities({ queryOptions: { filter } }).byPage({ maxPageSize });
    for await (const rows of pages) yield* rows;
  }
}

/** Up to `limit` rows that `keep` makes something of, and the continuation after the last of them. */
export async function pageOf<T>(
  { name, table, position, all, after }: Listing,
  limit: number,
  continuation: string | null,
  keep: (row: Position) => Promise<T | null> | T | null,
): Promise<{ readonly items: T[]; readonly continuation: string | null }> {
  const filters =
    continuation === null ? [all] : after(readContinuation(name, position, continuation));
  return table.run(async (client) => {
    const items: T[] = [];
    let last: Position | null = null;
    for await (const row of rowsOf(client, filters, Math.min(MAX_ROWS, limit + 1))) {
      const key = position.parse(row);
      const item = await keep({ ...row, ...key });
      if (item === null) continue;
      // One more than asked for tells that there is a next page.
      if (items.length === limit && last !== null)
        return { items, continuation: writeContinuation(name, last) };
      items.push(item);
      last = key;
    }
    return { items, continuation: null };
  });
}
