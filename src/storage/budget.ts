// One bucket for all instances: each keeps count itself, and exchanges what it counted with the others about once a second.
import {
  aboutWrites,
  type Budget,
  type BudgetEvent,
  believed,
  fullBudget,
  isRefusal,
  noted,
  type Quota,
  type QuotaAnswer,
  type ReadUse,
  refilled,
  reserveBeside,
  type Taken,
  unknownBudget,
  waitMs,
} from "../rules/budget.ts";
import { AlreadyExistsError, ConcurrencyError } from "../rules/errors.ts";

/** Where the shared bucket lies. */
export interface BudgetRow {
  read(quota: Quota): Promise<{ readonly budget: Budget; readonly version: string } | null>;
  /** `version` null inserts. ConcurrencyError or AlreadyExistsError when someone else saved first. */
  save(budget: Budget, version: string | null): Promise<void>;
}

/** A target's bucket as one instance sees it. */
export interface SharedBudget {
  /** Writes that leave now. */
  sent(writes: number): void;
  answered(answer: QuotaAnswer): void;
  /** Leaves the target alone until a time, on all instances within about a second. */
  pause(until: Date): void;
  /** When the pause of the target ends, or null: as of at most a second ago. */
  pausedUntil(): Promise<Date | null>;
  /** How long a cycle's worker waits before its next user (rules/budget). */
  waitMs(last: Taken): number;
}

export interface SharedBudgetOptions {
  readonly row: BudgetRow;
  readonly quota: Quota;
  readonly now: () => Date;
}

const EXCHANGED_EVERY_MS = 1000;
const MOST_ATTEMPTS = 5;
// How much of what others wrote between two exchanges is still expected of them after the next.
const OTHERS_LAST = 0.8;
// A pause lasts an hour at most (rules/budget).
const NEWS_LASTS_MS = 3_600_000;

// A pause is news for the others; what is told of an emptier bucket comes with the next exchange.
const isUrgent = (event: BudgetEvent): boolean =>
  event.kind === "paused" || (event.kind === "answered" && isRefusal(event.answer));

/**
 * A bucket that all instances share. Approximate on purpose: nothing waits for the exchange, it happens when the bucket
 * is used, and while the row cannot be reached the instance goes on by its own count.
 */
export function createSharedBudget({ row, quota, now }: SharedBudgetOptions): SharedBudget {
  const time = () => now().getTime();
  // What was counted here and is not in the row yet, and the row as last read with that applied.
  const untold: BudgetEvent[] = [];
  let seen = unknownBudget(quota, time());
  // The row as we left it: what is missing from it the next time was written by others.
  let left: Budget | null = null;
  let others = quota.reserve;
  let strange = 0;
  let read: ReadUse | null = null;
  let exchangedAt = Number.NEGATIVE_INFINITY;
  let isExchanging = false;
  let isNewsWaiting = false;
  let heard: Promise<void> = Promise.resolve();

  const hear = (shared: Budget): void => {
    if (left === null) return;
    const missing = refilled(left, time()).level - refilled(shared, time()).level;
    others = Math.max(0, missing + strange, others * OTHERS_LAST);
    strange = 0;
  };

  const exchange = async (onHeard: () => void): Promise<void> => {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
      const found = await row.read(quota);
      const told = [...untold];
      const shared = found === null ? fullBudget(quota, time()) : believed(found.budget, time());
      hear(shared);
      seen = told.reduce(noted, shared);
      left = told.length === 0 ? shared : left;
      onHeard();
      if (told.length === 0) return;
      try {
        await row.save(seen, found?.version ?? null);
        untold.splice(0, told.length);
        left = told.reduce(noted, shared);
        return;
      } catch (error) {
        const isOvertaken =
          error instanceof ConcurrencyError || error instanceof AlreadyExistsError;
        if (!isOvertaken) throw error;
      }
    }
  };

  // What is older than a whole refill is back in the bucket: nothing piles up while the row cannot be reached.
  const forgetOld = (): void => {
    const refillMs = (quota.capacity / quota.perSecond) * 1000;
    const isOld = (event: BudgetEvent): boolean =>
      event.at <= time() - (isUrgent(event) ? NEWS_LASTS_MS : refillMs);
    const kept = untold.filter((event) => !isOld(event));
    untold.splice(0, untold.length, ...kept);
  };

  const start = (): void => {
    isExchanging = true;
    isNewsWaiting = false;
    exchangedAt = time();
    const { promise, resolve } = Promise.withResolvers<void>();
    heard = promise;
    void exchange(resolve)
      .catch(forgetOld)
      .finally(() => {
        resolve();
        isExchanging = false;
        if (isNewsWaiting) start();
      });
  };

  const exchangeWhenDue = (): void => {
    const isDue = isNewsWaiting || time() - exchangedAt >= EXCHANGED_EVERY_MS;
    if (isDue && !isExchanging) start();
  };

  const note = (event: BudgetEvent): void => {
    const before = refilled(seen, event.at).level;
    seen = noted(seen, event);
    // The target counts more than we know: a stranger writes with the same app.
    if (event.kind === "answered") strange += Math.max(0, before - seen.level);
    untold.push(event);
    isNewsWaiting ||= isUrgent(event);
    exchangeWhenDue();
  };

  return {
    sent: (writes) => {
      if (writes > 0) note({ kind: "sent", writes, at: time() });
    },
    answered: (answer) => {
      const at = time();
      if (!answer.isWrite) read = { percentage: answer.percentage, at };
      note({ kind: "answered", answer: aboutWrites(answer, read, at), at });
    },
    pause: (until) => note({ kind: "paused", until: until.getTime(), at: time() }),
    pausedUntil: async () => {
      exchangeWhenDue();
      await heard;
      return seen.pausedUntil > time() ? new Date(seen.pausedUntil) : null;
    },
    waitMs: (last) => {
      exchangeWhenDue();
      return waitMs(
        { ...seen, quota: { ...quota, reserve: reserveBeside(quota, others) } },
        last,
        time(),
      );
    },
  };
}
