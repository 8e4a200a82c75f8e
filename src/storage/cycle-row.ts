// How a cycle and its pages lie in storage; rows of earlier releases still read.
import { z } from "zod";
import { keptChangeSchema } from "../rules/audit-entry.ts";
import {
  CYCLE_OUTCOMES,
  type Cycle,
  type CycleUser,
  EMPTY_TALLY,
  type Nomination,
  type NominationPage,
  type Tally,
} from "../rules/cycle.ts";
import { operationSchema } from "../rules/plan.ts";
import { directionSchema, reasonSchema, systemSchema, timeSchema } from "./stored-changes.ts";

const outcome = z.enum(CYCLE_OUTCOMES);

const count = z.number().default(0);
const tally: z.ZodType<Tally> = z.object({
  outcomes: z.partialRecord(outcome, z.number()),
  operations: z.partialRecord(operationSchema, z.number()),
  harm: z.object({ disables: count, deletes: count, roleRemovals: count }),
});

const waitsFor = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("approval"), plan: z.string() }),
  z.object({ kind: z.literal("canary") }),
  z.object({ kind: z.literal("time"), until: z.string() }),
]);

const nomination: z.ZodType<Nomination> = z.object({
  drupalUuid: z.string().optional(),
  entraObjectId: z.string().optional(),
  attempt: z.number().optional(),
  expects: z.string().optional(),
  seen: z.string().optional(),
});

const reading = z.object({
  position: z.string().nullable(),
  isDone: z.boolean(),
  pages: count,
  users: count,
  unchanged: count,
  failures: count,
  fault: reasonSchema.nullable().default(null),
  gap: reasonSchema.nullable().default(null),
  watermark: z.string().nullable().default(null),
  feed: directionSchema,
  memberships: z.string().nullable().default(null),
});

/** A stored cycle. A column that a later release adds gets a default here, so that its earlier rows still read. */
export const cycleSchema: z.ZodType<Cycle> = z.object({
  id: z.string(),
  direction: directionSchema,
  kind: z.enum(["initial", "incremental", "undo", "preview", "photos"]),
  isDryRun: z.boolean(),
  canary: z.number().nullable().default(null),
  actor: z.string().nullable().default(null),
  status: z.enum(["queued", "running", "waiting", "complete", "incomplete", "failed", "cancelled"]),
  phase: z.enum(["reading", "collecting", "provisioning"]),
  createdAt: z.string(),
  startedAt: timeSchema,
  workedAt: timeSchema,
  endedAt: timeSchema,
  runner: z.object({ owner: z.string(), until: z.string() }).nullable().default(null),
  configuration: z.string(),
  reading,
  ignoresAbsence: z.boolean().default(false),
  buffer: z.array(nomination).default([]),
  nominated: z.object({ pages: z.number(), users: z.number() }),
  page: z.number(),
  collecting: z.object({ page: z.number(), end: z.number() }).nullable().default(null),
  tally: tally.default(EMPTY_TALLY),
  current: tally.default(EMPTY_TALLY),
  plan: z.string().default(""),
  approval: z
    .object({ plan: z.string(), actor: z.string().nullable(), at: z.string() })
    .nullable()
    .default(null),
  waitsFor: waitsFor.nullable().default(null),
  reason: reasonSchema.nullable().default(null),
  phaseStartedAt: timeSchema,
  phaseUsers: count,
  undoes: z.string().nullable().default(null),
});

/** A stored page of nominations. */
export const nominationPageSchema: z.ZodType<NominationPage> = z.object({
  users: z.array(nomination),
  notBefore: timeSchema,
});

const step = z.object({
  operation: operationSchema.exclude(["none"]),
  system: systemSchema,
  resource: z.enum(["user", "role", "photo"]),
  changes: z.array(keptChangeSchema),
  status: z.enum(["success", "failure", "skipped", "warning", "planned"]),
  reason: reasonSchema,
});

const cycleUser: z.ZodType<CycleUser> = z.object({
  drupalUuid: z.string().nullable(),
  entraObjectId: z.string().nullable(),
  displayName: z.string().nullable(),
  outcome,
  reason: reasonSchema,
  steps: z.array(step),
  plan: z.string().nullable().default(null),
});

/** A stored page of what is done. */
export const cycleUsersSchema: z.ZodType<readonly (CycleUser | null)[]> = z.array(
  cycleUser.nullable(),
);
