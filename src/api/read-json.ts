// Reads a request's JSON body: of that media type, up to a limit, in UTF-8.
import type { HttpRequest } from "@azure/functions";
import { mediaTypeOf } from "./media-type.ts";
import { Problem } from "./problem.ts";
import { readBody } from "./read-body.ts";

/** A Problem 415 for a body that is not said to be JSON. */
export function requireJson(request: HttpRequest): void {
  if (mediaTypeOf(request) !== "application/json")
    throw new Problem(415, "unsupportedMediaType", "The body must be application/json.");
}

/** The parsed bytes; a Problem 400 otherwise. */
export function parseJsonBytes(body: Uint8Array): unknown {
  try {
    // JSON is UTF-8 (RFC 8259, 8.1): other bytes are a fault, not a replacement character in someone's name.
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new Problem(400, "malformedJson", "The body is not JSON in UTF-8.");
  }
}

/** The parsed body; a Problem 415, 413 or 400 otherwise. What it holds is still to be checked. */
export async function readJson(request: HttpRequest, limit: number): Promise<unknown> {
  requireJson(request);
  return parseJsonBytes(await readBody(request, limit));
}
