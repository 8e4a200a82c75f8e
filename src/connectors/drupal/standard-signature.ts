// Verifies a signature of Standard Webhooks: headers first, strictly, then the text by each key.
import { Webhook } from "standardwebhooks";

const ID = /^[A-Za-z0-9_-]{1,128}$/;
const TIMESTAMP = /^\d{10}$/;
const MAX_SIGNATURES = 5;
const MAX_SIGNATURE_HEADER = 1024;

/** The id of a delivery or request, where it is one. */
export const isDeliveryId = (text: string): boolean => ID.test(text);

/**
 * Whether the text was signed with one of the keys under the id and the time of the headers (names in lower case), at most 300
 * seconds from now. Never throws. The library is lenient about what surrounds the signature: headers are checked here first.
 */
export function isStandardGenuine(
  headers: Readonly<Record<string, string | undefined>>,
  text: string,
  keys: readonly Uint8Array[],
): boolean {
  const id = headers["webhook-id"] ?? "";
  const timestamp = headers["webhook-timestamp"] ?? "";
  const signature = headers["webhook-signature"] ?? "";
  if (!isDeliveryId(id) || !TIMESTAMP.test(timestamp)) return false;
  if (signature.length > MAX_SIGNATURE_HEADER || signature.split(" ").length > MAX_SIGNATURES)
    return false;
  const signed = {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signature,
  };
  return keys.some((key) => {
    try {
      new Webhook(key, { format: "raw" }).verify(text, signed, { jsonParse: false });
      return true;
    } catch {
      return false; // not by this key; a malformed entry of the list makes the library throw a TypeError
    }
  });
}
