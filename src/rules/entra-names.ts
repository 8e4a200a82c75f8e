// Names that Entra accepts, made from whatever a Drupal site allows. Deterministic: the same user, the same names.
import { withoutDiacritics } from "./expressions.ts";

// Graph user-post-users: the local part of a UPN allows A-Z a-z 0-9 ' . - _ ! # ^ ~ and no accents. We write the
// subset that is also safe in a mailNickname and in a URL.
const REFUSED = /[^a-z0-9._'-]+/g;
const MAX_LOCAL_PART = 64;

/** The local part of a UPN for `text`, or `user-<start of the uuid>` when nothing of it can be kept. */
export function userPrincipalNameLocalPart(text: string, drupalUuid: string): string {
  const local = withoutDiacritics(text.split("@")[0] ?? "")
    .toLowerCase()
    .replace(REFUSED, ".")
    .replace(/\.{2,}/g, ".")
    .slice(0, MAX_LOCAL_PART)
    .replace(/^[.'-]+|[.'-]+$/g, "");
  return local === "" ? `user-${drupalUuid.slice(0, 8)}` : local;
}

/**
 * The local parts to try in order when others hold a name: `ada`, `ada2` to `ada5`, and one that only this user
 * can have. Bounded, so that a site with many namesakes costs at most six look-ups.
 */
export function collisionCandidates(local: string, drupalUuid: string): string[] {
  const suffixes = ["", "2", "3", "4", "5", `-${drupalUuid.slice(0, 8)}`];
  return suffixes.map((suffix) => local.slice(0, MAX_LOCAL_PART - suffix.length) + suffix);
}

/** The mailNickname that goes with a UPN (Graph: 64 characters, a subset of the UPN's). */
export function mailNicknameOf(userPrincipalName: string): string {
  return (userPrincipalName.split("@")[0] ?? "").slice(0, MAX_LOCAL_PART);
}
