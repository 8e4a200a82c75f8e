// Two cycles of one feed that were started at the same moment: the job names the one that goes on.
import type { Cycle } from "../rules/cycle.ts";
import { jobOf } from "../rules/job.ts";
import type { Reason } from "../rules/plan.ts";
import type { CyclePorts } from "./cycle-ports.ts";

/** Why one of two cycles that were started at the same moment ends. */
export const OVERTAKEN: Reason = {
  code: "superseded",
  message: "another cycle of the feed was started at the same moment, and goes on",
};

/** Whether the job names another cycle. An approved plan reads no feed, and neither an undo nor a preview has a job. */
export async function isOvertaken(cycle: Cycle, ports: CyclePorts) {
  const { id, kind, approval } = cycle;
  if (approval !== null || kind === "undo" || kind === "preview") return false;
  return (await ports.jobs.get(jobOf(cycle))).job.cycleId !== id;
}
