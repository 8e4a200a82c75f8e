// One line of the log as JSON: what happened, in fields that cannot hold a person or a secret.
import { maskedError } from "./mask.ts";
import type { Pseudonym } from "./pseudonym.ts";
import type { System } from "./users.ts";

/** What happens. Names are stable: queries and alerts are made of them (infra/azure/queries.kql). */
export type EventName =
  | "webhook.received"
  | "provision.done"
  | "provision.deadLetter"
  | "photo.done"
  | "photo.deadLetter"
  | "cycle.started"
  | "cycle.slice"
  | "cycle.userFailed"
  | "cycle.failed"
  | "cycle.resumed"
  | "cycle.expired"
  | "retention.done"
  | "target.throttled"
  | "request.failed"
  | "request.refused"
  | "function.failed";

/** One event with what the log may know of it. The host adds the time, the function and the id of the invocation. */
export interface LogEvent {
  readonly event: EventName;
  readonly outcome?: string | undefined;
  /** Written operations joined by `+`, or `none`. */
  readonly operations?: string | undefined;
  /** A reason's code, never its message. */
  readonly reason?: string | undefined;
  readonly cause?: string | undefined;
  readonly system?: System | undefined;
  readonly job?: string | undefined;
  /** Of a cycle. */
  readonly kind?: string | undefined;
  /** Of HTTP, the route: never the address, which may name somebody. */
  readonly function?: string | undefined;
  /** Of an HTTP answer. */
  readonly status?: number | undefined;
  readonly cycleId?: string | undefined;
  /** By the Drupal UUID, or the one that an Entra user without account would get. */
  readonly user?: Pseudonym | undefined;
  /** By the Entra object id. */
  readonly entraUser?: Pseudonym | undefined;
  readonly attempt?: number | undefined;
  /** Since the event arrived. */
  readonly ageMs?: number | undefined;
  readonly durationMs?: number | undefined;
  /** For how long a target wants to be left alone. */
  readonly waitMs?: number | undefined;
  readonly count?: number | undefined;
  readonly before?: string | undefined;
  readonly auditEntries?: number | undefined;
  readonly cycles?: number | undefined;
  readonly metrics?: number | undefined;
  readonly isComplete?: boolean | undefined;
  /** Anything that was thrown: told by `maskedError`. */
  readonly error?: unknown;
}

// Codes, ids and times. There is no room for a mail, a name with a blank, or a token of usual length.
const WORD = /^[A-Za-z0-9][A-Za-z0-9.+_:-]{0,63}$/;
const PSEUDONYM = /^u-[0-9a-f]{16}$/;

const word = (value: unknown): string =>
  typeof value === "string" && WORD.test(value) ? value : "unprintable";
const user = (value: unknown): string =>
  typeof value === "string" && PSEUDONYM.test(value) ? value : "unprintable";
const whole = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? Math.round(value) : null;

/** Every field that is ever written, in this order, and how. */
const FIELDS: Readonly<Record<keyof LogEvent, (value: unknown) => unknown>> = {
  event: word,
  outcome: word,
  operations: word,
  reason: word,
  cause: word,
  system: word,
  job: word,
  kind: word,
  function: word,
  status: whole,
  cycleId: word,
  user,
  entraUser: user,
  attempt: whole,
  ageMs: whole,
  durationMs: whole,
  waitMs: whole,
  count: whole,
  before: word,
  auditEntries: whole,
  cycles: whole,
  metrics: whole,
  isComplete: (value) => value === true,
  error: maskedError,
};

/** The line of an event: JSON, with the fields of the list and no others. */
export function logLine(event: LogEvent): string {
  const told = new Map<string, unknown>(Object.entries(event));
  const fields = Object.entries(FIELDS)
    .filter(([name]) => told.get(name) !== undefined)
    .map(([name, shown]) => [name, shown(told.get(name))]);
  return JSON.stringify(Object.fromEntries(fields));
}
