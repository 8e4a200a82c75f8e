// POST provision and its relatives: what an operator may ask for one user, checked, and the answers in the public form.
import type { HttpResponseInit } from "@azure/functions";
import { z } from "zod";
import { parseSyncConfiguration, type SyncConfiguration } from "../rules/configuration.ts";
import type { Explanation } from "../rules/explanation.ts";
import type { Outcome } from "../rules/outcome.ts";
import type { Reason } from "../rules/plan.ts";
import { parseBody } from "./parse-body.ts";
import { json, Problem } from "./problem.ts";

const provisionBody = z
  .strictObject({
    system: z.enum(["drupal", "entra"]),
    id: z.string().trim().min(1).max(320),
    direction: z.enum(["drupalToEntra", "entraToDrupal"]).optional(),
    /** The object id of the Entra user that is the same person: joins the two where their keys prove nothing. */
    joins: z.guid().toLowerCase().optional(),
    dryRun: z.boolean().default(false),
    /** A sync configuration to plan by instead of the saved one: only for looking. */
    configuration: z.record(z.string(), z.unknown()).optional(),
  })
  .refine(({ system, joins }) => joins === undefined || system === "drupal", {
    path: ["joins"],
    message: "names the Entra user of a Drupal account: system must be drupal",
  })
  .refine(({ configuration, dryRun }) => configuration === undefined || dryRun, {
    path: ["configuration"],
    message: "is only for a dry run",
  });

const settleBody = z.strictObject({
  /** The row's key, or the name of one of its ends. */
  attribute: z.string().min(1).max(300),
  take: z.enum(["drupal", "entra"]),
  /** The conflict's `openedAt` as it was shown: another one is not settled. */
  openedAt: z.iso.datetime().optional(),
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

/** A UUID from the route; a Problem 404 for anything else, as no such resource can exist. */
export function requireUuid(text: string | undefined): string {
  const uuid = z.guid().safeParse(text);
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
  json(200, { dryRun: true, outcome: { status: "planned", operations: [], reason }, explanation });

/** What happened; 202 when the user could not be served now and is on the queue, with the time to ask again. */
export function outcomeAnswer(outcome: Outcome): HttpResponseInit {
  if (outcome.kind === "deferred") {
    const { reason, delayMs } = outcome;
    const body = { dryRun: false, outcome: { status: "deferred", operations: [], reason } };
    const retryAfter = { "Retry-After": String(Math.max(1, Math.ceil(delayMs / 1000))) };
    return json(202, { ...body, explanation: null }, retryAfter);
  }
  if (outcome.kind === "held") throw new Error("only a cycle holds a user back");
  const { status, operations, reason, explanation } = outcome;
  return json(200, { dryRun: false, outcome: { status, operations, reason }, explanation });
}
