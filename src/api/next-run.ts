// When a schedule of the app settings comes next. Only to be shown: the Functions host reads the setting itself.
import { Cron } from "croner";

/** The schedule of a job's timer, as its app setting says. */
export interface Schedule {
  /** NCRONTAB, or a TimeSpan; null: the setting is missing. */
  readonly text: string | null;
  /** WEBSITE_TIME_ZONE; null: UTC. */
  readonly timeZone: string | null;
}

/**
 * The next run after `now` as ISO 8601; null where it cannot be told: no schedule, a TimeSpan, which counts from when the host
 * started, or a time zone by a Windows name, which JavaScript does not know.
 */
export function nextRun({ text, timeZone }: Schedule, now: Date): string | null {
  const fields = (text ?? "").trim().split(/\s+/);
  // Five fields have no seconds (Microsoft: functions-bindings-timer, NCRONTAB expressions).
  const six = fields.length === 5 ? ["0", ...fields] : fields;
  if (six.length !== 6) return null;
  try {
    const cron = new Cron(six.join(" "), {
      paused: true,
      mode: "6-part",
      timezone: timeZone ?? "UTC",
      // NCrontab joins day and weekday with AND, and takes 5/10 for "from 5 on, each 10th".
      domAndDow: true,
      sloppyRanges: true,
    });
    return cron.nextRun(now)?.toISOString() ?? null;
  } catch {
    return null;
  }
}
