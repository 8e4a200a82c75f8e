// The answers of the escrow's routes: who waits to be retried, by cause and one by one; and how many were replayed.
import { z } from "zod";
import type { EscrowEntry, EscrowGroup } from "../../rules/escrow.ts";
import { count, failing, pageOf, reason, timestamp } from "./words.ts";

const entry = z
  .object({
    drupalUuid: z
      .string()
      .describe("The Drupal UUID, or the one that an Entra user without a link would get."),
    entraObjectId: z.string().nullable(),
    system: failing.describe("The system that refused."),
    reason,
    attempts: count.describe("How often in a row."),
    since: timestamp,
    at: timestamp.describe("The latest refusal."),
    nextAt: timestamp
      .nullable()
      .describe("When the user is tried again; null: only after an event or a replay."),
  })
  .meta({ id: "EscrowEntry" }) satisfies z.ZodType<EscrowEntry>;

const group = z
  .object({
    system: failing,
    code: z.string(),
    message: z.string().describe("Of the latest refusal among them."),
    users: count,
    oldest: timestamp.describe("Since when the first of them waits."),
    nextAt: timestamp.nullable().describe("When the next of them is tried again."),
  })
  .meta({
    id: "EscrowGroup",
    description: "Users who wait for the same cause.",
  }) satisfies z.ZodType<EscrowGroup>;

/** A page of escrow, with all causes. */
export const escrowPage = pageOf(entry)
  .extend({ groups: z.array(group).describe("All causes, the most frequent first.") })
  .meta({ id: "EscrowPage" });

/** What came of a replay. */
export const replayed = z
  .object({ replayed: count.describe("How many users are tried again now.") })
  .meta({ id: "Replayed" });
