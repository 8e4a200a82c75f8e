// Looks that came to the same again and again are one line of the history: a conflict that waits is seen by every cycle.
import type { AuditEntry } from "../../ask/contract.ts";

/** An entry, and how many looks before it came to just the same. */
export interface FoldedEntry {
  /** The newest of them. */
  readonly entry: AuditEntry;
  readonly looks: number;
  /** ISO 8601, of the oldest of them. */
  readonly firstAt: string;
}

const isSame = (a: AuditEntry, b: AuditEntry): boolean =>
  a.operation === "none" &&
  b.operation === "none" &&
  a.resourceType === b.resourceType &&
  a.status === b.status &&
  a.cause === b.cause &&
  a.reason?.code === b.reason?.code;

/** The entries, newest first, with runs of equal looks as one. */
export function foldLooks(entries: readonly AuditEntry[]): readonly FoldedEntry[] {
  const folded: FoldedEntry[] = [];
  for (const entry of entries) {
    const last = folded.at(-1);
    if (last !== undefined && isSame(last.entry, entry))
      folded[folded.length - 1] = { ...last, looks: last.looks + 1, firstAt: entry.at };
    else folded.push({ entry, looks: 1, firstAt: entry.at });
  }
  return folded;
}
