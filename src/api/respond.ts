// Turns what a handler throws into an answer: a problem as itself, a named failure as 503, a refusal as 422 (or 400, where
// it is the caller's continuation), anything else as a bare 500.

import { ReadableStream } from "node:stream/web";
import type {
  HttpHandler,
  HttpRequest,
  HttpResponseInit,
  InvocationContext,
} from "@azure/functions";
import { RejectedError, SyncFailure, TransientError } from "../rules/errors.ts";
import { logLine } from "../rules/log-line.ts";
import { maskedStream } from "./masked-stream.ts";
import { connectionOf, pacedStream } from "./paced-stream.ts";
import { Problem, problemResponse } from "./problem.ts";

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof RejectedError && error.code === "invalidContinuation")
    return new Problem(400, error.code, "The continuation does not belong to this listing.");
  // Asking again is not going to help.
  if (error instanceof RejectedError) return new Problem(422, error.code, error.message);
  if (error instanceof SyncFailure) {
    const waitMs = error instanceof TransientError ? (error.retryAfterMs ?? 5000) : 60_000;
    const headers = { "Retry-After": String(Math.ceil(waitMs / 1000)) };
    return new Problem(503, error.code, error.message, { headers });
  }
  return new Problem(
    500,
    "unexpectedFailure",
    "Something went wrong; the log of the app has the details.",
  );
}

const isRefusal = ({ status }: Problem): boolean => status >= 400 && status < 500;

// Who knocks in vain, and why: a secret that was not rotated, a missing app role, a client of an old contract. A code is all that is
// told: messages and faults may quote what was sent.
const refusalLine = ({ status, code }: Problem, { functionName }: InvocationContext): string =>
  logLine({ event: "request.refused", function: functionName, status, reason: code });

/** Wraps a handler so that every failure is answered in the public form, and unexpected ones and refusals are logged; and a stream goes at
 * the pace of its reader. */
export function respond(
  handle: (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>,
): HttpHandler {
  return async (request, context) => {
    const connection = connectionOf(context.invocationId);
    const report = (error: unknown) =>
      context.error(logLine({ event: "request.failed", function: context.functionName, error }));
    try {
      const answer = await handle(request, context);
      const { body } = answer;
      return body instanceof ReadableStream
        ? { ...answer, body: pacedStream(maskedStream(body, report), connection) }
        : answer;
    } catch (error) {
      const problem = problemOf(error);
      if (problem.status === 500) report(error);
      if (isRefusal(problem)) context.info(refusalLine(problem, context));
      return problemResponse(problem);
    }
  };
}
