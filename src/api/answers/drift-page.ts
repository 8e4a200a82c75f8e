// The answer of GET drift: how many users are not the same on both sides, and page by page who.
import { z } from "zod";
import { DRIFT_KINDS, type DriftRow } from "../../rules/drift.ts";
import { bySystem, count, pageOf, reason, timestamp } from "./words.ts";

const row = z
  .object({
    kind: z
      .enum(DRIFT_KINDS)
      .describe(
        "`onlyInDrupal`, `onlyInEntra`: joined to no account that is there on the other side. `differs`: not as last agreed. `conflict`: waits for an operator. `escrowed`: waits to be tried again.",
      ),
    drupalUuid: z.string().nullable(),
    entraObjectId: z.string().nullable(),
    name: z.string().nullable(),
    attributes: z
      .array(z.string())
      .describe("`drupal.<field>` and `entra.<property>`: what differs."),
    reason: reason.nullable().describe("Why the user is left so; null: no look has told yet."),
    since: timestamp.nullable(),
  })
  .meta({ id: "DriftRow" }) satisfies z.ZodType<DriftRow>;

/** A page of the report. */
export const driftPage = pageOf(row)
  .extend({
    asOf: bySystem(timestamp.nullable()).describe(
      "When the listing of each side began; null: none has come to its end yet.",
    ),
    counts: z
      .record(z.enum(DRIFT_KINDS), count.nullable())
      .describe("Of all users; null where the listing that would tell is missing."),
  })
  .meta({ id: "DriftPage" });
