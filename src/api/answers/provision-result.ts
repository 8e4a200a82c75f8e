// The answer of POST provision and its relatives: what happened or would happen to one user, with the five steps.
import { z } from "zod";
import { operationSchema } from "../../rules/plan.ts";
import { explanation } from "./explanation.ts";
import { reason } from "./words.ts";

/** How a request for one user ended. */
export const provisionResult = z
  .object({
    dryRun: z.boolean(),
    outcome: z.object({
      status: z
        .enum(["success", "failure", "skipped", "warning", "planned", "deferred"])
        .describe(
          "`planned`: a dry run, nothing was written. `deferred`: it could not be now, and is on the queue.",
        ),
      operations: z.array(operationSchema).describe("The writes that were made."),
      reason,
    }),
    explanation: explanation
      .nullable()
      .describe("null where the request ended before there was anything to explain."),
  })
  .meta({ id: "ProvisionResult" });
