// Deletes many rows of one partition, whichever of them are still there.
import type { TableClient } from "@azure/data-tables";
import { isGone, type Table } from "./tables.ts";

/** Of one transaction (Entity group transactions, Table Storage REST reference). */
export const MAX_ACTIONS = 100;

async function removeOne(client: TableClient, partition: string, rowKey: string): Promise<void> {
  await client.deleteEntity(partition, rowKey).catch((error: unknown) => {
    if (!isGone(error)) throw error;
  });
}

/** Removes up to 100 rows of one partition. A transaction that finds one of them gone does nothing: then one by one, as after a
 * kill. Idempotent. */
export async function removeRows(
  table: Table,
  partition: string,
  rowKeys: readonly string[],
): Promise<void> {
  await table.run(async (client) => {
    const [first, ...others] = rowKeys;
    if (first === undefined) return;
    if (others.length === 0) return removeOne(client, partition, first);
    try {
      await client.submitTransaction(
        rowKeys.map((rowKey) => ["delete", { partitionKey: partition, rowKey }]),
      );
    } catch (error) {
      if (!isGone(error)) throw error;
      for (const rowKey of rowKeys) await removeOne(client, partition, rowKey);
    }
  });
}
