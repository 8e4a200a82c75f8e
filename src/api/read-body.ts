// Reads a request's body up to a limit, before anything is done with it.
import type { HttpRequest } from "@azure/functions";
import { Problem } from "./problem.ts";

const tooLarge = (limit: number) =>
  new Problem(413, "bodyTooLarge", `The body may have at most ${limit} bytes.`);

/** The raw bytes; a Problem 413 as soon as the announced or the real length passes `limit` bytes. */
export async function readBody(request: HttpRequest, limit: number): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > limit) throw tooLarge(limit);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    const bytes: Uint8Array = Buffer.from(chunk);
    size += bytes.byteLength;
    if (size > limit) throw tooLarge(limit);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
