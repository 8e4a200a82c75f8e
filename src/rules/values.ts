// Equality and fingerprints of attribute values: two values are the same when a person would say so.
import { createHash } from "node:crypto";
import type { AttributeValue } from "./users.ts";

/**
 * The comparable form of a value: text is NFC and trimmed, empty text and empty lists are null,
 * lists compare without regard to order. Absent and null are the same.
 */
export function canonical(value: AttributeValue | undefined): AttributeValue {
  if (value === undefined || value === null) return null;
  if (typeof value === "string") {
    const text = value.normalize("NFC").trim();
    return text === "" ? null : text;
  }
  if (typeof value === "number" || typeof value === "boolean") return value;
  const items = value.map((item) => item.normalize("NFC").trim()).filter((item) => item !== "");
  return items.length === 0 ? null : [...new Set(items)].toSorted();
}

/** A fingerprint of the canonical value, as kept in the link's base: 128 bits of SHA-256, base64url. */
export function fingerprint(value: AttributeValue | undefined): string {
  return createHash("sha256")
    .update(JSON.stringify(canonical(value)))
    .digest("base64url")
    .slice(0, 22);
}

/** The form in which names and mail addresses are compared across systems: NFC, trimmed, lower case. Not NFKC: it would
 * make look-alikes of other scripts and widths equal, and a match is trusted. */
export function folded(text: string): string {
  return text.normalize("NFC").trim().toLowerCase();
}
