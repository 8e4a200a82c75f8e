// The words that several answers share: systems, directions, times, reasons, values, and how a listing is paged.
import { z } from "zod";
import type { KeptChange } from "../../rules/audit-entry.ts";
import type { FailingSystem } from "../../rules/errors.ts";
import type { Change, Harm, Reason } from "../../rules/plan.ts";
import type { AttributeValue, Direction, System } from "../../rules/users.ts";

/** One of the two systems. */
export const system = z.enum(["drupal", "entra"]) satisfies z.ZodType<System>;

/** A system that can fail us, our own storage among them. */
export const failing = z.enum(["drupal", "entra", "storage"]) satisfies z.ZodType<FailingSystem>;

/** The way that values go. */
export const direction = z.enum(["drupalToEntra", "entraToDrupal"]) satisfies z.ZodType<Direction>;

/** ISO 8601 in UTC. */
export const timestamp = z.iso.datetime();

/** How many. */
export const count = z.int().min(0);

/** Something for each of the two systems. */
export const bySystem = <T extends z.ZodType>(each: T) => z.object({ drupal: each, entra: each });

/** Why. */
export const reason = z
  .object({
    code: z.string().describe("Stable, in camelCase: for programs."),
    message: z.string().describe("A sentence for an operator; it may change."),
  })
  .meta({
    id: "Reason",
    examples: [{ code: "alreadyInSync", message: "both sides are as last agreed" }],
  }) satisfies z.ZodType<Reason>;

/** The value of an attribute. */
export const attributeValue = z
  .union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.null()])
  .meta({
    id: "AttributeValue",
    description: "The value of an attribute; null is known to be empty.",
  }) satisfies z.ZodType<AttributeValue>;

/** One attribute of one write. */
export const change = z
  .object({
    attribute: z.string(),
    before: attributeValue,
    after: attributeValue,
    why: z.string().describe("The code of the rule that asks for it, such as changedInDrupal."),
  })
  .meta({ id: "Change", description: "One attribute of one write." }) satisfies z.ZodType<Change>;

/** The same as the audit log keeps it. */
export const keptChange = change
  .extend({
    kept: z
      .enum(["hash", "none"])
      .optional()
      .describe(
        "Absent: the values are whole. `hash`: they are fingerprints. `none`: they are not there (AUDIT_VALUES).",
      ),
  })
  .meta({
    id: "KeptChange",
    description: "One attribute of one write, with values as the audit log may keep them.",
  }) satisfies z.ZodType<KeptChange>;

/** What is taken away from people. */
export const harm = z.object({ disables: count, deletes: count, roleRemovals: count }).meta({
  id: "Harm",
  description: "How many users are disabled, deleted, or lose roles.",
}) satisfies z.ZodType<Harm>;

/** Where the next page begins. */
export const continuation = z
  .string()
  .nullable()
  .describe(
    "Opaque: given back as `continuation`, it asks for the next page. null: this is the last.",
  );

/** One page of a listing. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), continuation });
