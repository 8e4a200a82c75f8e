// The answer of GET audit: what was done, to whom, by whose word, and how it ended.
import { z } from "zod";
import type { AuditEntry } from "../../rules/audit-entry.ts";
import { operationSchema } from "../../rules/plan.ts";
import { causeSchema } from "../../rules/provision-request.ts";
import { direction, keptChange, pageOf, reason, system, timestamp } from "./words.ts";

const auditEntry = z
  .object({
    id: z.string().describe("The operation's id."),
    at: timestamp,
    operation: operationSchema,
    resourceType: z.enum(["user", "role", "photo", "configuration", "cycle"]),
    status: z.enum(["success", "failure", "skipped", "warning"]),
    system: system.optional().describe("The system that was written; absent where neither was."),
    direction: direction.optional(),
    cause: causeSchema.describe("What made the sync look at the user."),
    cycleId: z.string().optional(),
    drupalUuid: z.string().optional(),
    entraId: z.string().optional().describe("The Entra object id."),
    displayName: z.string().optional(),
    changes: z.array(keptChange).describe("What was written over."),
    reason: reason.optional(),
    actor: z
      .string()
      .optional()
      .describe(
        "Who asked, as an Entra object id, or `drupal:…` where the site asked for one of its people; absent where nobody did.",
      ),
    durationMs: z.number(),
  })
  .meta({ id: "AuditEntry" }) satisfies z.ZodType<AuditEntry>;

/** A page of the audit log, newest first. It may be short, or empty, and have a continuation: a search ends after so many rows,
 * and goes on with the next. */
export const auditPage = pageOf(auditEntry).meta({ id: "AuditPage" });
