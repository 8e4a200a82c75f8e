// How much a target may still be written: a token bucket as a value, that slows a cycle down before it is empty.
import type { System } from "./users.ts";

/** What a target allows one app, by its documentation. */
export interface Quota {
  /** Writes at once, when nothing was written for a while. */
  readonly capacity: number;
  /** Writes a second that come back. */
  readonly perSecond: number;
  /** What cycles leave to those who wait for an answer, and to the second in which instances do not hear of each other. */
  readonly reserve: number;
}

/** Microsoft Graph, identity and access: 3,000 writes in 2 min 30 s for each app and tenant, a token bucket (Graph:
 * throttling-limits, 2026-02-06; facts: graph 4). */
export const GRAPH_WRITES: Quota = { capacity: 3000, perSecond: 20, reserve: 50 };

/** A target without a published quota, such as a Drupal site: only its own wish to be left alone counts. */
export const NO_QUOTA: Quota = { capacity: 1e9, perSecond: 1e9, reserve: 0 };

/** One target's bucket. Times are milliseconds since the epoch. */
export interface Budget {
  readonly quota: Quota;
  /** Writes left as of `at`; below 0 after requests that were refused, which count as well (facts: graph 4). */
  readonly level: number;
  readonly at: number;
  /** Writes a second that are believed to come back: the quota's, or fewer after a refusal. */
  readonly perSecond: number;
  /** Accepted writes since `perSecond` last rose. */
  readonly successes: number;
  /** Refusals in a row. */
  readonly refusals: number;
  /** Until then nobody asks the target. */
  readonly pausedUntil: number;
  /** Until then cycles do not. */
  readonly calmUntil: number;
}

/** What an answer says of a quota. */
export interface QuotaAnswer {
  readonly isWrite: boolean;
  readonly status: number;
  /** `x-ms-throttle-limit-percentage`: how much of a limit is used, shown from 0.8 on. */
  readonly percentage: number | null;
  readonly retryAfterMs: number | null;
}

/** What the answer to a read said last of the limit that reads count against. */
export interface ReadUse {
  readonly percentage: number | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

// Reads come many a second while a cycle is fast enough for their limit to matter.
const READ_USE_LASTS_MS = 2000;
// What is read between the two answers.
const READ_MEANWHILE = 0.05;

/**
 * A write counts against two limits, of writes and of resource units, and its answer shows the fuller one without saying which.
 * What reads, which cost units only, showed a moment ago as well is of the units: it says nothing of the writes that are left.
 */
export function aboutWrites(answer: QuotaAnswer, read: ReadUse | null, at: number): QuotaAnswer {
  const { isWrite, percentage } = answer;
  if (!isWrite || percentage === null || read === null) return answer;
  const isFresh = at - read.at <= READ_USE_LASTS_MS;
  // A read that shows nothing was just below: a write may be the first to be seen above.
  const isOfUnits = isFresh && percentage <= (read.percentage ?? SHOWN_FROM) + READ_MEANWHILE;
  return isOfUnits ? { ...answer, percentage: null } : answer;
}

/** What happens to a bucket. `at` is when. */
export type BudgetEvent =
  | { readonly kind: "sent"; readonly writes: number; readonly at: number }
  | { readonly kind: "answered"; readonly answer: QuotaAnswer; readonly at: number }
  | { readonly kind: "paused"; readonly until: number; readonly at: number };

// Above this much of a limit Graph shows how much is used (facts: graph 4): from there on cycles slow down.
const SHOWN_FROM = 0.8;
// It shows hundredths.
const HALF_A_STEP = 0.005;
// The highest percentage that Graph reports is 1.8.
const LOWEST = -0.8;
// Resource units, which reads cost, come back within 10 s (facts: graph 4).
const UNITS_WINDOW_MS = 10_000;
// How fast a cycle may use up what lies above the reserve: in about 5 s, long against the second in which instances
// hear of each other (measured in test/simulation/pace.test.ts).
const SPENT_PER_SECOND = 0.2;
const SLOWEST = 1;
const SUCCESSES_FOR_ONE_MORE = 20;
const FIRST_PAUSE_MS = 1000;
const LONGEST_BACKOFF_MS = 60_000;
// A clock that is wrong, in a Retry-After with a date, must not stop the sync for days.
const LONGEST_PAUSE_MS = 3_600_000;

const bucket = (quota: Quota, level: number, now: number): Budget => ({
  quota,
  level,
  at: now,
  perSecond: quota.perSecond,
  successes: 0,
  refusals: 0,
  pausedUntil: 0,
  calmUntil: 0,
});

/** A bucket that nobody has used. */
export const fullBudget = (quota: Quota, now: number): Budget => bucket(quota, quota.capacity, now);

/** A bucket that others may have used: little is believed to be in it until they are heard. */
export const unknownBudget = (quota: Quota, now: number): Budget =>
  bucket(quota, Math.min(quota.capacity, Math.max(1, quota.reserve)), now);

// Instances may differ by minutes.
const LARGEST_SKEW_MS = 600_000;

/** A shared bucket as far as it can be true: one of a time to come, by a wrong clock, would pause everyone until then. */
export function believed(budget: Budget, now: number): Budget {
  const { at, pausedUntil, calmUntil, quota } = budget;
  const latest = now + LARGEST_SKEW_MS;
  const isTrue = at <= latest && Math.max(pausedUntil, calmUntil) <= latest + LONGEST_PAUSE_MS;
  return isTrue ? budget : unknownBudget(quota, now);
}

const within = ({ capacity }: Quota, level: number): number =>
  Math.max(LOWEST * capacity, Math.min(capacity, level));

/** The bucket as of `now`. A time before its own, by another clock or a late event, changes nothing. */
export function refilled(budget: Budget, now: number): Budget {
  if (now <= budget.at) return budget;
  const back = ((now - budget.at) / 1000) * budget.perSecond;
  return { ...budget, level: within(budget.quota, budget.level + back), at: now };
}

/** Whether the target asks to be left alone: 429, and 503 with a Retry-After. */
export const isRefusal = ({ status, retryAfterMs }: QuotaAnswer): boolean =>
  status === 429 || (status === 503 && retryAfterMs !== null);

// Requests that were under way when the first was refused are refused as well: the rate halves once for all of them.
function refused(budget: Budget, { isWrite, retryAfterMs }: QuotaAnswer, at: number): Budget {
  const isNew = at >= budget.pausedUntil;
  const refusals = budget.refusals + (isNew ? 1 : 0);
  const backoffMs = Math.min(LONGEST_BACKOFF_MS, FIRST_PAUSE_MS * 2 ** Math.max(0, refusals - 1));
  const pauseMs = Math.min(LONGEST_PAUSE_MS, retryAfterMs ?? (isNew ? backoffMs : 0));
  const pausedUntil = Math.max(budget.pausedUntil, at + pauseMs);
  const perSecond = isNew ? Math.max(SLOWEST, budget.perSecond / 2) : budget.perSecond;
  // A refused write met an empty bucket, and there is one write in it when the pause ends.
  const level = isWrite
    ? Math.min(budget.level, 1 - ((pausedUntil - budget.at) / 1000) * perSecond)
    : budget.level;
  return {
    ...budget,
    level: within(budget.quota, level),
    perSecond,
    successes: 0,
    refusals,
    pausedUntil,
  };
}

// Others share the quota: what the target says is used up is not there, whatever we counted ourselves.
function limited(budget: Budget, { isWrite, percentage }: QuotaAnswer, at: number): Budget {
  if (percentage === null) return budget;
  if (!isWrite) {
    const calmMs = Math.max(0, Math.min(1, percentage - SHOWN_FROM)) * UNITS_WINDOW_MS;
    return { ...budget, calmUntil: Math.max(budget.calmUntil, at + calmMs) };
  }
  const since = (Math.max(0, budget.at - at) / 1000) * budget.perSecond;
  const left = budget.quota.capacity * (1 - percentage + HALF_A_STEP) + since;
  return { ...budget, level: within(budget.quota, Math.min(budget.level, left)) };
}

function accepted(budget: Budget, { isWrite }: QuotaAnswer, at: number): Budget {
  // What comes through while the target is left alone was sent before.
  if (!isWrite || at < budget.pausedUntil) return budget;
  const successes = budget.successes + 1;
  if (budget.perSecond >= budget.quota.perSecond) return { ...budget, refusals: 0 };
  if (successes < SUCCESSES_FOR_ONE_MORE) return { ...budget, refusals: 0, successes };
  const perSecond = Math.min(budget.quota.perSecond, budget.perSecond + 1);
  return { ...budget, refusals: 0, successes: 0, perSecond };
}

/** The bucket after an event. Events may be told late, and in another order than they happened. */
export function noted(budget: Budget, event: BudgetEvent): Budget {
  const current = refilled(budget, event.at);
  switch (event.kind) {
    case "sent":
      return { ...current, level: within(current.quota, current.level - event.writes) };
    case "paused": {
      const until = Math.min(event.until, event.at + LONGEST_PAUSE_MS);
      return { ...current, pausedUntil: Math.max(current.pausedUntil, until) };
    }
    case "answered": {
      const { answer, at } = event;
      const left = limited(current, answer, at);
      return isRefusal(answer) ? refused(left, answer, at) : accepted(left, answer, at);
    }
  }
}

/**
 * Writes a second that the cycles of one instance may make. Above 80 % use it falls to what comes back, and below the
 * reserve to nothing: several instances meet there, without knowing how many they are.
 */
export function cycleRate({ quota, level, perSecond }: Budget): number {
  if (level > quota.capacity - SHOWN_FROM * quota.capacity) return Number.POSITIVE_INFINITY;
  return level >= quota.reserve
    ? perSecond + SPENT_PER_SECOND * (level - quota.reserve)
    : perSecond * Math.max(0, level / quota.reserve);
}

/** How many writes a user is likely to cost each system. */
export type WritesPerUser = Readonly<Record<System, number>>;

// What one instance has under way between asking and sending.
const LEAST_RESERVE = 15;

/** What cycles leave in the bucket: the whole reserve where other instances are at work, whose writes of the last second are
 * not known here; where nobody else is heard, only what is under way. `others`: the writes of others in about a second. */
export function reserveBeside({ reserve }: Quota, others: number): number {
  return Math.min(reserve, LEAST_RESERVE + others * 5);
}

/** The user whom a cycle's worker took last: when, in milliseconds since the epoch, and the writes they are likely to cost. */
export interface Taken {
  readonly at: number;
  readonly writes: number;
}

/** How long a cycle's worker waits before it takes its next user, after the one who was taken last. Those whom somebody
 * waits for never do. To be asked again when that time is over: the bucket has moved. */
export function waitMs(budget: Budget, last: Taken, now: number): number {
  const closedMs = Math.max(budget.pausedUntil, budget.calmUntil) - now;
  if (closedMs > 0) return closedMs;
  const current = refilled(budget, now);
  const rate = cycleRate(current);
  if (rate === Number.POSITIVE_INFINITY) return 0;
  // Until there is one write again, where there is none.
  const emptyMs = Math.max(0, ((1 - current.level) / current.perSecond) * 1000);
  return emptyMs > 0 ? emptyMs : Math.max(0, last.at + (last.writes * 1000) / rate - now);
}
