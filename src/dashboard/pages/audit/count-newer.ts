// How many of the newest entries are not in the listing yet.
import type { AuditEntry } from "../../ask/contract.ts";

/** How many of the newest stand before the first that is known; all of them where none is. */
export function countNewer(
  newest: readonly Pick<AuditEntry, "id">[],
  known: readonly Pick<AuditEntry, "id">[],
): number {
  const ids = new Set(known.map(({ id }) => id));
  const first = newest.findIndex(({ id }) => ids.has(id));
  return first === -1 ? newest.length : first;
}
