// A cycle as its routes answer it: how it stands, what it waits for, how far it is, and page by page its users.
import { z } from "zod";
import {
  CYCLE_OUTCOMES,
  type CycleApproval,
  type CycleKind,
  type CyclePhase,
  type CycleStatus,
  type WaitsFor,
} from "../../rules/cycle.ts";
import { operationSchema } from "../../rules/plan.ts";
import { cycleUser } from "./cycle-user.ts";
import { count, direction, harm, pageOf, reason, timestamp } from "./words.ts";

const kind = z.enum([
  "initial",
  "incremental",
  "undo",
  "preview",
  "photos",
]) satisfies z.ZodType<CycleKind>;

/** How a cycle stands. */
export const cycleStatus = z.enum([
  "queued",
  "running",
  "waiting",
  "interrupted",
  "complete",
  "incomplete",
  "failed",
  "cancelled",
]) satisfies z.ZodType<CycleStatus>;

const phase = z.enum(["reading", "collecting", "provisioning"]) satisfies z.ZodType<CyclePhase>;

const expiresAt = timestamp.describe(
  "From then on an approval comes too late: the cycle ends as `cancelled`, with the reason `approvalExpired`.",
);

const waitsFor = z.discriminatedUnion("kind", [
  z
    .object({ kind: z.literal("approval"), plan: z.string(), expiresAt })
    .describe("An operator: `approve` with this plan."),
  z
    .object({ kind: z.literal("canary"), expiresAt })
    .describe("An operator: the first users are written."),
  z
    .object({ kind: z.literal("time"), until: timestamp })
    .describe("Nobody: it goes on by itself then."),
]) satisfies z.ZodType<WaitsFor>;

const approval = z.object({
  plan: z.string(),
  actor: z.string().nullable().describe("null: the plan was within the thresholds."),
  at: timestamp,
}) satisfies z.ZodType<CycleApproval>;

/** How many writes of each kind: only those that occur. */
export const operationCounts = z.partialRecord(operationSchema, count);

const shownCycle = z.object({
  id: z.guid(),
  direction,
  kind: kind.describe(
    "`initial`: everyone. `incremental`: what changed since the watermark. `undo`: what another cycle wrote, back. `preview`: what a change of the configuration would do. `photos`: pictures.",
  ),
  dryRun: z.boolean(),
  status: cycleStatus.describe(
    "`incomplete`: not everything could be read or served; nothing is taken for gone then. `interrupted`: its host is gone, and it will go on.",
  ),
  phase,
  reason: reason.nullable().describe("Why it ended or waits as it does."),
  waitsFor: waitsFor.nullable(),
  actor: z.string().nullable().describe("Who started it; null is the schedule."),
  createdAt: timestamp,
  startedAt: timestamp.nullable(),
  endedAt: timestamp.nullable(),
  reading: z.object({
    pages: count,
    users: count.describe("Users that were read."),
    unchanged: count.describe("Of these, who were as last agreed, and so were not looked at."),
    isDone: z.boolean(),
    fault: reason.nullable().describe("Why the reading did not come to its end."),
  }),
  nominated: count.describe("Users that are to be looked at."),
  done: count.describe("Of these, who have an outcome that stays."),
  outcomes: z.partialRecord(z.enum(CYCLE_OUTCOMES), count).describe("How many users ended how."),
  operations: operationCounts.describe("How many writes of each kind were made."),
  harm: harm.describe("What the plan takes away from people."),
  plan: z.string().nullable().describe("The print of the plan: an approval names it."),
  approval: approval.nullable(),
  canary: count.nullable().describe("How many users are written before someone must look."),
  undoes: z.string().nullable().describe("The cycle whose writes are undone."),
  usersPerSecond: z.number().nullable(),
  remainingSeconds: count.nullable(),
});

/** A cycle without its users. */
export const cycle = shownCycle.meta({ id: "Cycle" });

/** A cycle with a page of the users that it tells of. */
export const cycleWithUsers = shownCycle
  .extend({ users: pageOf(cycleUser) })
  .meta({ id: "CycleWithUsers" });
