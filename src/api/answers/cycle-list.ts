// The answer of GET cycles: the cycles page by page, and how the job of each feed stands.
import { z } from "zod";
import type { CompleteListing, JobName } from "../../rules/job.ts";
import { cycle } from "./cycle.ts";
import { count, direction, pageOf, reason, timestamp } from "./words.ts";

const listing = z.object({
  cycleId: z.string(),
  users: count,
  at: timestamp.describe("When it began."),
}) satisfies z.ZodType<CompleteListing>;

const job = z
  .object({
    job: z.enum(["drupalToEntra", "entraToDrupal", "photos"]) satisfies z.ZodType<JobName>,
    direction,
    cycleId: z.string().nullable().describe("The cycle that keeps the feed, or kept it last."),
    hasWatermark: z
      .boolean()
      .describe(
        "Whether an incremental cycle knows where to start; if not, everyone is looked through.",
      ),
    lastListing: listing.nullable().describe("The last listing of everyone that came to its end."),
    last: cycle
      .nullable()
      .describe("That cycle, as it stands; null: there was none, or it is gone."),
    quarantine: z
      .object({
        since: timestamp,
        nextAt: timestamp.describe("When the schedule may try again."),
        reason,
        isStopped: z.boolean().describe("Only an operator starts the job again."),
      })
      .nullable(),
    schedule: z.string().nullable().describe("The app setting that the timer goes by."),
    nextAt: timestamp.nullable().describe("When the timer is next due; null: it cannot be told."),
  })
  .meta({ id: "Job", description: "The standing state of a feed between its cycles." });

/** A page of cycles, newest first, with all jobs. */
export const cycleList = pageOf(cycle)
  .extend({
    jobs: z.array(job),
    waiting: z
      .array(cycle)
      .describe(
        "With the first page: the newest 50 cycles that wait for someone's word, wherever they stand.",
      ),
  })
  .meta({ id: "CycleList" });
