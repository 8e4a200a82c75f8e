// Quarantine in Azure Tables: a system that does not let us in is left alone for a while, by all instances.
import { z } from "zod";
import type { FailingSystem } from "../rules/errors.ts";
import type { Reason } from "../rules/plan.ts";
import type { QuarantineStore } from "../sync/ports.ts";
import { openTable, type StorageAccount } from "./tables.ts";

const quarantineRow = z.object({
  until: z.string(),
  code: z.string(),
  message: z.string(),
  closings: z.number(),
  credentials: z.string(),
});
type QuarantineRow = z.infer<typeof quarantineRow>;

/** What health shows of a closed system. */
export interface QuarantineState {
  readonly system: FailingSystem;
  readonly until: Date;
  readonly reason: Reason;
}

export interface QuarantineOptions {
  readonly account: StorageAccount;
  /** A fingerprint of the credentials of each system: others open the quarantine at once. */
  readonly credentials: Readonly<Record<FailingSystem, string>>;
  readonly now: () => Date;
}

// Drupal locks an account after 5 wrong passwords within 6 hours (facts: drupal 2): 1 + 4 tries in that time.
const FIRST_WAIT_MS = 10 * 60_000;
const NEXT_WAIT_MS = 90 * 60_000;
const REMEMBERED_MS = 5000;

/** The quarantine of a storage account: table `quarantine`. Each instance asks it at most every 5 seconds. */
export function createQuarantineStore(options: QuarantineOptions): QuarantineStore & {
  state(system: FailingSystem): Promise<QuarantineState | null>;
} {
  const { credentials, now } = options;
  const table = openTable(options.account, "quarantine");
  const remembered = new Map<FailingSystem, { row: QuarantineRow | null; until: number }>();

  const read = async (system: FailingSystem): Promise<QuarantineRow | null> => {
    const known = remembered.get(system);
    if (known !== undefined && known.until > now().getTime()) return known.row;
    const row = (await table.find(quarantineRow, "system", system))?.row ?? null;
    const current = row?.credentials === credentials[system] ? row : null;
    remembered.set(system, { row: current, until: now().getTime() + REMEMBERED_MS });
    return current;
  };

  const closed = async (system: FailingSystem): Promise<QuarantineRow | null> => {
    const row = await read(system);
    return row !== null && Date.parse(row.until) > now().getTime() ? row : null;
  };

  return {
    closedUntil: async (system) => {
      const row = await closed(system);
      return row === null ? null : new Date(row.until);
    },
    close: async (system, reason, at) => {
      if ((await closed(system)) !== null) return; // requests that were under way when the first one closed it
      const closings = ((await read(system))?.closings ?? 0) + 1;
      const waitMs = closings === 1 ? FIRST_WAIT_MS : NEXT_WAIT_MS;
      const row: QuarantineRow = {
        until: new Date(at.getTime() + waitMs).toISOString(),
        code: reason.code,
        message: reason.message,
        closings,
        credentials: credentials[system],
      };
      await table.run((client) =>
        client.upsertEntity({ partitionKey: "system", rowKey: system, ...row }, "Replace"),
      );
      remembered.set(system, { row, until: now().getTime() + REMEMBERED_MS });
    },
    open: async (system) => {
      if ((await read(system)) === null) return;
      await table.remove("system", system);
      remembered.delete(system);
    },
    state: async (system) => {
      const row = await closed(system);
      if (row === null) return null;
      return {
        system,
        until: new Date(row.until),
        reason: { code: row.code, message: row.message },
      };
    },
  };
}
