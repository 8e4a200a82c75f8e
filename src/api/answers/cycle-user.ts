// A user as a cycle tells of them: how they ended, why, and what was or would be written.
import { z } from "zod";
import { CYCLE_OUTCOMES, type CycleUser } from "../../rules/cycle.ts";
import { exportedStep } from "./explanation.ts";
import { keptChange, reason } from "./words.ts";

/** A user of a cycle. */
export const cycleUser = z
  .object({
    drupalUuid: z.string().nullable(),
    entraObjectId: z.string().nullable(),
    displayName: z.string().nullable().describe("null unless AUDIT_VALUES is plain."),
    outcome: z
      .enum(CYCLE_OUTCOMES)
      .describe(
        "`planned` (of a dry run) and `held` (too harmful without an approval) were not written.",
      ),
    reason,
    steps: z
      .array(
        exportedStep.extend({
          resource: z.enum(["user", "role", "photo"]),
          changes: z.array(keptChange),
        }),
      )
      .describe("What was written; for `planned` and `held` what would be."),
    plan: z.string().nullable().describe("The print of the plan, for `planned` and `held`."),
  })
  .meta({ id: "CycleUser" }) satisfies z.ZodType<CycleUser>;
