// Pages over links: all of them, or those with conflicts that wait for an operator, in the order of their keys.
import { z } from "zod";
import type { Link } from "../rules/link.ts";
import type { Position } from "./continuation.ts";
import { hasConflicts, linkRowSchema } from "./link-row.ts";
import { pageOf } from "./row-pages.ts";
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

// The rest of its partition, then the partitions after it, each a range that is sought.
const after = ({ partitionKey, rowKey }: Position) => [
  `PartitionKey eq '${partitionKey}' and RowKey gt '${rowKey}'`,
  `PartitionKey gt '${partitionKey}'`,
];
const ALL = { position, all: "PartitionKey ge ''", after };

/** The reader of the tables `links` and `linkconflicts`. */
export function createLinkReader(links: Table, open: Table): LinkReader {
  return {
    page: async (limit, continuation = null) => {
      const listing = { ...ALL, name: "links", table: links };
      const page = await pageOf(listing, limit, continuation, (row) => linkRowSchema.parse(row));
      return { links: page.items, continuation: page.continuation };
    },
    conflicts: async (limit, continuation = null) => {
      const listing = { ...ALL, name: "linkconflicts", table: open };
      const page = await pageOf(listing, limit, continuation, async (row) => {
        const found = await links.find(linkRowSchema, row.partitionKey, row.rowKey);
        // The index may name too many (createLinkStore says why): the link has the last word.
        return found !== null && hasConflicts(found.row) ? found.row : null;
      });
      return { links: page.items, continuation: page.continuation };
    },
  };
}
