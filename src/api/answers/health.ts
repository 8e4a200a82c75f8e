// The answer of GET health: the state for anyone, what is wrong and what mends it for readers.
import { z } from "zod";

const status = z.enum(["ok", "failed"]);

/** Health as anyone sees it, and, where they are told more, as readers do. */
export const health = z
  .object({
    status: status.describe("`ok` when every check is."),
    checkedAt: z.iso
      .datetime()
      .optional()
      .describe("Answers up to 15 seconds old are given again."),
    checks: z
      .array(
        z.object({
          name: z.enum(["storage", "drupal", "entra"]),
          status,
          code: z.string().optional(),
          message: z.string().describe("What is wrong, and what mends it."),
        }),
      )
      .optional(),
  })
  .meta({ id: "Health", description: "Only readers are told more than the status." });
