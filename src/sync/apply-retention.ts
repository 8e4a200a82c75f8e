// What is kept for a limited time only: audit rows, cycles with their listings, and counts. What is not done in time is done next time.
import type { Surroundings } from "./ports.ts";

const DAY_MS = 86_400_000;

/** What was deleted. */
export interface Retained {
  /** Nothing older is kept. */
  readonly before: Date;
  readonly auditEntries: number;
  readonly cycles: number;
  /** Rows of counts. */
  readonly metrics: number;
  /** False: the time was up, and the next run goes on. */
  readonly isComplete: boolean;
}

/** What retention needs of the outside world. */
export interface RetentionPorts extends Pick<Surroundings, "now"> {
  /** Deletes the entries of the days before `limit`, the oldest first, while `mayGoOn` says so. Idempotent. */
  removeAuditBefore(
    limit: Date,
    mayGoOn: () => boolean,
  ): Promise<{ readonly entries: number; readonly isComplete: boolean }>;
  /** Deletes the cycles that were created before `limit` and have ended, with their pages and listings, while `mayGoOn` says so,
   * and answers how many. Idempotent. */
  removeCyclesBefore(limit: Date, mayGoOn: () => boolean): Promise<number>;
  /** Deletes the counts of the days before `limit`, while `mayGoOn` says so, and answers how many rows. Idempotent. */
  removeMetricsBefore(limit: Date, mayGoOn: () => boolean): Promise<number>;
}

/** How long things are kept, and how long deleting them may take. */
export interface RetentionRule {
  readonly days: number;
  /** For counts: charts show a week. */
  readonly metricsDays: number;
  readonly budgetMs: number;
}

/** Deletes what is older than the rule says, cycles and counts first, in at most half of the time. Idempotent, and safe to be killed anywhere. */
export async function applyRetention(
  { days, metricsDays, budgetMs }: RetentionRule,
  ports: RetentionPorts,
): Promise<Retained> {
  const startedMs = ports.now().getTime();
  const before = new Date(startedMs - days * DAY_MS);
  const within = (ms: number) => () => ports.now().getTime() - startedMs < ms;
  const hasTimeForRest = within(budgetMs / 2);
  const cycles = await ports.removeCyclesBefore(before, hasTimeForRest);
  const countsBefore = new Date(startedMs - metricsDays * DAY_MS);
  const metrics = await ports.removeMetricsBefore(countsBefore, hasTimeForRest);
  const isRestDone = hasTimeForRest();
  const removed = await ports.removeAuditBefore(before, within(budgetMs));
  const { entries } = removed;
  const isComplete = removed.isComplete && isRestDone;
  return { before, auditEntries: entries, cycles, metrics, isComplete };
}
