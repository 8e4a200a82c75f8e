// The audit log of a bench: a year of entries of the app's own shape.
import type { AuditEntry } from "../../src/rules/audit-entry.ts";
import { createAuditLog } from "../../src/storage/audit-log.ts";
import { openTable, type StorageAccount } from "../../src/storage/tables.ts";

const DAY_MS = 86_400_000;
const PER_MILLE_FAILED = 30;
const RARE = 10_000;

/** What a log is made of. Entries are numbered from the newest, and lie evenly over the days. */
export interface AuditFilling {
  readonly entries: number;
  readonly users: number;
  readonly cycles: number;
  readonly days: number;
  readonly newestMs: number;
}

const uuidOf = (kind: number, number: number): string =>
  `${kind.toString(16).padStart(4, "0")}${number.toString(16).padStart(4, "0").slice(-4)}-0000-4000-8000-${number.toString(16).padStart(12, "0")}`;

/** The user's UUID, by number. */
export const auditUser = (number: number): string => uuidOf(1, number);
/** The cycle's id, by number; number 0 is the newest. */
export const auditCycle = (number: number): string => uuidOf(2, number);

// Spread evenly, and the same in every run.
const mixed = (number: number): number => Math.imul(number, 0x9e3779b1) >>> 0;

/** The entry of a number: 3 % failed, one in 10,000 is a delete, one in 20 a disable. */
export function auditEntryOf(filling: AuditFilling, number: number): AuditEntry {
  const { entries, users, cycles, days, newestMs } = filling;
  const atMs = newestMs - Math.floor((number * days * DAY_MS) / entries);
  const chance = mixed(number);
  const isFailed = chance % 1000 < PER_MILLE_FAILED;
  const operation =
    number % RARE === RARE - 1 ? "delete" : chance % 20 === 7 ? "disable" : "update";
  const user = number % users;
  const toEntra = chance % 2 === 0;
  const department = (text: string) => `${text} of people who are asked for, no. ${user}`;
  return {
    id: uuidOf(3, number),
    at: new Date(atMs).toISOString(),
    operation,
    resourceType: "user",
    status: isFailed ? "failure" : "success",
    system: toEntra ? "entra" : "drupal",
    direction: toEntra ? "drupalToEntra" : "entraToDrupal",
    cause: "cycle",
    cycleId: auditCycle(Math.floor((number * cycles) / entries)),
    drupalUuid: auditUser(user),
    entraId: uuidOf(4, user),
    displayName: `person.${user}`,
    changes: [
      {
        attribute: "department",
        before: department("Before"),
        after: department("After"),
        why: "changedInDrupal",
      },
      { attribute: "jobTitle", before: null, after: "Editor", why: "changedInDrupal" },
    ],
    reason: isFailed
      ? { code: "entraRefused", message: "Graph refused the change" }
      : { code: "written", message: "changed in Drupal" },
    durationMs: 100 + (chance % 400),
  };
}

/** How a bench writes: a table of this name is never made; Azurite fills the log with the entries of these numbers instead. */
export const FILLING_TABLE = /^fill(\d+)to(\d+)$/;
const AT_A_TIME = 10_000;

/** Writes all of it into an Azurite that was started with `audit-azurite`; `told` hears how far it is. */
export async function fillAudit(
  account: StorageAccount,
  filling: AuditFilling,
  told: (entries: number) => void,
): Promise<void> {
  // The first goes through the app: its rows, as Azurite keeps them, are the pattern of all others.
  await createAuditLog(account).append(auditEntryOf(filling, 0));
  for (let from = 1; from < filling.entries; from += AT_A_TIME) {
    const end = Math.min(from + AT_A_TIME, filling.entries);
    await openTable(account, `fill${from}to${end}`).run(async () => undefined);
    if ((from - 1) % 100_000 === 0) told(end);
  }
}
