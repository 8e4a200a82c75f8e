// Why a user is as they are: import, scoping, matching, processing, export, each with its reason.
import { z } from "zod";
import type { OpenConflict, ShownConflict } from "../../rules/conflicts.ts";
import type { ExplainedExport, Explanation } from "../../rules/explanation.ts";
import type { Block } from "../../rules/link.ts";
import {
  type AttributeDecision,
  type AttributeFailure,
  operationSchema,
} from "../../rules/plan.ts";
import { attributeValue, bySystem, change, harm, reason, system, timestamp } from "./words.ts";

const told = { status: z.enum(["success", "skipped", "warning", "failure"]), reason };
const attributes = z.record(z.string(), attributeValue);

/** Whose block keeps an account disabled. */
export const block = z
  .enum(["none", "ours", "parked"])
  .describe(
    "Whose block keeps the account disabled. `ours`: the sync's, which may lift it. `parked`: its earlier holder left, and an operator lifts it.",
  ) satisfies z.ZodType<Block>;

/** Why a row waits for an operator. */
export const conflictCode = z
  .enum(["manual", "newestUnknown", "pingPong"])
  .describe(
    "`manual`: the row asks for a person. `newestUnknown`: it cannot be told which edit is newer. `pingPong`: something sets the value back each time.",
  ) satisfies z.ZodType<OpenConflict["code"]>;

/** A write, and how it went. */
export const exportedStep = z.object({
  operation: operationSchema.exclude(["none"]),
  system: system.describe("The system that is written."),
  resource: z.enum(["user", "role"]),
  changes: z.array(change),
  status: z
    .enum(["success", "failure", "skipped", "warning", "planned"])
    .describe("`planned`: nothing was written."),
  reason,
}) satisfies z.ZodType<ExplainedExport>;

const drupalUser = z.object({
  uuid: z.string(),
  uid: z.int(),
  name: z.string(),
  mail: z.string().nullable(),
  enabled: z.boolean(),
  isMailProven: z
    .boolean()
    .describe("The mail is the one of the registration, and its person has signed in."),
  roles: z.array(z.string()),
  changedAt: z.string(),
  attributes: attributes.describe("The fields that the configuration is about."),
});

const entraUser = z.object({
  objectId: z.string(),
  userPrincipalName: z.string(),
  enabled: z.boolean(),
  userType: z.string().nullable(),
  onPremisesSynced: z.boolean().describe("Mastered on premises: it is not written."),
  attributes,
});

const serves = z.object({
  isOn: z.boolean(),
  inScope: z.boolean().nullable(),
  code: z.string().exactOptional(),
  message: z.string().exactOptional(),
});

const decision = z.object({
  key: z.string().describe("The row of the mapping."),
  drupal: z.string().nullable(),
  entra: z.string().nullable(),
  flow: z.enum(["drupalToEntra", "entraToDrupal", "both"]),
  authority: z.enum(["drupal", "entra", "newest", "manual"]),
  drupalValue: attributeValue,
  entraValue: attributeValue,
  verdict: z.enum([
    "equal",
    "toEntra",
    "toDrupal",
    "kept",
    "conflict",
    "failed",
    "unreadable",
    "off",
  ]),
  moved: z
    .enum(["neither", "drupal", "entra", "both", "neverAgreed", "unknown"])
    .describe("Which side moved since both last agreed; unknown: a side does not show its value."),
  change: change.exactOptional().describe("What would be written."),
  reason,
}) satisfies z.ZodType<AttributeDecision>;

const failure = z.object({
  attribute: z.string(),
  code: z.string(),
  message: z.string(),
}) satisfies z.ZodType<AttributeFailure>;

const conflict = z.object({
  key: z.string(),
  code: conflictCode,
  message: z.string(),
  drupal: z.string().nullable(),
  entra: z.string().nullable(),
  openedAt: timestamp,
  drupalValue: attributeValue,
  entraValue: attributeValue,
}) satisfies z.ZodType<ShownConflict>;

/** The five steps of one user. */
export const explanation = z
  .object({
    drupalUuid: z.string(),
    entraObjectId: z.string().nullable(),
    import: z.object({ ...told, drupal: drupalUser.nullable(), entra: entraUser.nullable() }),
    scoping: z.object({
      ...told,
      directions: z.object({ drupalToEntra: serves, entraToDrupal: serves }),
    }),
    matching: z.object({
      ...told,
      linkedAt: timestamp.nullable(),
      madeByUs: bySystem(z.boolean()),
      blocks: bySystem(block),
    }),
    processing: z.object({
      ...told,
      attributes: z.array(decision).describe("Each row of the mapping, and what it came to."),
      failures: z.array(failure).describe("Attributes that cannot be written."),
      conflicts: z.array(conflict).describe("Rows that wait for an operator."),
    }),
    export: z.object({ ...told, steps: z.array(exportedStep), harm }),
  })
  .meta({
    id: "Explanation",
    description: "The five steps of one user, as Entra's own provisioning on demand names them.",
  }) satisfies z.ZodType<Explanation>;
