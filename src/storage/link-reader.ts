// Pages over links: all of them, or those with conflicts that wait for an operator, in the order of their keys.
import type { TableClient } from "@azure/data-tables";
import { z } from "zod";
import type { Link } from "../rules/link.ts";
import { type Position, readContinuation, writeContinuation } from "./continuation.ts";
import { hasConflicts, linkRowSchema } from "./link-row.ts";
import type { Table } from "./tables.ts";

/** A page of links. */
export interface LinkPage {
  readonly links: readonly Link[];
  /** Null when there is nothing more. */
  readonly continuation: string | null;
}

/** Reads links page by page. RejectedError with the code `invalidContinuation` for one that is not of the same listing. */
export interface LinkReader {
  /** Every link, in the order of keys: one that is made meanwhile may be missed, one that was there before never is. */
  page(limit: number, continuation?: string | null): Promise<LinkPage>;
  /** The links that have open conflicts. */
  conflicts(limit: number, continuation?: string | null): Promise<LinkPage>;
}

const position = z.object({
  partitionKey: z.string().regex(/^[0-9a-f]{2}$/),
  rowKey: z.guid(),
});
const MAX_ROWS = 1000; // of one answer of the service

/** The rows after a position: the rest of its partition, then the partitions after it, each a range that is sought. */
async function* rowsAfter(client: TableClient, after: Position | null, pageSize: number) {
  const filters =
    after === null
      ? [undefined]
      : [
          `PartitionKey eq '${after.partitionKey}' and RowKey gt '${after.rowKey}'`,
          `PartitionKey gt '${after.partitionKey}'`,
        ];
  for (const filter of filters) {
    const queryOptions = filter === undefined ? {} : { filter };
    const pages = client.listEntities({ queryOptions }).byPage({ maxPageSize: pageSize });
    for await (const rows of pages) yield* rows;
  }
}

/** Up to `limit` rows that `keep` makes something of, and the continuation after the last of them. */
async function pageOf<T>(
  listing: { readonly name: string; readonly table: Table },
  limit: number,
  continuation: string | null,
  keep: (row: Position) => Promise<T | null> | T | null,
): Promise<{ readonly items: T[]; readonly continuation: string | null }> {
  const { name, table } = listing;
  const after = continuation === null ? null : readContinuation(name, position, continuation);
  return table.run(async (client) => {
    const items: T[] = [];
    let last: Position | null = null;
    for await (const row of rowsAfter(client, after, Math.min(MAX_ROWS, limit + 1))) {
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

/** The reader of the tables `links` and `linkconflicts`. */
export function createLinkReader(links: Table, open: Table): LinkReader {
  return {
    page: async (limit, continuation = null) => {
      const listing = { name: "links", table: links };
      const page = await pageOf(listing, limit, continuation, (row) => linkRowSchema.parse(row));
      return { links: page.items, continuation: page.continuation };
    },
    conflicts: async (limit, continuation = null) => {
      const listing = { name: "linkconflicts", table: open };
      const page = await pageOf(listing, limit, continuation, async (row) => {
        const found = await links.find(linkRowSchema, row.partitionKey, row.rowKey);
        // The index may name too many (createLinkStore says why): the link has the last word.
        return found !== null && hasConflicts(found.row) ? found.row : null;
      });
      return { links: page.items, continuation: page.continuation };
    },
  };
}
