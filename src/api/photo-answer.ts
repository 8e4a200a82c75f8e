// A kept picture as an answer: shown as what it is and as nothing else.
import type { HttpResponseInit } from "@azure/functions";
import { Problem, SAFE_HEADERS } from "./problem.ts";

/** A picture as it is kept. */
export interface KeptPicture {
  readonly bytes: Uint8Array;
  /** One of the four kinds that are let in. */
  readonly contentType: string;
  /** Of the bytes, in hex. */
  readonly hash: string;
}

/** 200 with the bytes, 304 for whoever has them already (RFC 9110 13.1.2), or a Problem 404. */
export function photoAnswer(
  photo: KeptPicture | null,
  ifNoneMatch: string | null,
): HttpResponseInit {
  if (photo === null) throw new Problem(404, "photoNotFound", "No picture of this user is kept.");
  const { bytes, contentType, hash } = photo;
  const etag = `"${hash}"`;
  const headers = {
    ...SAFE_HEADERS,
    // Kept by the reader's own browser, and asked for each time.
    "Cache-Control": "private, no-cache",
    ETag: etag,
    // A file that pretends to be a page can do nothing.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": "inline",
  };
  const known = (ifNoneMatch ?? "").split(",").map((one) => one.trim().replace(/^W\//, ""));
  if (known.includes(etag)) return { status: 304, headers };
  return { status: 200, headers: { ...headers, "Content-Type": contentType }, body: bytes };
}
