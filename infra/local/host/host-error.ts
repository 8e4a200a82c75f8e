// The error that stops the host at start-up: one line that says what is wrong and where.

import { z } from "zod";

/** Something in the app or its settings that this host does not run. `message` is one clear line. */
export class HostError extends Error {
  override name = "HostError";
}

/** The message of an unknown thrown value, on one line. */
export function messageOf(error: unknown): string {
  return textOf(error).replace(/\s*\n\s*/g, " ");
}

function textOf(error: unknown): string {
  if (error instanceof z.ZodError) return describeIssues(error.issues);
  return error instanceof Error ? error.message : String(error);
}

/** One line from zod's issues: path and message of each. */
export function describeIssues(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): string {
  return issues
    .map((issue) => {
      const path = issue.path.map(String).join(".");
      return path ? `${path}: ${issue.message}` : issue.message;
    })
    .join("; ");
}
