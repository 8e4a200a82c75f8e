// Where a page ended, as an opaque text for callers: what comes back is checked before it is used.
import type { z } from "zod";
import { Problem } from "./problem.ts";

/** A place as a continuation. */
export const writeContinuation = (place: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(place)).toString("base64url");

/**
 * The place that a continuation stands for, when it belongs to the question asked; a Problem 400 `invalidContinuation` with
 * `message` for anything else.
 */
export function readContinuation<T>(
  continuation: string,
  schema: z.ZodType<T>,
  belongs: (place: T) => boolean,
  message = "The continuation does not belong to this query.",
): T {
  let place: T | null;
  try {
    place = schema.parse(JSON.parse(Buffer.from(continuation, "base64url").toString("utf8")));
  } catch {
    place = null;
  }
  if (place === null || !belongs(place)) throw new Problem(400, "invalidContinuation", message);
  return place;
}
