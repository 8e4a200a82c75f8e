// Applies a request document to a user: field access first, then the values, then the constraints.

import { refusal, violations } from "./drupal-error.ts";
import type { Identity } from "./drupal-http.ts";
import { type DrupalUser, differs } from "./drupal-user.ts";
import { mayEditField, maySeeField, USER_FIELDS } from "./field-access.ts";
import type { Site } from "./site.ts";
import { readAttribute, type UserDocument } from "./user-document.ts";
import { userErrors } from "./user-rules.ts";

const columnOf = (name: string): string => (name === "drupal_internal__uid" ? "uid" : name);

function forbidden(verb: string, name: string, member: string): Error {
  const reason = name === "drupal_internal__uid" ? " The entity ID cannot be changed." : "";
  return refusal(
    403,
    `The current user is not allowed to ${verb} the selected field (${name}).${reason}`,
    `/data/${member}/${name}`,
  );
}

/** A value that may not be edited may still be sent when it is visible and unchanged (contract/drupal 162-164). */
function unchangedAndVisible(
  who: Identity,
  before: DrupalUser,
  change: Partial<DrupalUser>,
  column: string,
): boolean {
  const field = USER_FIELDS.find((each) => each === column);
  return (
    field !== undefined &&
    maySeeField(who, before, field) &&
    !differs({ ...before, changed: 0 }, { ...before, ...change, changed: 0 }) &&
    (change.changed === undefined || change.changed === before.changed)
  );
}

function pictureChange(
  site: Site,
  picture: NonNullable<UserDocument["picture"]>,
): Partial<DrupalUser> {
  const file = site.files.get(picture.target);
  if (file !== undefined && !file.permanent)
    site.files.put({ ...file, permanent: true, changed: site.now() });
  return {
    user_picture: { ...picture, width: file?.width ?? 0, height: file?.height ?? 0 },
  };
}

/** Own mail and password are protected by the old password (ProtectedUserFieldConstraint; contract/drupal 149). */
function protectedErrors(
  who: Identity,
  before: DrupalUser | undefined,
  document: UserDocument,
): { detail: string; pointer: string }[] {
  if (before === undefined || who.user?.uuid !== before.uuid) return [];
  const pass = document.attributes.get("pass");
  const existing =
    typeof pass === "object" && pass !== null && "existing" in pass ? pass.existing : undefined;
  if (existing !== undefined && existing === before.pass) return [];
  const mail = document.attributes.get("mail");
  const newPass =
    typeof pass === "string" || (typeof pass === "object" && pass !== null && "value" in pass);
  const error = (field: string, label: string) => ({
    detail: `${field}: Your current password is missing or incorrect; it's required to change the ${label}.`,
    pointer: `/data/attributes/${field}`,
  });
  return [
    ...(mail !== undefined && mail !== before.mail ? [error("mail", "Email")] : []),
    ...(newPass ? [error("pass", "Password")] : []),
  ];
}

/** The user that would be saved; throws 403 for a field that may not be written, 422 with every violation. */
export function applyDocument(
  site: Site,
  who: Identity,
  start: DrupalUser,
  before: DrupalUser | undefined,
  document: UserDocument,
): DrupalUser {
  const verb = before === undefined ? "POST" : "PATCH";
  let after = start;
  for (const [name, value] of document.attributes) {
    const change = readAttribute(name, value);
    const column = columnOf(name);
    if (name !== "display_name" && !mayEditField(who, start, column)) {
      if (before !== undefined && unchangedAndVisible(who, before, change, column)) continue;
      throw forbidden(verb, name, "attributes");
    }
    after = { ...after, ...change };
  }
  if (document.roles !== undefined) {
    if (!mayEditField(who, start, "roles")) throw forbidden(verb, "roles", "relationships");
    // User::preSave drops the locked roles, so granting `authenticated` is 204 and nothing (contract/drupal 189).
    const roles = document.roles.filter((id) => id !== "authenticated" && id !== "anonymous");
    after = { ...after, roles: [...new Set(roles)] };
  }
  const errors = [
    ...protectedErrors(who, before, document),
    ...userErrors(
      after,
      before,
      site.users,
      (field) => before === undefined || document.attributes.has(field),
    ),
  ];
  if (errors.length > 0) throw violations(errors);
  if (document.picture === undefined) return after;
  if (!mayEditField(who, start, "user_picture"))
    throw forbidden(verb, "user_picture", "relationships");
  const picture =
    document.picture === null ? { user_picture: null } : pictureChange(site, document.picture);
  return { ...after, ...picture };
}
