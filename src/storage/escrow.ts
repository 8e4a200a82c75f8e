// Escrow in Azure Tables: users whose export was refused, one row each, until it succeeds.
import { z } from "zod";
import type { EscrowStore } from "../sync/ports.ts";
import { openTable, type StorageAccount } from "./tables.ts";

const dated = z.object({ at: z.string() });
const counted = z.object({ attempts: z.number(), since: z.string() });

/** The escrow of a storage account: table `escrow`. */
export function createEscrowStore(account: StorageAccount): EscrowStore {
  const table = openTable(account, "escrow");
  return {
    put: async ({ drupalUuid, system, reason, at }) => {
      const known = await table.find(counted, "user", drupalUuid);
      const row = {
        partitionKey: "user",
        rowKey: drupalUuid,
        system,
        code: reason.code,
        message: reason.message,
        attempts: (known?.row.attempts ?? 0) + 1,
        since: known?.row.since ?? at,
        at,
      };
      await table.run((client) => client.upsertEntity(row, "Replace"));
      return { attempts: row.attempts, since: row.since };
    },
    lastAt: async (drupalUuid) => (await table.find(dated, "user", drupalUuid))?.row.at ?? null,
    clear: (drupalUuid) => table.remove("user", drupalUuid),
  };
}
