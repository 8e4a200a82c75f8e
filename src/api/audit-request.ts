// GET audit: what a reader may ask, checked value by value, and the continuation that belongs to just that question.
import { createHash } from "node:crypto";
import { z } from "zod";
import { auditStatusSchema, resourceTypeSchema } from "../rules/audit-entry.ts";
import { operationSchema } from "../rules/plan.ts";
import { causeSchema } from "../rules/provision-request.ts";
import { readContinuation, writeContinuation } from "./continuation.ts";
import { pageParameters, parseQuery } from "./query.ts";

const isoTime = z
  .string()
  .pipe(
    z.union(
      [z.iso.datetime({ offset: true }), z.iso.date()],
      "must be an ISO 8601 time such as 2026-11-24T08:00:00Z",
    ),
  )
  .transform((text) => new Date(text));

const DEFAULT_LIMIT = 50;

/** The query of GET audit. `limit` and `continuation` are for pages: a file holds everything that fits. */
export const auditParameters = z
  .strictObject({
    from: isoTime.optional().describe("ISO 8601 time or date: not older than this."),
    to: isoTime.optional().describe("ISO 8601 time or date: not newer than this."),
    user: z
      .guid("must be a Drupal UUID or an Entra object id")
      .toLowerCase()
      .optional()
      .describe("A Drupal UUID or an Entra object id."),
    operation: operationSchema.optional(),
    resourceType: resourceTypeSchema.optional(),
    status: auditStatusSchema.optional(),
    system: z.enum(["drupal", "entra"]).optional(),
    direction: z.enum(["drupalToEntra", "entraToDrupal"]).optional(),
    cause: causeSchema.optional(),
    cycle: z
      .guid("must be the id of a cycle")
      .toLowerCase()
      .optional()
      .describe("The id of a cycle."),
    limit: pageParameters.shape.limit
      .unwrap()
      .optional()
      .describe(`How many entries a page has at the most; ${DEFAULT_LIMIT} if left out.`),
    continuation: pageParameters.shape.continuation,
    format: z
      .enum(["json", "csv", "ndjson"])
      .default("json")
      .describe(
        "A page, or all that fits as a file: each change as a row, or each entry as a line.",
      ),
    bom: z
      .enum(["true", "false"])
      .default("false")
      .describe("Of a CSV file: begin with the mark that Excel looks for."),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    path: ["from"],
    message: "must not be after to",
  })
  .refine(({ format, limit }) => format === "json" || limit === undefined, {
    path: ["limit"],
    message: "is for pages of JSON; a file holds everything",
  })
  .refine(({ format, continuation }) => format === "json" || continuation === undefined, {
    path: ["continuation"],
    message: "is for pages of JSON; a file holds everything",
  });

type AuditParameters = z.infer<typeof auditParameters>;

/** A checked request. */
export type AuditRequest = Omit<AuditParameters, "continuation" | "limit"> & {
  readonly limit: number;
  /** The row key after which the page begins. */
  readonly after: string | undefined;
};

// A time that counts down, and the id of an entry: what comes back is put into a filter.
const place = z.tuple([z.string(), z.string().regex(/^\d{15}-[\w-]{1,100}$/)]);

const fingerprintOf = (question: readonly unknown[]): string =>
  createHash("sha256").update(JSON.stringify(question)).digest("base64url").slice(0, 16);

const questionOf = (parameters: AuditParameters): readonly unknown[] => {
  const { continuation: _continuation, limit: _limit, ...question } = parameters;
  return Object.entries(question).toSorted(([a], [b]) => a.localeCompare(b));
};

/** The request of a query; a Problem 400 with every fault. And how to make the continuation of its answer. */
export function parseAuditRequest(query: URLSearchParams): {
  readonly request: AuditRequest;
  readonly continuationOf: (rowKey: string) => string;
} {
  const parameters = parseQuery(auditParameters, query);
  const { continuation, limit = DEFAULT_LIMIT, ...rest } = parameters;
  // Of the question and the place together: neither can be exchanged.
  const markOf = (rowKey: string) => fingerprintOf([questionOf(parameters), rowKey]);
  const after =
    continuation === undefined
      ? undefined
      : readContinuation(continuation, place, ([mark, rowKey]) => mark === markOf(rowKey))[1];
  return {
    request: { ...rest, limit, after },
    continuationOf: (rowKey) => writeContinuation([markOf(rowKey), rowKey]),
  };
}
