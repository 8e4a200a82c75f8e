// What one cycle did to one user, as the audit log tells it, and how it is taken back: write by write, the newest first, each
// only while its target still holds what it wrote.
import type { AuditEntry, KeptChange } from "./audit-entry.ts";
import type { SyncConfiguration } from "./configuration.ts";
import { STATE_ATTRIBUTE } from "./state-steps.ts";
import type { AttributeValue, System } from "./users.ts";
import { fingerprint } from "./values.ts";

/** A row of the audit log, as far as an undo reads it. */
export type PastWrite = Pick<
  AuditEntry,
  "operation" | "status" | "system" | "direction" | "entraId" | "changes"
>;

/** All that one cycle wrote of one user, the oldest first. */
export interface PastCycle {
  readonly cycleId: string;
  readonly writes: readonly PastWrite[];
}

/** A value that was written over another. */
interface Written<T> {
  readonly before: T;
  readonly after: T;
}

/** Where a target that holds `now` gets to. `changedSince`: it holds neither what was written nor what was there before. */
export type TakenBack<T> =
  | { readonly kind: "back"; readonly to: T; readonly from: T }
  | { readonly kind: "alreadyBack" }
  | { readonly kind: "changedSince" };

/**
 * Takes writes back, the newest first. Where someone edited the target between two of them, their edit is what is restored:
 * it is what the cycle wrote over last.
 */
export function takeBack<T>(
  writes: readonly Written<T>[],
  isNow: (value: T) => boolean,
  isSame: (one: T, other: T) => boolean,
): TakenBack<T> {
  const newest = writes.at(-1);
  if (newest === undefined) return { kind: "alreadyBack" };
  if (!isNow(newest.after))
    return writes.some(({ before }) => isNow(before))
      ? { kind: "alreadyBack" }
      : { kind: "changedSince" };
  let to = newest.after;
  for (const write of writes.toReversed()) {
    if (!isSame(write.after, to)) break;
    to = write.before;
  }
  return isSame(to, newest.after)
    ? { kind: "alreadyBack" }
    : { kind: "back", to, from: newest.after };
}

/** What was refused, or came to nothing, did not happen. */
export const hasHappened = ({ operation, status }: PastWrite): boolean =>
  operation !== "none" && status !== "failure" && status !== "skipped";

/** The writes of each attribute of a system, states left out. */
export function attributeWrites(
  system: System,
  writes: readonly PastWrite[],
): ReadonlyMap<string, readonly KeptChange[]> {
  const all = writes
    .filter((write) => write.system === system && write.operation === "update")
    .flatMap(({ changes }) => changes);
  return Map.groupBy(all, ({ attribute }) => attribute);
}

// Only a delete that the site made a block of has a change; what it leaves of an account that was blocked before is no change.
function stateOf(system: System, { operation, changes }: PastWrite): boolean | null {
  if (operation === "enable" || operation === "disable") return operation === "enable";
  const isBlocked =
    operation === "delete" &&
    changes.some(({ attribute }) => attribute === STATE_ATTRIBUTE[system]);
  return isBlocked ? false : null;
}

/** The states that a system's account was brought into. */
export const stateWrites = (system: System, writes: readonly PastWrite[]): Written<boolean>[] =>
  writes
    .filter((write) => write.system === system)
    .flatMap((write) => stateOf(system, write) ?? [])
    .map((after) => ({ before: !after, after }));

/** Whether an account came or went: a delete that only blocked is none. */
export const existenceWrites = (
  system: System,
  writes: readonly PastWrite[],
): ("create" | "delete" | "restore")[] =>
  writes
    .filter((write) => write.system === system && stateOf(system, write) === null)
    .flatMap(({ operation }) =>
      operation === "create" || operation === "delete" || operation === "restore"
        ? [operation]
        : [],
    );

// The roles that may be given and taken are few and known: a fingerprint names one of them.
function roleOf(
  { kept }: Pick<KeptChange, "kept">,
  value: AttributeValue,
  { roles }: SyncConfiguration,
): string | null {
  if (kept === "hash")
    return roles.map.find((row) => fingerprint(row.drupal) === value)?.drupal ?? null;
  return typeof value === "string" ? value : null;
}

/** Whether each role was held before and after a write; null for roles of which the log does not keep the name. */
export function roleWrites(
  writes: readonly PastWrite[],
  configuration: SyncConfiguration,
): ReadonlyMap<string | null, readonly Written<boolean>[]> {
  const all = writes
    .filter(({ operation }) => operation === "assign" || operation === "remove")
    .flatMap(({ operation, changes }) =>
      changes.map((change) => {
        const isGiven = operation === "assign";
        const role = roleOf(change, isGiven ? change.after : change.before, configuration);
        return { role, before: !isGiven, after: isGiven };
      }),
    );
  return Map.groupBy(all, ({ role }) => role);
}
