// A cycle as a value: one pass over one feed, from its first page to the outcome of its last user. Pages only ever go forward:
// whoever must be tried again, or is approved, stands on a new page.
import type { ExplainedExport } from "./explanation.ts";
import type { Harm, Operation, Reason } from "./plan.ts";
import type { Direction } from "./users.ts";

/** `initial`: everyone. `incremental`: what changed since the watermark. `undo`: what another cycle wrote, back. `preview`:
 * everyone of both feeds, planned with two configurations; never carried out. `photos`: the pictures of everyone with a link. */
export type CycleKind = "initial" | "incremental" | "undo" | "preview" | "photos";

/** How a cycle stands, as the public contract names it. `interrupted` is only shown: running, and its host is gone. */
export type CycleStatus =
  | "queued"
  | "running"
  | "waiting"
  | "interrupted"
  | "complete"
  | "incomplete"
  | "failed"
  | "cancelled";

/** What a cycle is at. `collecting`: putting the approved users of its plan on new pages. */
export type CyclePhase = "reading" | "collecting" | "provisioning";

/** The outcomes that a user may have in a cycle. */
export const CYCLE_OUTCOMES = [
  "written",
  "inSync",
  "skipped",
  "warning",
  "failed",
  "planned",
  "held",
  "moved",
  "deferred",
] as const;

/** How a user ended in a cycle. `planned` (of a dry run) and `held` (too harmful without an approval) were not written. */
export type CycleOutcome = (typeof CYCLE_OUTCOMES)[number];

/** A user on a page of nominations: a pointer, and under which conditions they are written. */
export interface Nomination {
  /** One of the two, or both where the link is known. */
  readonly drupalUuid?: string | undefined;
  readonly entraObjectId?: string | undefined;
  /** How often the cycle tried before. */
  readonly attempt?: number | undefined;
  /** The print of the plan that was approved: another one is not carried out. */
  readonly expects?: string | undefined;
  /** The print (rules/rest) that a feed of Entra showed: a look that shows another one may be behind it. */
  readonly seen?: string | undefined;
}

/** A page of nominations. */
export interface NominationPage {
  readonly users: readonly Nomination[];
  /** ISO 8601: not to be provisioned before; for those who are tried again. */
  readonly notBefore: string | null;
}

/** A write of a cycle: of a user, a role, or a picture. */
export interface CycleStep extends Omit<ExplainedExport, "resource"> {
  readonly resource: ExplainedExport["resource"] | "photo";
}

/** What a cycle has to tell of one user. Values as `AUDIT_VALUES` allows. */
export interface CycleUser {
  readonly drupalUuid: string | null;
  readonly entraObjectId: string | null;
  readonly displayName: string | null;
  readonly outcome: CycleOutcome;
  readonly reason: Reason;
  /** What was written; for `planned` and `held` what would be. */
  readonly steps: readonly CycleStep[];
  /** The print of the plan, for `planned` and `held`. */
  readonly plan: string | null;
}

/** How many users had each outcome, how many writes of each kind they took, and what they take away from people. */
export interface Tally {
  readonly outcomes: Readonly<Partial<Record<CycleOutcome, number>>>;
  /** Of a preview: the writes that are made because of the change. */
  readonly operations: Readonly<Partial<Record<Operation, number>>>;
  /** Users who would be disabled, deleted or lose roles, of those `planned` or `held`. */
  readonly harm: Harm;
}

/** An operator's word, or the thresholds', that the plan is carried out. */
export interface CycleApproval {
  /** The print of the whole plan that was approved. */
  readonly plan: string;
  /** null: it was within the thresholds. */
  readonly actor: string | null;
  /** ISO 8601. */
  readonly at: string;
}

/** What a cycle waits for. */
export type WaitsFor =
  /** `POST cycles/{id}/approve` with the plan's print. */
  | { readonly kind: "approval"; readonly plan: string }
  /** `POST cycles/{id}/approve`: the first users are written, and the rest goes on when someone has looked. */
  | { readonly kind: "canary" }
  /** A system or our own turn; goes on by itself. ISO 8601. */
  | { readonly kind: "time"; readonly until: string };

/** The reading of a feed. */
export interface CycleReading {
  /** The feed that `position` is of: the cycle's direction; a preview reads one after the other. */
  readonly feed: Direction;
  /** Where it goes on; null before its first page. */
  readonly position: string | null;
  readonly isDone: boolean;
  readonly pages: number;
  /** Users that were read. */
  readonly users: number;
  /** Of these, those who were as last agreed, and so were not nominated. */
  readonly unchanged: number;
  /** Tries of the page at `position` that failed in a row. */
  readonly failures: number;
  /** Why it did not come to its end; null while all is well. */
  readonly fault: Reason | null;
  /** What could not be read, and keeps nobody from being served: the cycle is incomplete, and the watermark moves. */
  readonly gap: Reason | null;
  /** Where the next incremental cycle of the feed starts, once this one is complete. */
  readonly watermark: string | null;
  /** This cycle's id once it has kept who is in which group. */
  readonly memberships: string | null;
}

/** A cycle. Times are ISO 8601. */
export interface Cycle {
  readonly id: string;
  /** A preview has both: the one that it begins with. */
  readonly direction: Direction;
  readonly kind: CycleKind;
  readonly isDryRun: boolean;
  /** How many users are written before someone must look; null: all. */
  readonly canary: number | null;
  /** Who started it: null is the schedule. */
  readonly actor: string | null;
  readonly status: Exclude<CycleStatus, "interrupted">;
  readonly phase: CyclePhase;
  readonly createdAt: string;
  readonly startedAt: string | null;
  /** When it last did something. */
  readonly workedAt: string | null;
  readonly endedAt: string | null;
  /** Who works on it now, and until when that counts. */
  readonly runner: { readonly owner: string; readonly until: string } | null;
  /** The print of the configuration that it began with: what its watermark stands for. */
  readonly configuration: string;
  readonly reading: CycleReading;
  /** Nobody is taken for gone because a listing does not show them: the watermark was lost. */
  readonly ignoresAbsence: boolean;
  /** Nominated users that do not fill a page yet. */
  readonly buffer: readonly Nomination[];
  readonly nominated: { readonly pages: number; readonly users: number };
  /** The next page to be provisioned. */
  readonly page: number;
  /** The next page whose planned users are to be collected, and where the plan ends. */
  readonly collecting: { readonly page: number; readonly end: number } | null;
  /** Of the pages before `page`. */
  readonly tally: Tally;
  /** Of what is done of `page`. */
  readonly current: Tally;
  /** The print of the plan: of every planned and held user, in order. */
  readonly plan: string;
  readonly approval: CycleApproval | null;
  readonly waitsFor: WaitsFor | null;
  readonly reason: Reason | null;
  /** When the phase began, and how many users it has done: the rate. */
  readonly phaseStartedAt: string | null;
  readonly phaseUsers: number;
  /** The cycle whose writes are undone. */
  readonly undoes: string | null;
}

/** No user yet. */
export const EMPTY_TALLY: Tally = {
  outcomes: {},
  operations: {},
  harm: { disables: 0, deletes: 0, roleRemovals: 0 },
};

const ENDED: readonly CycleStatus[] = ["complete", "incomplete", "failed", "cancelled"];

/** Whether nothing more happens in a cycle by itself. */
export const hasEnded = ({ status }: Pick<Cycle, "status">): boolean => ENDED.includes(status);

/** Whether the cycle keeps its feed: no other of the same feed runs meanwhile. One that waits for the approval of a plan does
 * not: what it holds is kept, and the others go on. */
export const isActive = ({ status, waitsFor }: Pick<Cycle, "status" | "waitsFor">): boolean =>
  ["queued", "running"].includes(status) || (status === "waiting" && waitsFor?.kind !== "approval");

/** Whether it goes on only by someone's word. */
export const waitsForSomeone = ({
  status,
  waitsFor,
}: Pick<Cycle, "status" | "waitsFor">): boolean =>
  status === "waiting" && waitsFor !== null && waitsFor.kind !== "time";

/** Whether its users are written: the plan of a dry run is when it is approved. */
export const mayWrite = ({ isDryRun, approval }: Pick<Cycle, "isDryRun" | "approval">): boolean =>
  !isDryRun || approval !== null;

/** Whether users may be served before all of the feed is read. What somebody looks at before it goes on is read first. */
export const mayServeWhileReading = (cycle: Cycle): boolean =>
  mayWrite(cycle) && cycle.canary === null;

/** A cycle that is about to begin. */
export function newCycle(
  order: Pick<Cycle, "id" | "direction" | "kind" | "isDryRun" | "canary" | "actor"> & {
    readonly configuration?: string;
    readonly ignoresAbsence?: boolean;
    readonly undoes?: string | null;
  },
  now: Date,
): Cycle {
  return {
    ignoresAbsence: false,
    undoes: null,
    configuration: "",
    ...order,
    status: "queued",
    phase: "reading",
    createdAt: now.toISOString(),
    startedAt: null,
    workedAt: null,
    endedAt: null,
    runner: null,
    reading: {
      feed: order.direction,
      position: null,
      isDone: false,
      pages: 0,
      users: 0,
      unchanged: 0,
      failures: 0,
      fault: null,
      gap: null,
      watermark: null,
      memberships: null,
    },
    buffer: [],
    nominated: { pages: 0, users: 0 },
    page: 0,
    collecting: null,
    tally: EMPTY_TALLY,
    current: EMPTY_TALLY,
    plan: "",
    approval: null,
    waitsFor: null,
    reason: null,
    phaseStartedAt: null,
    phaseUsers: 0,
  };
}

/** The status as people see it: a cycle that says it runs, and that nobody works on, is interrupted. */
export function shownStatus(
  { status, runner }: Pick<Cycle, "status" | "runner">,
  now: Date,
): CycleStatus {
  const isAbandoned = runner !== null && Date.parse(runner.until) <= now.getTime();
  return status === "running" && isAbandoned ? "interrupted" : status;
}
