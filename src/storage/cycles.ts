// Cycles in Azure Tables, and their pages in Blob Storage. All rows lie in one partition, so that a cycle and the rows by which
// it is found are written together or not at all (Microsoft: "Performing entity group transactions"); there are a few writes
// a second, and a partition takes 2,000.
import type { TransactionAction } from "@azure/data-tables";
import { z } from "zod";
import { type Cycle, hasEnded } from "../rules/cycle.ts";
import type { CycleStore, StoredCycle } from "../sync/cycle-ports.ts";
import { mapAtOnce } from "./at-once.ts";
import { openContainer } from "./blobs.ts";
import type { Position } from "./continuation.ts";
import { cycleSchema, cycleUsersSchema, nominationPageSchema } from "./cycle-row.ts";
import { fromJsonColumns, toJsonColumns } from "./json-columns.ts";
import { descending } from "./newest-first.ts";
import { pageOf } from "./row-pages.ts";
import { openTable, type StorageAccount } from "./tables.ts";

/** A page of cycles. */
export interface CycleList {
  readonly cycles: readonly Cycle[];
  /** Null when there is nothing more. */
  readonly continuation: string | null;
}

/** Reads cycles page by page. RejectedError with the code `invalidContinuation` for one that is not of this listing. */
export interface CycleReader {
  /** Newest first, by `createdAt`. */
  page(limit: number, continuation?: string | null): Promise<CycleList>;
}

/** For the retention. */
export interface CycleRemoval {
  /** A page of the cycles that were created before, the newest first. A continuation stands also where cycles are removed. */
  createdBefore(moment: Date, limit: number, continuation: string | null): Promise<CycleList>;
  /** Removes a cycle that has ended, with its pages. One that is gone already counts as removed. */
  remove(id: string): Promise<void>;
}

const PARTITION = "cycles";
const LISTING = "cycles";
const key = (rowKey: string) => ({ partitionKey: PARTITION, rowKey });
const cycleKey = (id: string): string => `cycle-${id}`;
const openKey = (id: string): string => `open-${id}`;
const cancelKey = (id: string): string => `cancel-${id}`;
const orderKey = ({ createdAt, id }: Cycle): string =>
  `order-${descending(Date.parse(createdAt))}-${id}`;

const ORDER_KEY = /^order-\d{15}-([\w-]+)$/;
const position = z.object({
  partitionKey: z.literal(PARTITION),
  rowKey: z.string().regex(ORDER_KEY),
});
// The character after "-" ends the range of a prefix.
const rangeOf = (prefix: string): string =>
  `PartitionKey eq '${PARTITION}' and RowKey gt '${prefix}-' and RowKey lt '${prefix}.'`;
const orderAfter = (rowKey: string): string =>
  `PartitionKey eq '${PARTITION}' and RowKey gt '${rowKey}' and RowKey lt 'order.'`;

const cycleRow = z
  .looseObject({})
  .transform((row): Cycle => cycleSchema.parse(fromJsonColumns("cycle", row)));
const openRow = z.object({ rowKey: z.string() });
const cancelRow = z.object({ actor: z.string() });

// A version is the row's ETag, and a mark where the cycle has a row among the open ones: a save knows without a read.
const MARK = "!";
const versionOf = (cycle: Cycle, etag: string): string =>
  hasEnded(cycle) ? etag : `${MARK}${etag}`;

function saving(cycle: Cycle, version: string | null): TransactionAction[] {
  const row = { ...key(cycleKey(cycle.id)), ...toJsonColumns("cycle", cycle) };
  const order: TransactionAction = ["create", key(orderKey(cycle))];
  const open: TransactionAction = ["upsert", key(openKey(cycle.id)), "Replace"];
  const closed: TransactionAction = ["delete", key(openKey(cycle.id))];
  if (version === null) return [["create", row], order, ...(hasEnded(cycle) ? [] : [open])];
  const wasOpen = version.startsWith(MARK);
  const etag = wasOpen ? version.slice(MARK.length) : version;
  const index = wasOpen === hasEnded(cycle) ? [wasOpen ? closed : open] : [];
  return [["update", row, "Replace", { etag }], ...index];
}

const candidateOf = (id: string): string => `${id}/candidate.json`;
const pathOf = (id: string, kind: "nominations" | "users", page: number): string =>
  `${id}/${kind}/${String(page).padStart(6, "0")}.json`;

/** The cycles of a storage account: table and container `cycles`. */
export function createCycleStore(account: StorageAccount): CycleStore & CycleReader & CycleRemoval {
  const table = openTable(account, "cycles");
  const pages = openContainer(account, "cycles");

  const get = async (id: string): Promise<StoredCycle | null> => {
    const found = await table.find(cycleRow, PARTITION, cycleKey(id));
    return found && { cycle: found.row, version: versionOf(found.row, found.etag) };
  };

  const list = async (all: string, limit: number, continuation: string | null) => {
    const after = ({ rowKey }: Position) => [orderAfter(rowKey)];
    const listing = { name: LISTING, table, position, all, after };
    const ids = await pageOf(
      listing,
      limit,
      continuation,
      ({ rowKey }) => ORDER_KEY.exec(rowKey)?.[1] ?? null,
    );
    const found = await mapAtOnce(ids.items, 16, get);
    // One that was removed meanwhile is passed over.
    const cycles = found.flatMap((one) => one?.cycle ?? []);
    return { cycles, continuation: ids.continuation };
  };

  return {
    get,
    save: async (cycle, version) =>
      versionOf(cycle, await table.saveTogether(saving(cycle, version))),
    putNominations: (id, page, nominations, replaces) =>
      pages.putOver(pathOf(id, "nominations", page), nominations, replaces),
    nominations: (id, page) => pages.read(nominationPageSchema, pathOf(id, "nominations", page)),
    putUsers: (id, page, users, replaces) =>
      pages.putOver(pathOf(id, "users", page), users, replaces),
    users: (id, page) => pages.read(cycleUsersSchema, pathOf(id, "users", page)),
    putCandidate: (id, document) => pages.put(candidateOf(id), document),
    candidate: (id) => pages.read(z.unknown(), candidateOf(id)),
    askCancel: async (id, actor) => {
      const row = { ...key(cancelKey(id)), actor };
      await table.run((client) => client.upsertEntity(row, "Replace"));
    },
    cancelAskedBy: async (id) =>
      (await table.find(cancelRow, PARTITION, cancelKey(id)))?.row.actor ?? null,
    dropCancel: (id) => table.remove(PARTITION, cancelKey(id)),
    open: () =>
      table.run(async (client) => {
        const ids: string[] = [];
        const queryOptions = { filter: rangeOf("open") };
        for await (const row of client.listEntities({ queryOptions }))
          ids.push(openRow.parse(row).rowKey.slice(openKey("").length));
        return ids;
      }),
    page: (limit, continuation = null) => list(rangeOf("order"), limit, continuation),
    createdBefore: (moment, limit, continuation) =>
      list(orderAfter(`order-${descending(moment.getTime())}~`), limit, continuation),
    remove: async (id) => {
      const found = await table.find(cycleRow, PARTITION, cycleKey(id));
      // The pages go first: as long as its rows are there, the cycle is found and removed again.
      await pages.removeAll(`${id}/`);
      await table.remove(PARTITION, cancelKey(id));
      if (found === null) return;
      const { row: cycle, etag } = found;
      const open: TransactionAction[] = hasEnded(cycle) ? [] : [["delete", key(openKey(id))]];
      await table.saveTogether([
        ["delete", { ...key(cycleKey(id)), etag }],
        ["delete", key(orderKey(cycle))],
        ...open,
      ]);
    },
  };
}
