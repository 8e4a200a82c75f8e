// UUIDs that are the same on each start, so that links made yesterday still point at the same seeded people.
import { createHash } from "node:crypto";

/** A well-formed version 4 UUID (RFC 9562) derived from a text. */
export function deterministicUuid(text: string): string {
  const hex = createHash("sha1").update(`drupal simulator ${text}`).digest("hex");
  const variant = "89ab"[Number.parseInt(hex.slice(16, 17), 16) % 4] ?? "8";
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
