// Cycles in the public form: how one stands, what it waits for, how far it is; and the answers to orders.
import type { HttpResponseInit } from "@azure/functions";
import { type Cycle, shownStatus } from "../rules/cycle.ts";
import type { StartedCycle, Steered } from "../rules/cycle-orders.ts";
import { addTallies, doneUsers, paceOf } from "../rules/cycle-progress.ts";
import { expiresAt } from "../rules/cycle-term.ts";
import { isStopped, type Job } from "../rules/job.ts";
import type { cycle as cycleSchema } from "./answers/cycle.ts";
import { noSuchCycle } from "./cycle-request.ts";
import { jsonOf } from "./json-of.ts";
import { nextRun, type Schedule } from "./next-run.ts";
import { Problem } from "./problem.ts";

const shownWait = (cycle: Cycle) => {
  const { waitsFor } = cycle;
  if (waitsFor === null || waitsFor.kind === "time") return waitsFor;
  return { ...waitsFor, expiresAt: expiresAt(waitsFor.kind, cycle) };
};

const rounded = (value: number | null): number | null =>
  value === null ? null : Math.round(value * 10) / 10;

/** The public form. `expected`: how many users the feed is known to have, or null. */
export function shownCycle(cycle: Cycle, expected: number | null, now: Date) {
  const { id, direction, kind, isDryRun, canary, actor, phase, undoes } = cycle;
  const { createdAt, startedAt, endedAt, reason, approval, reading } = cycle;
  const { outcomes, operations, harm } = addTallies(cycle.tally, cycle.current);
  const { usersPerSecond, remainingSeconds } = paceOf(cycle, expected);
  const { pages, users, unchanged, isDone, fault } = reading;
  const status = shownStatus(cycle, now);
  return {
    id,
    direction,
    kind,
    dryRun: isDryRun,
    status,
    phase,
    reason,
    waitsFor: shownWait(cycle),
    actor,
    createdAt,
    startedAt,
    endedAt,
    reading: { pages, users, unchanged, isDone, fault },
    nominated: cycle.nominated.users,
    done: doneUsers(cycle),
    outcomes,
    operations,
    harm,
    plan: cycle.plan === "" ? null : cycle.plan,
    approval,
    canary,
    undoes,
    usersPerSecond: rounded(usersPerSecond),
    remainingSeconds: status === "running" ? remainingSeconds : null,
  };
}

/** The standing state of a feed in the public form. */
export function shownJob(job: Job, last: Cycle | null, schedule: Schedule, now: Date) {
  const { name, cycleId, listing, quarantine, watermark } = job;
  return {
    job: name,
    direction: name === "photos" ? "entraToDrupal" : name,
    /** The cycle that keeps the feed, or kept it last. */
    cycleId,
    last: last === null ? null : shownCycle(last, null, now),
    /** Whether an incremental cycle knows where to start. */
    hasWatermark: watermark !== null,
    lastListing: listing,
    schedule: schedule.text,
    /** When the timer runs next. In quarantine it may find that it is not time yet. */
    nextAt: nextRun(schedule, now),
    quarantine: quarantine === null ? null : { ...quarantine, isStopped: isStopped(job, now) },
  };
}

const locationOf = (id: string) => ({ Location: `/api/cycles/${id}` });

/** The answer of POST cycles: 202 with where to look, or a Problem 409 that names the cycle under way. */
export function startedAnswer(started: StartedCycle, now: Date): HttpResponseInit {
  switch (started.kind) {
    case "started": {
      const { id } = started.cycle;
      return jsonOf<typeof cycleSchema>()(
        202,
        shownCycle(started.cycle, null, now),
        locationOf(id),
      );
    }
    case "active": {
      const message = `A cycle of this direction is under way: ${started.cycleId}.`;
      throw new Problem(409, "cycleActive", message, { headers: locationOf(started.cycleId) });
    }
    case "notNow":
      throw new Problem(409, started.reason.code, started.reason.message);
  }
}

/** The answer to an operator's word: 202, or why there is nothing to be done. */
export function steeredAnswer(steered: Steered, now: Date): HttpResponseInit {
  switch (steered.kind) {
    case "done": {
      const { id } = steered.cycle;
      return jsonOf<typeof cycleSchema>()(
        202,
        shownCycle(steered.cycle, null, now),
        locationOf(id),
      );
    }
    case "notFound":
      throw noSuchCycle();
    case "notWaiting":
      throw new Problem(
        409,
        "notWaiting",
        `There is nothing to decide: the cycle is ${steered.status}.`,
      );
    case "expired":
      throw new Problem(409, steered.reason.code, `Too late: ${steered.reason.message}.`);
    case "otherPlan":
      throw new Problem(
        409,
        "otherPlan",
        `Name the plan that you looked at: the cycle's plan is ${steered.plan}.`,
      );
  }
}
