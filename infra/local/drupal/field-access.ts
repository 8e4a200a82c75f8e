// Who may see and change which field, after core's UserAccessControlHandler.
import type { Identity } from "./drupal-http.ts";
import type { DrupalUser } from "./drupal-user.ts";
import type { Site } from "./site.ts";
import { isReference } from "./user-fields.ts";

/** Core's fields in the order in which Drupal normalises them; what the site added follows by name. */
const CORE_FIELDS = [
  "uid",
  "uuid",
  "langcode",
  "preferred_langcode",
  "preferred_admin_langcode",
  "name",
  "mail",
  "timezone",
  "status",
  "created",
  "changed",
  "access",
  "login",
  "init",
  "roles",
  "default_langcode",
] as const;

/** All fields that can be shown, in the order of the webhook body; `pass` never is. */
export const userFields = (site: Site): readonly string[] => [
  ...CORE_FIELDS,
  ...site.fields.map(({ name }) => name),
  "user_picture",
];

/** The fields that are relationships; the added ones come between core's two (contract/drupal-fields 001). */
export const relationshipFields = (site: Site): readonly string[] => [
  "roles",
  ...site.fields.filter(isReference).map(({ name }) => name),
  "user_picture",
];

const OWN: readonly string[] = ["preferred_langcode", "preferred_admin_langcode", "timezone"];
const ADMIN: readonly string[] = ["status", "access", "login", "init", "roles"];

const isOwn = (who: Identity, user: DrupalUser): boolean => who.user?.uuid === user.uuid;

/** Whether more than the label of this user may be seen. Nobody sees uid 0 (contract/drupal 074). */
export function maySeeUser(who: Identity, user: DrupalUser): boolean {
  if (user.uid === 0) return false;
  if (who.may("administer users") || isOwn(who, user)) return true;
  return who.may("access user profiles") && user.status;
}

/** Whether one field of a visible user may be seen (contract/drupal 064, 065, 149). */
export function maySeeField(who: Identity, user: DrupalUser, field: string): boolean {
  if (who.may("administer users")) return true;
  if (field === "mail") return isOwn(who, user) || who.may("view user email addresses");
  if (OWN.includes(field)) return isOwn(who, user);
  return !ADMIN.includes(field);
}

/** Whether a filter may name this field, which is asked without any user at hand (contract/drupal 089, 115). */
export function mayFilterBy(who: Identity, field: string): boolean {
  if (field === "pass") return false;
  if (who.may("administer users")) return true;
  if (field === "mail") return who.may("view user email addresses");
  return !OWN.includes(field) && !ADMIN.includes(field);
}

/** Why a user entity may not be changed, or undefined when it may (contract/drupal 211, 265). */
export function updateForbidden(who: Identity, user: DrupalUser): string | undefined {
  if (user.uid === 0) return "";
  if (who.may("administer users") || isOwn(who, user)) return undefined;
  return "Users can only update their own account, unless they have the 'administer users' permission.";
}

/** Why an account may not be cancelled, or undefined when it may (contract/drupal 256, 264, 265). */
export function cancelForbidden(who: Identity, user: DrupalUser): string | undefined {
  if (user.uid === 0) return "";
  if (who.may("administer users")) return undefined;
  if (isOwn(who, user) && who.may("cancel account")) return undefined;
  return "The 'cancel account' permission is required.";
}

/** Whether a field may be written on a user that may be changed (contract/drupal 049, 150-152, 165). */
export function mayEditField(site: Site, who: Identity, user: DrupalUser, field: string): boolean {
  if (field === "changed" || field === "uid") return false;
  if (who.may("administer users")) return true;
  if (!isOwn(who, user)) return false;
  if (field === "name") return who.may("change own username");
  if (field === "mail" || field === "pass" || OWN.includes(field)) return true;
  return field === "user_picture" || site.fields.some(({ name }) => name === field);
}
