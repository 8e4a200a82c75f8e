// The cycles that are known and the newest of them as they are now, in one listing: each once, and none lost that was seen before.
import type { CycleAnswer } from "../../ask/contract.ts";

type Cycle = Pick<CycleAnswer, "id" | "createdAt">;

/** Newest first; of a cycle that is in both, what the news say. */
export function mergedCycles<Item extends Cycle>(
  known: readonly Item[],
  news: readonly Item[],
): readonly Item[] {
  const byId = new Map([...known, ...news].map((cycle) => [cycle.id, cycle]));
  return [...byId.values()].toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
}

/** Whether so many are new that some may be missing in between. */
export function isGap(known: readonly Cycle[], news: readonly Cycle[]): boolean {
  const ids = new Set(known.map(({ id }) => id));
  return known.length > 0 && news.length > 0 && !news.some(({ id }) => ids.has(id));
}
