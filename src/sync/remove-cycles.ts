// Deletes cycles that ended long ago, with their pages and listings; what the feeds still build upon stays.
import { type Cycle, hasEnded } from "../rules/cycle.ts";
import type { JobStore } from "./cycle-ports.ts";

/** What removing needs. */
export interface RemovePorts {
  readonly cycles: {
    /** A page of the cycles that were created before, the newest first. A continuation stands also where cycles are removed. */
    createdBefore(
      moment: Date,
      limit: number,
      continuation: string | null,
    ): Promise<{ readonly cycles: readonly Cycle[]; readonly continuation: string | null }>;
    /** Idempotent. */
    remove(id: string): Promise<void>;
  };
  readonly listings: { remove(cycleId: string): Promise<void> };
  readonly jobs: Pick<JobStore, "get">;
}

const MOST_AT_ONCE = 500;

/** Deletes those that were created before `limit` and have ended, while `mayGoOn` says so; answers how many. Idempotent. Two feeds
 * that start a cycle each five minutes make 576 a day: one page would never catch up, nor get past a page of those that stay. */
export async function removeCycles(
  limit: Date,
  { cycles, listings, jobs }: RemovePorts,
  mayGoOn: () => boolean,
): Promise<number> {
  const kept = new Set<string | null | undefined>();
  for (const name of ["drupalToEntra", "entraToDrupal", "photos"] as const) {
    const { listing, report, watermark, cycleId } = (await jobs.get(name)).job;
    for (const id of [listing?.cycleId, report?.cycleId, watermark?.memberships, cycleId])
      kept.add(id);
  }
  let removed = 0;
  let continuation: string | null = null;
  do {
    const page = await cycles.createdBefore(limit, MOST_AT_ONCE, continuation);
    for (const cycle of page.cycles) {
      if (!hasEnded(cycle) || kept.has(cycle.id)) continue;
      if (!mayGoOn()) return removed;
      await listings.remove(cycle.id);
      await cycles.remove(cycle.id);
      removed += 1;
    }
    continuation = page.continuation;
  } while (continuation !== null && mayGoOn());
  return removed;
}
