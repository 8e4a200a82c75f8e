// The answer to a webhook: the change is queued, or none of the sync's business.
import { z } from "zod";

/** A genuine delivery. */
export const receipt = z
  .object({
    status: z
      .enum(["queued", "ignored"])
      .describe("`queued`: it is safe now, and will be looked at."),
    reason: z.string().optional().describe("Why it is ignored."),
  })
  .meta({ id: "WebhookReceipt" });
