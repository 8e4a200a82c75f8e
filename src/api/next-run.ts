// When a schedule of the app settings comes next. Only to be shown: the Functions host reads the setting itself.
import { Cron } from "croner";

/** The schedule of a job's timer, as its app setting says. */
export interface Schedule {
  /** NCRONTAB, or a TimeSpan; null: the setting is missing. */
  readonly text: string | null;
  /** WEBSITE_TIME_ZONE; null: UTC. */
  readonly timeZone: string | null;
  /** WEBSITE_SKU, the plan that the app runs on; null: not on Azure. */
  readonly plan: string | null;
}

// Windows: all plans, but by Windows names, which JavaScript does not know. Linux: only Premium and Dedicated, by IANA names; on
// Flex Consumption and Consumption the setting is not supported, and what it does there is not said
// (learn.microsoft.com/azure/azure-functions/functions-bindings-timer, NCRONTAB time zones).
const PLANS_WITHOUT_TIME_ZONES: readonly string[] = ["flexconsumption", "dynamic"];

const MONTHS =
  "january february march april may june july august september october november december";
const DAYS = "sunday monday tuesday wednesday thursday friday saturday";
const MONTH = 4;
const WEEKDAY = 5;
const NAMES: Readonly<Record<number, readonly string[]>> = {
  // Months count from 1.
  [MONTH]: ["", ...MONTHS.split(" ")],
  [WEEKDAY]: DAYS.split(" "),
};

const ITEM = /^(?:\*|(\d+|[a-z]+)(?:-(\d+|[a-z]+))?)(\/\d+)?$/i;
const SATURDAY = 6;

// A name may be whole or cut short: the first that begins with the text is meant, as in NCrontab's ParseValue.
const numberOf = (value: string, names: readonly string[]): number =>
  /^\d+$/.test(value)
    ? Number(value)
    : names.findIndex((name) => name.startsWith(value.toLowerCase()));

// null: nothing that NCrontab knows. Croner knows more: L, W, # and ?, and 7 for a Sunday.
function inNumbers(item: string, field: number): string | null {
  const match = ITEM.exec(item);
  if (match === null) return null;
  const [, first, last, step = ""] = match;
  if (first === undefined) return item;
  const ends = [first, ...(last === undefined ? [] : [last])];
  const values = ends.map((end) => numberOf(end, NAMES[field] ?? []));
  if (values.some((value) => value < 0 || (field === WEEKDAY && value > SATURDAY))) return null;
  return `${values.join("-")}${step}`;
}

/**
 * The next run after `now` as ISO 8601; null where it cannot be told: no schedule, one that the host would refuse, a TimeSpan,
 * which counts from when the host started, or a time zone by a Windows name or on a plan that has none.
 */
export function nextRun({ text, timeZone, plan }: Schedule, now: Date): string | null {
  if (timeZone !== null && PLANS_WITHOUT_TIME_ZONES.includes((plan ?? "").toLowerCase()))
    return null;
  const fields = (text ?? "").trim().split(/\s+/);
  // Five fields have no seconds (Microsoft: functions-bindings-timer, NCRONTAB expressions).
  const six = fields.length === 5 ? ["0", ...fields] : fields;
  if (six.length !== 6) return null;
  const items = six.map((field, index) => field.split(",").map((item) => inNumbers(item, index)));
  if (items.flat().includes(null)) return null;
  try {
    const cron = new Cron(items.map((field) => field.join(",")).join(" "), {
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
