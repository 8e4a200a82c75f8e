// GET audit: what a reader may ask, checked value by value, and the continuation that belongs to just that question.
import { createHash } from "node:crypto";
import { z } from "zod";
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

/** The query of GET audit. */
export const auditParameters = z.strictObject({
  from: isoTime.optional().describe("ISO 8601 time or date: not older than this."),
  to: isoTime.optional().describe("ISO 8601 time or date: older than this."),
  user: z
    .guid("must be a Drupal UUID or an Entra object id")
    .toLowerCase()
    .optional()
    .describe("A Drupal UUID or an Entra object id."),
  operation: operationSchema.optional(),
  resourceType: z.enum(["user", "role", "photo", "configuration", "cycle"]).optional(),
  status: z.enum(["success", "failure", "skipped", "warning"]).optional(),
  system: z.enum(["drupal", "entra"]).optional(),
  direction: z.enum(["drupalToEntra", "entraToDrupal"]).optional(),
  cause: causeSchema.optional(),
  cycle: z.guid("must be the id of a cycle").optional().describe("The id of a cycle."),
  ...pageParameters.shape,
  format: z.literal("json").default("json"),
});

/** A checked question to the audit log. */
export type AuditRequest = Omit<z.infer<typeof auditParameters>, "continuation" | "format"> & {
  readonly position: Position | undefined;
};

const position = z.tuple([z.string(), z.string().max(200), z.string().max(200)]);
interface Position {
  readonly partitionKey: string;
  readonly rowKey: string;
}

const fingerprintOf = (parameters: object): string =>
  createHash("sha256").update(JSON.stringify(parameters)).digest("base64url").slice(0, 16);

const questionOf = (parameters: z.infer<typeof auditParameters>): string => {
  const { continuation: _continuation, limit: _limit, ...question } = parameters;
  return fingerprintOf(Object.entries(question).toSorted(([a], [b]) => a.localeCompare(b)));
};

function parsePosition(text: string, question: string): Position {
  const isOurs = ([query]: readonly string[]) => query === question;
  const [, partitionKey, rowKey] = readContinuation(text, position, isOurs);
  return { partitionKey, rowKey };
}

/** A checked question, and how to make the continuation of its answer. */
export function parseAuditRequest(query: URLSearchParams): {
  readonly request: AuditRequest;
  readonly continuationOf: (position: Position) => string;
} {
  const parameters = parseQuery(auditParameters, query);
  const question = questionOf(parameters);
  const { continuation, format: _format, ...request } = parameters;
  return {
    request: {
      ...request,
      position: continuation === undefined ? undefined : parsePosition(continuation, question),
    },
    continuationOf: ({ partitionKey, rowKey }) =>
      writeContinuation([question, partitionKey, rowKey]),
  };
}
