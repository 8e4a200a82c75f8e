// The answers of the configuration's routes: what was saved, what a change would do, and the history.
import { z } from "zod";
import { syncConfigurationSchema } from "../../rules/configuration.ts";
import type { Impact } from "../../rules/impact.ts";
import { cycleStatus, operationCounts } from "./cycle.ts";
import { count, harm, pageOf, reason, timestamp } from "./words.ts";

/** The document as it was saved. */
export const savedDocument = z
  .unknown()
  .describe("The document as it was saved: a SyncConfiguration, unless it was put there by hand.");

/** The document with every default filled in. */
export const effectiveConfiguration = syncConfigurationSchema;

/** A JSON Schema. */
export const jsonSchema = z.record(z.string(), z.unknown());

/** A change was saved. */
export const savedConfiguration = z
  .object({ etag: z.string().describe("Names the new version: for the next If-Match.") })
  .meta({ id: "SavedConfiguration" });

/** What a change would do. */
export const impact = z
  .object({
    preview: z.literal(true),
    cycleId: z
      .string()
      .nullable()
      .describe("The cycle that tells who is touched; null: nobody can be."),
    status: cycleStatus.exclude(["interrupted"]),
    users: z.object({
      read: count,
      compared: count.describe("Who were planned with both configurations."),
      touched: count,
      spared: count.describe("Of those touched, who only do not get what would be written now."),
      unknown: count.describe("Who could not be planned."),
    }),
    operations: operationCounts.describe("The writes that are made because of the change."),
    harm,
    summary: z.string(),
    reason: reason.nullable(),
  })
  .meta({
    id: "Impact",
    description: "What a change of the configuration would do.",
  }) satisfies z.ZodType<Impact>;

const version = z.object({
  id: z.string(),
  at: timestamp,
  actor: z.string().describe("Who saved it; `unknown` for one that was put there by hand."),
});

/** A page of versions, newest first. */
export const configurationVersions = pageOf(version.meta({ id: "ConfigurationVersion" })).meta({
  id: "ConfigurationVersions",
});

/** One version with its document. */
export const configurationVersion = version
  .extend({ document: savedDocument })
  .meta({ id: "ConfigurationVersionWithDocument" });
