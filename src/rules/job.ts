// The standing state of a feed between its cycles: where the next one starts, and whether one may start at all.
import type { Cycle } from "./cycle.ts";
import type { Harm, Reason } from "./plan.ts";
import type { Direction } from "./users.ts";

/** Where the next incremental cycle starts. */
export interface Watermark {
  /** Opaque: the feed's own. */
  readonly position: string;
  /** What the feed selected and how it was mapped; another configuration means an initial cycle (rule 9). */
  readonly configuration: string;
  /** The cycle that kept who was in which group then; null where groups do not count. */
  readonly memberships: string | null;
}

/** A listing of everyone that came to its end. */
export interface CompleteListing {
  readonly cycleId: string;
  readonly users: number;
  /** ISO 8601, when it began. */
  readonly at: string;
}

/** A job that is slowed, or stopped. */
export interface JobQuarantine {
  /** ISO 8601, when it began. */
  readonly since: string;
  /** ISO 8601, when the schedule may try again. */
  readonly nextAt: string;
  readonly reason: Reason;
}

/** What cycles of the feed have taken away without an approval, lately. */
export interface CarriedOut extends Harm {
  /** ISO 8601. */
  readonly at: string;
}

/** The jobs: one for each feed, and one that looks through pictures. */
export type JobName = Direction | "photos";

/** The job that a cycle belongs to. */
export const jobOf = ({ kind, direction }: Pick<Cycle, "kind" | "direction">): JobName =>
  kind === "photos" ? kind : direction;

/** One job. */
export interface Job {
  readonly name: JobName;
  /** The cycle that keeps the feed, or kept it last. */
  readonly cycleId: string | null;
  /** ISO 8601, when that one was started. */
  readonly startedAt: string | null;
  readonly watermark: Watermark | null;
  readonly listing: CompleteListing | null;
  /** The listing that the drift report reads: the last that came to its end, of a dry run too, and also where users could not
   * be served. Nothing is decided on it. */
  readonly report: CompleteListing | null;
  readonly quarantine: JobQuarantine | null;
  /** Of the last hour: many small cycles may not take what one may not. */
  readonly lately: readonly CarriedOut[];
}

/** A job of which nothing is known. */
export const newJob = (name: JobName): Job => ({
  name,
  cycleId: null,
  startedAt: null,
  watermark: null,
  listing: null,
  report: null,
  quarantine: null,
  lately: [],
});

const DAY_MS = 86_400_000;
/** A job that fails for so long is stopped (as Entra's own provisioning does). */
const STOPPED_AFTER_MS = 28 * DAY_MS;

/** The quarantine after another cycle that went wrong. */
export function quarantined({ quarantine }: Job, reason: Reason, now: Date): JobQuarantine {
  const since = quarantine?.since ?? now.toISOString();
  return { since, nextAt: new Date(now.getTime() + DAY_MS).toISOString(), reason };
}

/** Whether the quarantine has lasted so long that only an operator starts the job again. */
export const isStopped = ({ quarantine }: Pick<Job, "quarantine">, now: Date): boolean =>
  quarantine !== null && now.getTime() - Date.parse(quarantine.since) >= STOPPED_AFTER_MS;

/** Why the schedule may not start a cycle, or null. An operator always may. */
export function whyNotNow(job: Job, now: Date): Reason | null {
  const { quarantine } = job;
  if (quarantine === null) return null;
  if (isStopped(job, now)) {
    const message = `stopped after four weeks in quarantine (${quarantine.reason.message}): start a cycle by hand`;
    return { code: "jobStopped", message };
  }
  if (Date.parse(quarantine.nextAt) <= now.getTime()) return null;
  const message = `in quarantine, tried once a day (${quarantine.reason.message})`;
  return { code: "jobQuarantined", message };
}

/** What the schedule starts, and why an initial cycle where it does. */
export function kindFor(
  { watermark, listing }: Job,
  configuration: string,
  initialEveryMs: number,
  now: Date,
): { readonly kind: "initial" | "incremental"; readonly reason: Reason } {
  const initial = (code: string, message: string) =>
    ({ kind: "initial", reason: { code, message } }) as const;
  if (watermark === null || listing === null)
    return initial("firstCycle", "no initial cycle of the feed has come to its end yet");
  if (watermark.configuration !== configuration)
    return initial("configurationChanged", "the configuration was changed since the last cycle");
  if (now.getTime() - Date.parse(listing.at) >= initialEveryMs)
    return initial("listingDue", "everyone is looked through from time to time");
  return { kind: "incremental", reason: { code: "changes", message: "what changed since" } };
}

const LATELY_MS = 3_600_000;

/** What was carried out within the last hour. */
export const latelyOf = ({ lately }: Pick<Job, "lately">, now: Date): CarriedOut[] =>
  lately.filter(({ at }) => now.getTime() - Date.parse(at) < LATELY_MS);

/** The harm of the last hour and of a plan together. */
export function harmWith(harm: Harm, job: Pick<Job, "lately">, now: Date): Harm {
  return latelyOf(job, now).reduce(
    (sum, one) => ({
      disables: sum.disables + one.disables,
      deletes: sum.deletes + one.deletes,
      roleRemovals: sum.roleRemovals + one.roleRemovals,
    }),
    harm,
  );
}
