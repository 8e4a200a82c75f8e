// The schedule of a timer: an NCRONTAB expression, or a TimeSpan between runs.

import { HostError } from "./host-error.ts";
import { parseNcrontab } from "./ncrontab.ts";
import { parseTimeSpan } from "./time-span.ts";

/** When a timer runs. */
export interface TimerSchedule {
  next(after: Date): Date;
  /** Whether its status may be kept in storage; not for what runs several times a minute. */
  readonly canBeMonitored: boolean;
  /** True for cron schedules; the handler sees it as `schedule.adjustForDST`. */
  readonly adjustForDst: boolean;
}

/** Reads a schedule as TimerSchedule.Create of the WebJobs extensions does: cron first, else a TimeSpan. */
export function parseTimerSchedule(text: string, where: string): TimerSchedule {
  const cron = parseNcrontab(text);
  if (typeof cron !== "string")
    return { next: cron.next, canBeMonitored: !cron.manyPerMinute, adjustForDst: true };
  const interval = parseTimeSpan(text);
  if (interval === undefined || interval === 0)
    throw new HostError(`${where}: the schedule "${text}" is not valid: ${cron}.`);
  return {
    next: (after) => new Date(after.getTime() + interval),
    canBeMonitored: interval >= 60_000,
    adjustForDst: false,
  };
}
