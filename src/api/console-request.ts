// What Drupal's console may ask: pages of the audit log, and one of its own users, by UUID.
import { z } from "zod";
import type { ProvisionRequest } from "../rules/provision-request.ts";
import { auditParameters, parseAuditRequest } from "./audit-request.ts";
import { parseBody } from "./parse-body.ts";
import { parseQuery } from "./query.ts";

const MOST_ENTRIES = 50;

const { format: _format, bom: _bom, limit, ...filters } = auditParameters.shape;

/** The query of GET console/audit: the filters of GET audit, for pages only. */
export const consoleAuditParameters = z.strictObject({
  ...filters,
  limit: limit
    .unwrap()
    .max(MOST_ENTRIES)
    .optional()
    .describe(`How many entries a page has at the most; ${MOST_ENTRIES} if left out.`),
});

/** The request of a query, as of GET audit; a Problem 400 with every fault. */
export function parseConsoleAudit(query: URLSearchParams): ReturnType<typeof parseAuditRequest> {
  parseQuery(consoleAuditParameters, query);
  return parseAuditRequest(query);
}

// As Drupal lets people be called, without the at sign: a mail address is not for the log.
const ACCOUNT_NAME = /^[\p{L}\p{M}\p{N} +_.'-]{1,60}$/u;

const person = z
  .strictObject({
    uid: z.int().positive().optional().describe("Their user id; it counts before the name."),
    name: z
      .string()
      .regex(ACCOUNT_NAME, "must be the name of an account, and no mail address: send the uid")
      .optional()
      .describe("Their account name, where it is no mail address."),
  })
  .refine(({ uid, name }) => uid !== undefined || name !== undefined, "needs a uid or a name");

/** The body of POST console/provision. */
export const consoleProvisionBody = z.strictObject({
  drupalUuid: z.guid().toLowerCase().describe("The Drupal UUID of the user."),
  dryRun: z.boolean().default(false).describe("true: only the five steps, nothing is written."),
  actor: person.optional().describe("Who pressed the button, for the audit log."),
});

// No name of an account has a slash or a colon: neither can be taken for the other, nor for an Entra object id.
function actorOf(named: z.infer<typeof person> | undefined): string {
  if (named?.uid !== undefined) return `drupal:user/${named.uid}`;
  return named?.name === undefined ? "drupal" : `drupal:${named.name}`;
}

/** Whom the console wants to be provisioned, both ways and without an operator's powers; a Problem 400 with every fault. */
export function parseConsoleOrder(
  body: unknown,
  receivedAt: Date,
): { readonly order: ProvisionRequest; readonly dryRun: boolean } {
  const { drupalUuid, dryRun, actor } = parseBody(consoleProvisionBody, body);
  const order = {
    drupalUuid,
    cause: "onDemand",
    attempt: 0,
    receivedAt: receivedAt.toISOString(),
    byPerson: true,
    bySite: true,
    actor: actorOf(actor),
  } as const;
  return { order, dryRun };
}
