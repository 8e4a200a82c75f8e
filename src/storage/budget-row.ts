// The row of a target's bucket in Azure Tables.
import { z } from "zod";
import type { BudgetRow } from "./budget.ts";
import { openTable, type StorageAccount } from "./tables.ts";

// Times as texts: the table takes whole numbers for 32 bits.
const time = z.iso.datetime().transform((text) => Date.parse(text));
const storedBudget = z.object({
  level: z.number(),
  at: time,
  perSecond: z.number().positive(),
  successes: z.number(),
  refusals: z.number(),
  pausedUntil: time,
  calmUntil: time,
});

const PARTITION = "target";
const text = (ms: number): string => new Date(ms).toISOString();

/** The row `target` of table `budget`. */
export function createBudgetRow(account: StorageAccount, target: string): BudgetRow {
  const table = openTable(account, "budget");
  return {
    read: async (quota) => {
      const found = await table.find(storedBudget, PARTITION, target);
      return found === null ? null : { budget: { ...found.row, quota }, version: found.etag };
    },
    save: async ({ quota: _documented, ...budget }, version) => {
      const row = {
        partitionKey: PARTITION,
        rowKey: target,
        ...budget,
        at: text(budget.at),
        pausedUntil: text(budget.pausedUntil),
        calmUntil: text(budget.calmUntil),
      };
      await table.run((client) =>
        version === null
          ? client.createEntity(row)
          : client.updateEntity(row, "Replace", { etag: version }),
      );
    },
  };
}
