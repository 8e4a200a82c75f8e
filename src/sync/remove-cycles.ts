// Deletes cycles that ended long ago, with their pages and listings; what the feeds still build upon stays.
import { type Cycle, hasEnded } from "../rules/cycle.ts";
import type { JobStore } from "./cycle-ports.ts";

/** What removing needs. */
export interface RemovePorts {
  readonly cycles: {
    /** The newest of the cycles that were created before, at most `limit`. */
    createdBefore(moment: Date, limit: number): Promise<readonly Cycle[]>;
    /** Idempotent. */
    remove(id: string): Promise<void>;
  };
  readonly listings: { remove(cycleId: string): Promise<void> };
  readonly jobs: Pick<JobStore, "get">;
}

const MOST_AT_ONCE = 500;

/** Deletes those that were created before `limit` and have ended, while `mayGoOn` says so; answers how many. Idempotent. Two feeds
 * that start a cycle each five minutes make 576 a day: one portion would never catch up. */
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
  for (;;) {
    const old = await cycles.createdBefore(limit, MOST_AT_ONCE);
    const ended = old.filter((cycle) => hasEnded(cycle) && !kept.has(cycle.id));
    if (ended.length === 0) return removed;
    for (const { id } of ended) {
      if (!mayGoOn()) return removed;
      await listings.remove(id);
      await cycles.remove(id);
      removed += 1;
    }
  }
}
