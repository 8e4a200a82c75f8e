// Matching: which existing Entra user an unlinked Drupal user is. Keys serve unlinked users only.
import type { SyncConfiguration } from "./configuration.ts";
import type { Reason } from "./plan.ts";
import type { DrupalUser, EntraUser } from "./users.ts";
import { folded } from "./values.ts";

/** One look-up: the Entra users whose `attribute` is `value`. */
export interface MatchingKey {
  /** `mail`, `userPrincipalName`, or the path of the marker. */
  readonly attribute: string;
  readonly value: string;
}

/** What the look-ups came to. */
export type Match =
  | { readonly kind: "none" }
  | { readonly kind: "one"; readonly user: EntraUser }
  | { readonly kind: "several"; readonly reason: Reason };

/**
 * The keys to try for a user: our own marker first, then the configured ones in their order. A user without mail has
 * no mail key.
 */
export function matchingKeys(user: DrupalUser, configuration: SyncConfiguration): MatchingKey[] {
  const marker = { attribute: configuration.account.marker, value: user.uuid };
  const configured = configuration.matching.flatMap((row) => {
    const value = row.drupal === "mail" ? user.mail : user.name;
    return value === null || value.trim() === ""
      ? []
      : [{ attribute: row.entra, value: folded(value) }];
  });
  return [marker, ...configured];
}

/** One candidate is a match; two are a conflict with both named, never a write. */
export function matchOf(candidates: readonly EntraUser[]): Match {
  const distinct = [...new Map(candidates.map((user) => [user.objectId, user])).values()];
  const [first, ...others] = distinct;
  if (first === undefined) return { kind: "none" };
  if (others.length === 0) return { kind: "one", user: first };
  const ids = distinct.map((user) => user.objectId).join(", ");
  const message = `more than one Entra user has the same matching key: ${ids}`;
  return { kind: "several", reason: { code: "ambiguousMatch", message } };
}
