// The name of a user in logs: the same for the same user, and nothing that anyone outside could find them by.
import { createHash } from "node:crypto";

/** `u-` and 16 hex digits. */
export type Pseudonym = `u-${string}`;

// Hex, so that a query can make it from a known id: KQL's hash_sha256 answers hex (infra/azure/queries.kql).
const PREFIX = "drupal-entra-user-sync:";

/**
 * The pseudonym of a Drupal UUID or Entra object id, in any case of letters. Whoever knows the id can make it, and nobody can
 * go back: the ids are random (122 bits). It still is personal data for those who hold the ids.
 */
export function pseudonym(id: string): Pseudonym {
  const digest = createHash("sha256").update(`${PREFIX}${id.toLowerCase()}`).digest("hex");
  return `u-${digest.slice(0, 16)}`;
}
