// Applies a request document to a user: the values first, then field access, then the constraints.

import { type ErrorItem, refusal, violations } from "./drupal-error.ts";
import type { Identity } from "./drupal-http.ts";
import { type DrupalUser, differs } from "./drupal-user.ts";
import { mayEditField, maySeeField } from "./field-access.ts";
import { readAttribute } from "./read-attribute.ts";
import { readField } from "./read-field.ts";
import type { Site } from "./site.ts";
import type { UserDocument } from "./user-document.ts";
import { storedValue } from "./user-fields.ts";
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
  return (
    column !== "pass" &&
    maySeeField(who, before, column) &&
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

/** One named field: what it would store, and what is wrong with that. */
interface Change {
  readonly name: string;
  readonly member: "attributes" | "relationships";
  readonly values: Partial<DrupalUser>;
  readonly errors: readonly ErrorItem[];
}

/** Reads every value before anybody asks for access: a date that is none ends the request here. */
function changesOf(site: Site, { attributes, roles, references }: UserDocument): Change[] {
  const changes = [...attributes].map(([name, given]): Change => {
    const field = site.fields.find((each) => each.name === name);
    if (field === undefined)
      return { name, member: "attributes", values: readAttribute(name, given), errors: [] };
    const { value, errors } = readField(field, given);
    return { name, member: "attributes", values: { [name]: value }, errors };
  });
  const linked = [...references].map(([name, targets]): Change => {
    const field = site.fields.find((each) => each.name === name);
    const items = targets.map((targetId) => ({ targetId }));
    const value = field === undefined ? null : storedValue({ ...field, many: true }, items);
    return { name, member: "relationships", values: { [name]: value }, errors: [] };
  });
  if (roles === undefined) return [...changes, ...linked];
  // User::preSave drops the locked roles, so granting `authenticated` is 204 and nothing (contract/drupal 189).
  const kept = roles.filter((id) => id !== "authenticated" && id !== "anonymous");
  const values = { roles: [...new Set(kept)] };
  return [...changes, ...linked, { name: "roles", member: "relationships", values, errors: [] }];
}

/** The user that would be saved; throws 403 for a field that may not be written, 422 with every violation. */
export function applyDocument(
  site: Site,
  who: Identity,
  start: DrupalUser,
  before: DrupalUser | undefined,
  document: UserDocument,
  /** The relationship routes judge the whole user, not what they change (contract/drupal-fields 117). */
  wholeUser = before === undefined,
): DrupalUser {
  const verb = before === undefined ? "POST" : "PATCH";
  const changes = changesOf(site, document);
  let after = start;
  for (const { name, member, values } of changes) {
    const column = columnOf(name);
    const isAllowed = name === "display_name" || mayEditField(site, who, start, column);
    if (!isAllowed) {
      const isEcho =
        member === "attributes" &&
        before !== undefined &&
        unchangedAndVisible(who, before, values, column);
      if (isEcho) continue;
      throw forbidden(verb, name, member);
    }
    after = { ...after, ...values };
  }
  const named = new Map(changes.map((change) => [change.name, change.errors]));
  const errors = [
    ...protectedErrors(who, before, document),
    ...userErrors({
      site,
      who,
      user: after,
      before,
      isConcerned: (field) => wholeUser || named.has(field),
      faultsOf: (field) => named.get(field) ?? [],
    }),
  ];
  if (errors.length > 0) throw violations(errors);
  for (const field of site.fields) {
    const value = after[field.name];
    if (!field.many && Array.isArray(value)) after = { ...after, [field.name]: value[0] ?? null };
  }
  if (document.picture === undefined) return after;
  if (!mayEditField(site, who, start, "user_picture"))
    throw forbidden(verb, "user_picture", "relationships");
  const picture =
    document.picture === null ? { user_picture: null } : pictureChange(site, document.picture);
  return { ...after, ...picture };
}
