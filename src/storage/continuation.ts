// Where a page ended, as an opaque text for callers: what comes back is checked before it is used in a query.
import { z } from "zod";
import { RejectedError } from "../rules/errors.ts";

/** The key of the last row of a page. */
export interface Position {
  readonly partitionKey: string;
  readonly rowKey: string;
}

/** The continuation after a row of the listing named `of`. */
export function writeContinuation(of: string, { partitionKey, rowKey }: Position): string {
  return Buffer.from(JSON.stringify([of, partitionKey, rowKey])).toString("base64url");
}

/** The position that a continuation of the same listing stands for; RejectedError for anything else. */
export function readContinuation<T extends Position>(
  of: string,
  keys: z.ZodType<T>,
  continuation: string,
): T {
  try {
    const text = Buffer.from(continuation, "base64url").toString("utf8");
    const [, partitionKey, rowKey] = z
      .tuple([z.literal(of), z.string(), z.string()])
      .parse(JSON.parse(text));
    return keys.parse({ partitionKey, rowKey });
  } catch (cause) {
    const options = { system: "storage", code: "invalidContinuation", cause } as const;
    throw new RejectedError("the continuation does not belong to this listing", options);
  }
}
