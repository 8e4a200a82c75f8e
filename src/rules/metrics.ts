// What is counted for the charts, in buckets of a quarter of an hour: each instance counts for itself, and buckets add up.
import { z } from "zod";
import type { AuditEntry } from "./audit-entry.ts";
import { histogramSchema, mergedHistograms, NO_DURATIONS, withDuration } from "./histogram.ts";
import type { Outcome } from "./outcome.ts";
import type { ProvisionRequest } from "./provision-request.ts";
import type { System } from "./users.ts";

export const BUCKET_SECONDS = 900;

const count = z.int().min(0);
const bySystem = z.object({ drupal: count, entra: count });

/** The counts of one bucket. */
export const countsSchema = z.object({
  /** About what the audit log has as written: users, roles and pictures. An entry that is repeated after a crash counts twice. */
  writes: bySystem,
  /** How requests for users ended, by status. */
  outcomes: z.record(z.string(), count),
  /** How often a system asked to be left alone. */
  throttled: bySystem,
  /** From a webhook or notification to the end of the request that wrote because of it. */
  latencyMs: histogramSchema,
  /** From a webhook or notification to the moment in which it was first picked up from the queue. */
  queueAgeMs: histogramSchema,
});
/** One of {@link countsSchema}. */
export type Counts = Readonly<z.infer<typeof countsSchema>>;

/** Something to be counted. */
export type Counted =
  | { readonly kind: "written"; readonly system: System }
  | { readonly kind: "throttled"; readonly system: System }
  | { readonly kind: "ended"; readonly status: string }
  | { readonly kind: "latency"; readonly ms: number }
  | { readonly kind: "pickedUp"; readonly ageMs: number };

/** Nothing happened. */
export const NO_COUNTS: Counts = {
  writes: { drupal: 0, entra: 0 },
  outcomes: {},
  throttled: { drupal: 0, entra: 0 },
  latencyMs: NO_DURATIONS,
  queueAgeMs: NO_DURATIONS,
};

/** When the bucket of a time begins, in milliseconds since the epoch. */
export const bucketOf = (at: Date): number =>
  Math.floor(at.getTime() / (BUCKET_SECONDS * 1000)) * BUCKET_SECONDS * 1000;

/** With one more event. */
export function counted(counts: Counts, event: Counted): Counts {
  const { writes, throttled, outcomes } = counts;
  switch (event.kind) {
    case "written":
      return { ...counts, writes: { ...writes, [event.system]: writes[event.system] + 1 } };
    case "throttled":
      return {
        ...counts,
        throttled: { ...throttled, [event.system]: throttled[event.system] + 1 },
      };
    case "ended":
      return {
        ...counts,
        outcomes: { ...outcomes, [event.status]: (outcomes[event.status] ?? 0) + 1 },
      };
    case "latency":
      return { ...counts, latencyMs: withDuration(counts.latencyMs, event.ms) };
    case "pickedUp":
      return { ...counts, queueAgeMs: withDuration(counts.queueAgeMs, event.ageMs) };
  }
}

/** Both together. */
export function mergedCounts(one: Counts, other: Counts): Counts {
  const sum = (a: Counts["writes"], b: Counts["writes"]) => ({
    drupal: a.drupal + b.drupal,
    entra: a.entra + b.entra,
  });
  const outcomes = { ...one.outcomes };
  for (const [status, n] of Object.entries(other.outcomes))
    outcomes[status] = (outcomes[status] ?? 0) + n;
  return {
    writes: sum(one.writes, other.writes),
    outcomes,
    throttled: sum(one.throttled, other.throttled),
    latencyMs: mergedHistograms(one.latencyMs, other.latencyMs),
    queueAgeMs: mergedHistograms(one.queueAgeMs, other.queueAgeMs),
  };
}

// A wake-up for a delete that is due bears the time of the event of days ago.
const isOfAnEvent = ({ cause, dueAt }: ProvisionRequest): boolean =>
  (cause === "webhook" || cause === "notification") && dueAt === undefined;

const isWrite = (operation: string): boolean => !["none", "link", "unlink"].includes(operation);

/** What is counted of a request for a user that was served. */
export function countedOf(
  request: ProvisionRequest,
  outcome: Outcome,
  pickedUpAt: Date,
  now: Date,
): Counted[] {
  const status = outcome.kind === "done" ? outcome.status : outcome.kind;
  const events: Counted[] = [{ kind: "ended", status }];
  if (!isOfAnEvent(request)) return events;
  const receivedAt = Date.parse(request.receivedAt);
  // What comes back was sent to come back later: that is no age of the queue.
  if (request.attempt === 0 && request.settled !== true)
    events.push({ kind: "pickedUp", ageMs: pickedUpAt.getTime() - receivedAt });
  const hasWritten = outcome.kind === "done" && outcome.operations.some(isWrite);
  if (hasWritten && outcome.status !== "failure")
    events.push({ kind: "latency", ms: now.getTime() - receivedAt });
  return events;
}

/** The system that an audit entry tells a write of, or null. */
export function writtenSystem(
  entry: Pick<AuditEntry, "operation" | "status" | "system" | "changes">,
): System | null {
  const { operation, status, system, changes } = entry;
  const isDone = status === "success" || (status === "warning" && changes.length > 0);
  return isWrite(operation) && isDone ? (system ?? null) : null;
}
