// Conditional requests (RFC 9110, 13): who changes something says which version was seen, who reads may say it too.
import type { HttpRequest } from "@azure/functions";
import { Problem } from "./problem.ts";

/** What must hold for a change: nothing is there yet, anything is, or one of these ETags is the current one. */
export type Precondition = "absent" | "any" | readonly string[];

const ENTITY_TAG = String.raw`(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"`;
const LIST = new RegExp(String.raw`^\s*${ENTITY_TAG}(?:\s*,\s*${ENTITY_TAG})*\s*$`);

// A tag that a compressing proxy made weak on its way to the client still names that version: the mark is not compared.
function tagsIn(header: string): string[] | null {
  if (header.length > 4096 || !LIST.test(header)) return null;
  return [...header.matchAll(new RegExp(ENTITY_TAG, "g"))].map(([tag]) => tag.replace(/^W\//, ""));
}

/** The precondition of a change; a Problem 428 when the client says none, 400 when it cannot be read. */
export function requirePrecondition(request: HttpRequest): Precondition {
  const match = request.headers.get("if-match");
  const noneMatch = request.headers.get("if-none-match");
  if (match === null && noneMatch === null) {
    throw new Problem(
      428,
      "preconditionRequired",
      "Send If-Match with the ETag of what you read, or If-None-Match: * for the first save.",
    );
  }
  const tags = match === null ? null : tagsIn(match);
  if (noneMatch === null && match?.trim() === "*") return "any";
  if (noneMatch === null && tags !== null) return tags;
  if (match === null && noneMatch?.trim() === "*") return "absent";
  throw new Problem(
    400,
    "invalidPrecondition",
    "One of If-Match (an ETag in quotes) and If-None-Match: * is needed.",
  );
}

/** The precondition of a question about a change, null where the client says none; a Problem 400 when it cannot be read. */
export function optionalPrecondition(request: HttpRequest): Precondition | null {
  const { headers } = request;
  return headers.has("if-match") || headers.has("if-none-match")
    ? requirePrecondition(request)
    : null;
}

/** Whether the client has the current version already, and a 304 is enough. */
export function isNotModified(request: HttpRequest, etag: string | null): boolean {
  const header = request.headers.get("if-none-match");
  if (header === null || etag === null) return false;
  return header.trim() === "*" || (tagsIn(header)?.includes(etag) ?? false);
}
