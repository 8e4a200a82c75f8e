// Quarantine in Azure Tables: a system that does not let us in is left alone for a while, by all instances.
import { z } from "zod";
import { ConcurrencyError, type FailingSystem } from "../rules/errors.ts";
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

export interface QuarantineOptions {
  readonly account: StorageAccount;
  /** A fingerprint of the credentials of each system: others open the quarantine at once. */
  readonly credentials: Readonly<Record<FailingSystem, string>>;
  readonly now: () => Date;
  /** Where pauses are shared with the other instances; a system without it is paused on this one only. */
  readonly pauses?: Partial<Readonly<Record<FailingSystem, Pauses>>>;
}

/** What a target asked for by a Retry-After. */
export interface Pauses {
  pause(until: Date): void;
  pausedUntil(): Promise<Date | null>;
}

function ownPauses(now: () => Date): Pauses {
  let paused = new Date(0);
  return {
    pause: (until) => {
      paused = until;
    },
    pausedUntil: async () => (paused > now() ? paused : null),
  };
}

// Drupal locks an account after 5 wrong passwords within 6 hours (facts: drupal 2). A password that stops being right
// under load costs up to 3 tries; one each 3 hours after that stays below. New credentials do not wait.
const WAIT_MS: Readonly<Record<string, number>> = { drupalCredentialsRefused: 190 * 60_000 };
const USUAL_WAIT_MS = 10 * 60_000;
// For so long the one who was let through to try again keeps the others out.
const TRIAL_MS = 60_000;
const REMEMBERED_MS = 5000;

/** The quarantine of a storage account: table `quarantine`. Each instance asks it at most every 5 seconds. */
export function createQuarantineStore(options: QuarantineOptions): QuarantineStore {
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

  const pauses: Readonly<Record<FailingSystem, Pauses>> = {
    drupal: ownPauses(now),
    entra: ownPauses(now),
    storage: ownPauses(now),
    ...options.pauses,
  };

  // The time has come: whoever moves it on first may try, the others wait for what comes of it.
  const mayTry = async (system: FailingSystem): Promise<boolean> => {
    const found = await table.find(quarantineRow, "system", system);
    if (found === null || found.row.credentials !== credentials[system]) return true;
    if (Date.parse(found.row.until) > now().getTime()) return false;
    const row = { ...found.row, until: new Date(now().getTime() + TRIAL_MS).toISOString() };
    remembered.set(system, { row, until: now().getTime() + REMEMBERED_MS });
    try {
      const entity = { partitionKey: "system", rowKey: system, ...row };
      await table.run((client) => client.updateEntity(entity, "Replace", { etag: found.etag }));
      return true;
    } catch (error) {
      if (error instanceof ConcurrencyError) return false;
      throw error;
    }
  };

  return {
    closedUntil: async (system) => {
      const [pause, row] = await Promise.all([pauses[system].pausedUntil(), read(system)]);
      if (pause !== null) return pause;
      if (row === null) return null;
      if (Date.parse(row.until) > now().getTime()) return new Date(row.until);
      return (await mayTry(system)) ? null : new Date(now().getTime() + TRIAL_MS);
    },
    pause: (system, until) => pauses[system].pause(until),
    pausedUntil: (system) => pauses[system].pausedUntil(),
    close: async (system, reason, at) => {
      const known = await read(system);
      // Requests that were under way when the first one closed it change nothing.
      if (known !== null && Date.parse(known.until) - at.getTime() > TRIAL_MS) return;
      const closings = (known?.closings ?? 0) + 1;
      const waitMs = WAIT_MS[reason.code] ?? USUAL_WAIT_MS;
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
      return { until: new Date(row.until), reason: { code: row.code, message: row.message } };
    },
  };
}
