// NCRONTAB expressions: the grammar of the .NET library NCrontab, evaluated by croner.

import { Cron } from "croner";

/** The occurrences of a schedule, in UTC. */
export interface Occurrences {
  /** The first occurrence after the given time. */
  next(after: Date): Date;
  /** More than once a minute whenever it runs: then the host keeps no status for it. */
  readonly manyPerMinute: boolean;
}

interface Field {
  readonly title: string;
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const MONTHS =
  "january february march april may june july august september october november december";
const DAYS = "sunday monday tuesday wednesday thursday friday saturday";
const FIELDS: readonly Field[] = [
  { title: "second", min: 0, max: 59, names: [] },
  { title: "minute", min: 0, max: 59, names: [] },
  { title: "hour", min: 0, max: 23, names: [] },
  { title: "day", min: 1, max: 31, names: [] },
  { title: "month", min: 1, max: 12, names: MONTHS.split(" ") },
  // Only 0 to 6: unlike in vixie cron 7 is not a Sunday.
  { title: "day of week", min: 0, max: 6, names: DAYS.split(" ") },
];

/** Reads an expression of 5 or 6 fields; a string says what is wrong with it. */
export function parseNcrontab(text: string): Occurrences | string {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== 5 && parts.length !== 6) return "it has neither 5 nor 6 fields";
  const withSeconds = parts.length === 6 ? parts : ["0", ...parts];
  const fields: string[] = [];
  for (const [index, field] of FIELDS.entries()) {
    const read = readField(withSeconds[index] ?? "", field);
    if ("error" in read) return read.error;
    fields.push(read.text);
  }
  // NCrontab joins day and day of week with AND, not with OR as croner does by default.
  const cron = new Cron(fields.join(" "), {
    timezone: "UTC",
    domAndDow: true,
    mode: "6-part",
    paused: true,
  });
  if (!cron.nextRun(new Date(0))) return "it never occurs";
  const [seconds = "", ...others] = fields;
  return {
    next: (after) => {
      const next = cron.nextRun(after);
      if (!next) throw new Error(`The schedule "${text}" has no further occurrence.`);
      return next;
    },
    manyPerMinute: others.every((field) => field === "*") && /[,*]/.test(seconds),
  };
}

/** Writes one field as `*` or as a list of its values. */
function readField(text: string, field: Field): { text: string } | { error: string } {
  const values = new Set<number>();
  for (const item of text.split(",")) {
    const range = readItem(item, field);
    if (typeof range === "string") return { error: range };
    for (let value = range.from; value <= range.to; value += range.step) values.add(value);
  }
  const all = values.size === field.max - field.min + 1;
  return { text: all ? "*" : [...values].sort((a, b) => a - b).join(",") };
}

function readItem(item: string, field: Field): { from: number; to: number; step: number } | string {
  const match = /^(\*|[a-z0-9]+)(?:-([a-z0-9]+))?(?:\/(\d+))?$/i.exec(item);
  const [, first = "", last, every] = match ?? [];
  const step = every === undefined ? 1 : Number(every);
  if (!match || step < 1 || (first === "*" && last !== undefined))
    return `"${item}" is not valid for the ${field.title}`;
  const from = first === "*" ? field.min : readValue(first, field);
  // `5/10` runs from 5 to the end, as in NCrontab.
  const open = first === "*" || (last === undefined && every !== undefined);
  const to = open ? field.max : readValue(last ?? first, field);
  if (from === undefined || to === undefined)
    return `"${item}" is not within ${field.min}-${field.max} of the ${field.title}`;
  // NCrontab turns a range around that is written backwards, which nobody expects: refused here.
  if (from > to) return `the range "${item}" of the ${field.title} runs backwards`;
  return { from, to, step };
}

function readValue(text: string, field: Field): number | undefined {
  if (/^\d+$/.test(text)) {
    const value = Number(text);
    return value >= field.min && value <= field.max ? value : undefined;
  }
  // A name may be cut short: NCrontab takes the first that begins with the text.
  const index = field.names.findIndex((name) => name.startsWith(text.toLowerCase()));
  return index === -1 ? undefined : index + field.min;
}
