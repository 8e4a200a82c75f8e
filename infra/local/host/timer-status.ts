// What is remembered of a timer between starts of the host, and what follows from it at a start.

import type { TimerSchedule } from "./timer-schedule.ts";

/** The status of a timer; `last` is undefined until it has run. */
export interface TimerStatus {
  readonly last: Date | undefined;
  readonly next: Date;
  readonly lastUpdated: Date | undefined;
}

/** Where statuses are kept. */
export interface TimerStatusStore {
  read(timerName: string): Promise<TimerStatus | undefined>;
  write(timerName: string, status: TimerStatus): Promise<void>;
}

/**
 * What a start finds: the status to go on with, whether it has to be written, and whether a run was missed.
 * The rules are ScheduleMonitor.CheckPastDueAsync of the WebJobs extensions: a new timer and a changed
 * schedule are never past due.
 */
export function statusAtStart(
  recorded: TimerStatus | undefined,
  schedule: TimerSchedule,
  now: Date,
): { status: TimerStatus; changed: boolean; pastDue: boolean } {
  if (!recorded) {
    const status = { last: undefined, next: schedule.next(now), lastUpdated: now };
    return { status, changed: true, pastDue: false };
  }
  const basis = recorded.last ?? recorded.lastUpdated ?? now;
  const expected = schedule.next(basis);
  if (expected.getTime() === recorded.next.getTime())
    return { status: recorded, changed: false, pastDue: now > recorded.next };
  const next = now > expected ? schedule.next(now) : expected;
  return {
    status: { last: undefined, next, lastUpdated: basis },
    changed: true,
    pastDue: false,
  };
}

/** The status after a run that began at `invokedAt`. */
export function statusAfterRun(
  before: TimerStatus,
  schedule: TimerSchedule,
  invokedAt: Date,
  byTick: boolean,
): TimerStatus {
  // A timer that fired a little early counts as on time; else Next would be the same moment again.
  const at = byTick && before.next > invokedAt ? before.next : invokedAt;
  return { last: at, next: schedule.next(at), lastUpdated: at };
}
