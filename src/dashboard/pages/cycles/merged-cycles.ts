// The cycles that are known and the newest of them as they are now, in one listing: each once, and none lost that was seen before.
import type { CycleAnswer } from "../../ask/contract.ts";
import { isUnderWay } from "../../parts/cycle-state.ts";

type Cycle = Pick<CycleAnswer, "id" | "createdAt">;

/** Newest first; of a cycle that is in both, what the news say. */
export function mergedCycles<Item extends Cycle>(
  known: readonly Item[],
  news: readonly Item[],
): readonly Item[] {
  const byId = new Map([...known, ...news].map((cycle) => [cycle.id, cycle]));
  return [...byId.values()].toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
}

/** The shown ones that are under way and so old that the news tell of them no more: each is to be asked for itself. */
export function slidOut<Item extends Cycle & Pick<CycleAnswer, "status">>(
  shown: readonly Item[],
  news: readonly Cycle[],
): readonly Item[] {
  if (news.length === 0) return [];
  const told = new Set(news.map(({ id }) => id));
  return shown.filter((cycle) => isUnderWay(cycle) && !told.has(cycle.id));
}

/** Whether so many are new that some may be missing in between. */
export function isGap(known: readonly Cycle[], news: readonly Cycle[]): boolean {
  const ids = new Set(known.map(({ id }) => id));
  return known.length > 0 && news.length > 0 && !news.some(({ id }) => ids.has(id));
}
