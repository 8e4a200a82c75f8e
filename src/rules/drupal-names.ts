// Names and ids that Drupal accepts, made from whatever Entra allows. Deterministic: the same user, the same names.
import { createHash } from "node:crypto";

// Drupal's UserNameConstraint (facts: drupal 13): letters of any script, digits and @ . ' - + _ and single spaces; at
// most 60 characters.
const REFUSED = /[^\p{L}\p{N}\p{M}@.'_+ -]+/gu;
const MAX_NAME = 60;

// `ada_example.org#EXT#@contoso.onmicrosoft.com` is ada@example.org (Entra: B2B user principal names).
function readable(userPrincipalName: string): string {
  const guest = /^(.+)_([^_]+)#EXT#/iu.exec(userPrincipalName);
  return (guest?.[1] ?? userPrincipalName.split("@")[0]) || userPrincipalName;
}

/** The name for a new Drupal account from the text that the configuration asks for. */
export function drupalNameOf(text: string, entraObjectId: string): string {
  const name = readable(text)
    .normalize("NFC")
    .replace(REFUSED, ".")
    .replace(/ {2,}/g, " ")
    .replace(/\.{2,}/g, ".")
    .slice(0, MAX_NAME)
    .replace(/^[ .]+|[ .]+$/g, "");
  return name === "" ? `user-${entraObjectId.slice(0, 8)}` : name;
}

/**
 * The names to try in order when others hold one: `ada`, `ada2` to `ada5`, and one that only this user can have.
 */
export function drupalNameCandidates(name: string, entraObjectId: string): string[] {
  const suffixes = ["", "2", "3", "4", "5", `-${entraObjectId.slice(0, 8)}`];
  return suffixes.map((suffix) => name.slice(0, MAX_NAME - suffix.length).trimEnd() + suffix);
}

// RFC 9562 5.5, in a namespace of our own.
const NAMESPACE = Buffer.from("6f3f1a5e2b0c4d6b9a3c5d1e7f802b94", "hex");

/**
 * The UUID of the Drupal account that we make for an Entra user: version 5, from its object id. Drupal takes a client's
 * UUID and refuses it the second time with 409 (contract/drupal 045, 046): a repeated create cannot make a second account.
 */
export function drupalUuidFor(entraObjectId: string): string {
  const hash = createHash("sha1")
    .update(NAMESPACE)
    .update(entraObjectId.toLowerCase())
    .digest()
    .subarray(0, 16);
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString("hex");
  return [8, 12, 16, 20, 32]
    .map((end, index, ends) => hex.slice(ends[index - 1] ?? 0, end))
    .join("-");
}
