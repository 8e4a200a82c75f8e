// POST provision and its relatives: what an operator may ask for one user, checked, and the answers in the public form.
import type { HttpResponseInit } from "@azure/functions";
import { z } from "zod";
import { parseSyncConfiguration, type SyncConfiguration } from "../rules/configuration.ts";
import { AccessError, mayBeOfDraft } from "../rules/errors.ts";
import type { Explanation } from "../rules/explanation.ts";
import type { Outcome } from "../rules/outcome.ts";
import type { Reason } from "../rules/plan.ts";
import type { provisionResult } from "./answers/provision-result.ts";
import { jsonOf } from "./json-of.ts";
import { parseBody } from "./parse-body.ts";
import { Problem } from "./problem.ts";

/** The body of POST provision. */
export const provisionBody = z
  .strictObject({
    system: z.enum(["drupal", "entra"]).describe("The system that knows the user by `id`."),
    id: z
      .string()
      .trim()
      .min(1)
      .max(320)
      .describe("UUID, object id, user principal name, account name or mail."),
    direction: z
      .enum(["drupalToEntra", "entraToDrupal"])
      .optional()
      .describe("Left out: both ways."),
    joins: z
      .guid()
      .toLowerCase()
      .optional()
      .describe(
        "The object id of the Entra user that is the same person: joins the two where their keys prove nothing.",
      ),
    dryRun: z.boolean().default(false).describe("true: only the five steps, nothing is written."),
    configuration: z
      .record(z.string(), z.unknown())
      .optional()
      .describe("A sync configuration to plan by instead of the saved one: only with dryRun."),
  })
  .refine(({ system, joins }) => joins === undefined || system === "drupal", {
    path: ["joins"],
    message: "names the Entra user of a Drupal account: system must be drupal",
  })
  .refine(({ configuration, dryRun }) => configuration === undefined || dryRun, {
    path: ["configuration"],
    message: "is only for a dry run",
  });

/** A failure of a dry run by a draft: a permission that it would need is the draft's fault, a Problem 422. */
export const refusalOfDraft = (error: unknown): unknown =>
  error instanceof AccessError && mayBeOfDraft(error)
    ? new Problem(422, error.code, error.message)
    : error;

/** The body of POST links/{drupalUuid}/conflicts. */
export const settleBody = z.strictObject({
  attribute: z.string().min(1).max(300).describe("The row's key, or the name of one of its ends."),
  take: z.enum(["drupal", "entra"]).describe("The side whose value is taken."),
  openedAt: z.iso
    .datetime()
    .optional()
    .describe("The conflict's `openedAt` as it was shown: another one is not settled."),
});

/** The body of POST provision; a Problem 400 with every fault. */
export const parseProvisionBody = (body: unknown) => parseBody(provisionBody, body);

/** The configuration that a dry run is to plan by, null for the saved one; a Problem 422 with every fault. */
export function candidateOf(document: unknown): SyncConfiguration | null {
  if (document === undefined) return null;
  const parsed = parseSyncConfiguration(document);
  if (parsed.ok) return parsed.configuration;
  const { faults } = parsed;
  throw new Problem(422, "invalidConfiguration", "The configuration has faults.", { faults });
}

/** The body of POST links/{drupalUuid}/conflicts; a Problem 400 with every fault. */
export const parseSettleBody = (body: unknown) => parseBody(settleBody, body);

/** The id of a user in a route. */
export const userId = z.guid();

/** A UUID from the route; a Problem 404 for anything else, as no such resource can exist. */
export function requireUuid(text: string | undefined): string {
  const uuid = userId.safeParse(text);
  if (!uuid.success) throw new Problem(404, "linkNotFound", "There is no such link.");
  return uuid.data.toLowerCase();
}

/** 404 or 409: whom the operator named cannot be told. */
export function notFound(): Problem {
  return new Problem(404, "userNotFound", "No user has this id, name or mail.");
}

/** Several users have the name; each is told by its id. */
export function ambiguous(ids: readonly string[]): Problem {
  const faults = ids.map((id) => ({ path: "id", message: id }));
  return new Problem(409, "ambiguousUser", "More than one user has this name.", { faults });
}

/** What would happen: the five steps, nothing written. */
export const explainedAnswer = (
  reason: Reason,
  explanation: Explanation | null,
): HttpResponseInit =>
  jsonOf<typeof provisionResult>()(200, {
    dryRun: true,
    outcome: { status: "planned", operations: [], reason },
    explanation,
  });

/** What happened; 202 when the user could not be served now and is on the queue, with the time to ask again. */
export function outcomeAnswer(outcome: Outcome): HttpResponseInit {
  if (outcome.kind === "deferred") {
    const { reason, delayMs } = outcome;
    const shown = { status: "deferred", operations: [], reason } as const;
    const retryAfter = { "Retry-After": String(Math.max(1, Math.ceil(delayMs / 1000))) };
    const body = { dryRun: false, outcome: shown, explanation: null };
    return jsonOf<typeof provisionResult>()(202, body, retryAfter);
  }
  if (outcome.kind === "held") throw new Error("only a cycle holds a user back");
  const { status, operations, reason, explanation } = outcome;
  return jsonOf<typeof provisionResult>()(200, {
    dryRun: false,
    outcome: { status, operations, reason },
    explanation,
  });
}
