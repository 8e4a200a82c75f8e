// A link as its routes answer it: who belongs to whom, and, for one, both sides and the plan.
import { z } from "zod";
import { operationSchema } from "../../rules/plan.ts";
import { block, conflictCode, explanation } from "./explanation.ts";
import { bySystem, count, failing, pageOf, reason, system, timestamp } from "./words.ts";

const conflict = z.object({
  key: z.string().describe("The row of the mapping: what POST …/conflicts names as `attribute`."),
  code: conflictCode,
  message: z.string(),
  drupal: z.string().nullable(),
  entra: z.string().nullable(),
  openedAt: timestamp,
  decision: z
    .object({ take: system, at: timestamp })
    .nullable()
    .describe("What an operator decided, until it is carried out."),
});

const link = z
  .object({
    drupalUuid: z.string(),
    entraObjectId: z.string().nullable(),
    linkedAt: timestamp.nullable().describe("null: only reserved, nothing is joined yet."),
    madeByUs: bySystem(z.boolean()).describe("Whether the sync made the account itself."),
    blocks: bySystem(block),
    deletedByUs: bySystem(timestamp.nullable()).describe("When the sync deleted the account."),
    grantedRoles: z.array(z.string()).describe("Drupal roles that the sync gave, and may take."),
    drupalGoneAt: timestamp.nullable().describe("When the Drupal account was proven gone."),
    deleteDue: z
      .object({ system, at: timestamp })
      .nullable()
      .describe("A delete that waits, disabled, for its grace."),
    isCancelled: z
      .boolean()
      .describe("The site only blocks cancelled accounts: the delete went as far as it goes."),
    takenApart: z
      .string()
      .nullable()
      .describe("The Entra object id that an operator took from this link."),
    pending: z
      .object({
        operation: operationSchema,
        system,
        at: timestamp,
        attributes: z.array(z.string()),
      })
      .nullable()
      .describe("A write that was announced and is not recorded yet."),
    conflicts: z.array(conflict).describe("Rows that wait for an operator."),
  })
  .meta({ id: "Link" });

const waiting = z.object({
  system: failing.describe("The system that refused."),
  reason,
  attempts: count.describe("How often in a row."),
  since: timestamp,
  at: timestamp.describe("The latest refusal."),
  nextAt: timestamp.nullable().describe("null: only an event or a replay tries again."),
});

const picture = z.object({
  hash: z.string().nullable().describe("Of the kept bytes, as the ETag of GET …/photo."),
  reason: reason.describe("What the last look came to."),
  seenAt: timestamp,
  missingSince: timestamp.nullable().describe("Since when Entra has shown none."),
  isUploadPending: z.boolean().describe("An upload was announced and is not recorded yet."),
});

/** A page of links. */
export const linkPage = pageOf(link).meta({ id: "LinkPage" });

/** One link with both sides as they are now, and why. */
export const explainedLink = z
  .object({
    link: link.nullable().describe("null: nobody is joined to this user."),
    reason,
    explanation: explanation.nullable().describe("null where there is nobody to explain."),
    escrow: waiting.nullable().describe("null: the user does not wait to be tried again."),
    photo: picture.nullable().describe("null: nobody has looked for a picture yet."),
  })
  .meta({ id: "ExplainedLink" });
