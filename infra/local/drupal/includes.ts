// `include`: what is added to a document, and what is left out for want of rights and said so in `meta.omitted`.
import { notModelled } from "./drupal-error.ts";
import type { DrupalUser } from "./drupal-user.ts";
import { maySeeField, maySeeUser } from "./field-access.ts";
import type { Omission } from "./json-api-document.ts";
import type { IncludePath } from "./read-parameters.ts";
import {
  entityUrl,
  fileResource,
  type ResourceObject,
  roleResource,
  type View,
} from "./resource-objects.ts";

/** Why roles are withheld from everybody without that permission (contract/drupal 002, 119). */
export const ROLES_WITHHELD =
  "The current user is not allowed to GET the selected resource. The 'administer permissions' permission is required.";
const RELATIONSHIP_WITHHELD =
  "The current user is not allowed to view this relationship. The user only has authorization for the 'view label' operation.";

interface Includes {
  readonly included: readonly ResourceObject[];
  readonly omitted: readonly Omission[];
}

function includeRoles(view: View, users: readonly DrupalUser[]): Includes {
  const held = new Set(users.flatMap((user) => user.roles));
  const roles = view.site.roles.filter((role) => held.has(role.id));
  if (view.who.may("administer permissions"))
    return { included: roles.map((role) => roleResource(view, role)), omitted: [] };
  const omitted = roles.map((role) => ({
    href: entityUrl(view.origin, "user_role--user_role", role.uuid),
    reason: ROLES_WITHHELD,
  }));
  return { included: [], omitted };
}

function includePictures(view: View, users: readonly DrupalUser[]): Includes {
  const files = users.flatMap((user) => view.site.files.get(user.user_picture?.target ?? "") ?? []);
  return { included: [...new Set(files)].map((file) => fileResource(view, file)), omitted: [] };
}

/** Included and omitted resources for the users of a document. */
export function includesOf(
  view: View,
  users: readonly DrupalUser[],
  paths: readonly IncludePath[],
): Includes {
  const visible = users.filter((user) => maySeeUser(view.who, user));
  const parts = paths.map((path): Includes => {
    if (visible.some((user) => !maySeeField(view.who, user, path)))
      throw notModelled(`include=${path} by somebody who may not see that field`);
    const hidden = users
      .filter((user) => !maySeeUser(view.who, user))
      .map((user) => ({
        href: `${entityUrl(view.origin, "user--user", user.uuid)}/${path}`,
        reason: RELATIONSHIP_WITHHELD,
      }));
    const shown = path === "roles" ? includeRoles(view, visible) : includePictures(view, visible);
    return { included: shown.included, omitted: [...hidden, ...shown.omitted] };
  });
  return {
    included: parts.flatMap((part) => part.included),
    omitted: parts.flatMap((part) => part.omitted),
  };
}
