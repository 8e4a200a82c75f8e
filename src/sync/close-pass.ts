// All nominated users have had their turn: keeps the watermark, and decides whether the cycle is over, carries its plan out, or
// waits for an operator.

import { decideAlike } from "../rules/compared-configurations.ts";
import type { Cycle, Tally } from "../rules/cycle.ts";
import {
  type CompleteListing,
  harmWith,
  type Job,
  jobOf,
  latelyOf,
  quarantined,
} from "../rules/job.ts";
import type { Reason } from "../rules/plan.ts";
import { type Exceeded, exceeded } from "../rules/thresholds.ts";
import type { CyclePorts } from "./cycle-ports.ts";
import { GO, type Slice, type StepResult } from "./cycle-step.ts";
import type { HeldCycle } from "./hold-cycle.ts";
import { takeOverUsers, waitingBeside } from "./take-over-plans.ts";

const LEAST_FAILURES = 10;

const count = ({ outcomes }: Tally, outcome: keyof Tally["outcomes"]): number =>
  outcomes[outcome] ?? 0;

/** Why a cycle has not done all that it set out to do; null where it has. */
function shortcomingOf({ reading, tally }: Cycle): Reason | null {
  if (reading.fault !== null) return reading.fault;
  const deferred = count(tally, "deferred");
  if (deferred === 0) return null;
  const message = `${deferred} user(s) could not be served in several tries; the next cycle takes them up`;
  return { code: "usersDeferred", message };
}

// Half of the users failing is no matter of users any more.
function sicknessOf({ tally }: Cycle): Reason | null {
  const failed = count(tally, "failed");
  const done = failed + count(tally, "written") + count(tally, "inSync") + count(tally, "skipped");
  if (failed < LEAST_FAILURES || failed * 2 < done) return null;
  return { code: "mostUsersFail", message: `${failed} of ${done} users failed` };
}

/** The listing of everyone that the cycle read to its end, or null. */
function listingOf({ reading, id, kind, createdAt, startedAt }: Cycle): CompleteListing | null {
  if (kind !== "initial" || reading.fault !== null) return null;
  return { cycleId: id, users: reading.users, at: startedAt ?? createdAt };
}

/** The job after a first pass: where the next cycle starts, and whether it is slowed. A dry run shows: it leaves a listing for
 * the drift report, and moves nothing else. */
export function jobAfter(known: Job, cycle: Cycle, now: Date): Job {
  const { reading, kind, configuration } = cycle;
  const read = listingOf(cycle);
  const job = { ...known, report: read ?? known.report };
  if (cycle.isDryRun) return job;
  const shortcoming = shortcomingOf(cycle);
  const sickness = sicknessOf(cycle);
  const slowed = sickness === null ? null : quarantined(job, sickness, now);
  if (shortcoming !== null) return { ...job, quarantine: slowed ?? job.quarantine };
  const watermark =
    reading.watermark === null
      ? job.watermark
      : { position: reading.watermark, configuration, memberships: reading.memberships };
  const listing = kind === "initial" ? read : job.listing;
  return { ...job, watermark, listing, quarantine: slowed };
}

// Neither an undo nor a preview has a feed.
async function keepJob(cycle: Cycle, ports: CyclePorts): Promise<void> {
  if (cycle.kind === "undo" || cycle.kind === "preview") return;
  const { job, version } = await ports.jobs.get(jobOf(cycle));
  if (job.cycleId !== cycle.id) return;
  await ports.jobs.save(jobAfter(job, cycle, ports.now()), version);
}

const NAMES = {
  disables: "disabled",
  deletes: "deleted",
  roleRemovals: "deprived of roles",
} as const;

const tooMuch = (passed: readonly Exceeded[]): Reason => ({
  code: "thresholdExceeded",
  message: `${passed
    .map(
      ({ kind, users, allowed }) => `${users} user(s) would be ${NAMES[kind]}, ${allowed} may be`,
    )
    .join("; ")}: an operator has to approve the plan`,
});

const waitAlready = (users: number): Reason => ({
  code: "thresholdExceeded",
  message: `${users} user(s) wait for an operator in an earlier plan already: nothing is taken from them without that word`,
});

async function judgeHeld(
  cycle: Cycle,
  slice: Slice,
  alsoHeld: number,
  ports: CyclePorts,
): Promise<StepResult> {
  const { joined } = await slice.index();
  const { job, version } = await ports.jobs.get(jobOf(cycle));
  const now = ports.now();
  // After a lost watermark nobody is deleted without a look.
  const { thresholds } = slice.configuration;
  const strict = cycle.ignoresAbsence
    ? { ...thresholds, deletes: { users: 0, percent: 0 } }
    : thresholds;
  const { harm } = cycle.tally;
  const passed = exceeded(harmWith(harm, job, now), strict, joined);
  if (passed.length > 0) return { kind: "approval", reason: tooMuch(passed) };
  if (alsoHeld > 0) return { kind: "approval", reason: waitAlready(alsoHeld) };
  // Counted before it is done: whoever dies in between has counted it twice, and not once too few.
  const lately = [...latelyOf(job, now), { ...harm, at: now.toISOString() }];
  await ports.jobs.save({ ...job, lately }, version);
  return GO;
}

const OUTDATED: Reason = {
  code: "configurationChanged",
  message:
    "the configuration was changed since: the preview compares with the one that was there when it began",
};

// What a preview found stays true of the two that it compared.
async function noteOf({ kind }: Cycle, slice: Slice): Promise<Reason | null> {
  const compared = kind === "preview" ? await slice.compared() : null;
  const isOutdated = compared !== null && !decideAlike(compared.current, slice.configuration);
  return isOutdated ? OUTDATED : null;
}

/** Closes the pass over all pages. */
export async function closePass(
  held: HeldCycle,
  slice: Slice,
  ports: CyclePorts,
): Promise<StepResult> {
  const { cycle } = held;
  const shortcoming = shortcomingOf(cycle);
  const isSecond = cycle.approval !== null && cycle.collecting !== null;
  const heldUsers = count(cycle.tally, "held");
  const isJudged = !isSecond && !cycle.isDryRun && heldUsers > 0 && shortcoming === null;
  let judged: StepResult | null = null;
  if (isJudged) {
    const { alsoHeld, unseen } = await waitingBeside(cycle, ports);
    judged = await judgeHeld(cycle, slice, alsoHeld, ports);
    if (judged.kind !== "go" && unseen.length > 0) {
      await takeOverUsers(held, unseen, ports);
      return GO;
    }
  }
  // Not before all are looked at whom the cycle answers for: what comes after it would not read them again.
  if (!isSecond) await keepJob(cycle, ports);
  if (judged !== null) {
    if (judged.kind !== "go") return judged;
    const approval = { plan: cycle.plan, actor: null, at: ports.now().toISOString() };
    const collecting = { page: 0, end: cycle.nominated.pages };
    await held.save({ approval, collecting, phase: "collecting" });
    return GO;
  }
  if (shortcoming !== null && heldUsers > 0 && !isSecond) {
    const message = `${shortcoming.message}; ${heldUsers} user(s) who would lose something were left alone`;
    return { kind: "end", status: "incomplete", reason: { code: shortcoming.code, message } };
  }
  const { gap } = cycle.reading;
  const status = shortcoming === null && gap === null ? "complete" : "incomplete";
  return { kind: "end", status, reason: shortcoming ?? gap ?? (await noteOf(cycle, slice)) };
}
