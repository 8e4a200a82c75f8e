// Opaque tokens for $skiptoken and $deltatoken: everything needed to go on is in them, so nothing is kept per reader.
import { randomBytes } from "node:crypto";
import type * as z from "zod";

/** Packs a value; the nonce makes each token a different string, as Graph's are. */
export function packToken(value: object): string {
  const nonce = randomBytes(6).toString("base64url");
  return Buffer.from(JSON.stringify({ ...value, nonce })).toString("base64url");
}

/** Unpacks a token of the given shape; undefined when it is not one. */
export function unpackToken<T>(token: string, shape: z.ZodType<T>): T | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
    const result = shape.safeParse(parsed);
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}
