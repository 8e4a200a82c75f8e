// `include`: what is added to a document, and what is left out for want of rights and said so in `meta.omitted`.
import { notModelled } from "./drupal-error.ts";
import type { DrupalUser } from "./drupal-user.ts";
import { maySeeField, maySeeUser } from "./field-access.ts";
import type { Omission } from "./json-api-document.ts";
import { findTarget, maySeeTerm, TERM_WITHHELD } from "./references.ts";
import {
  entityUrl,
  fileResource,
  type ResourceObject,
  roleResource,
  userResource,
  type View,
} from "./resource-objects.ts";
import { termResource } from "./term-resource.ts";
import { targetsOf, type UserFieldDefinition } from "./user-fields.ts";

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

const NOTHING: Includes = { included: [], omitted: [] };

/** Each target once, in the order of the references; what was deleted is left out in silence (contract/drupal-fields 060, 112, 114). */
function includeTargets(
  view: View,
  users: readonly DrupalUser[],
  field: UserFieldDefinition,
): Includes {
  const targetIds = new Set(users.flatMap((user) => targetsOf(user[field.name])));
  const parts = [...targetIds].map((targetId): Includes => {
    const target = findTarget(view.site, field, targetId);
    if (target === undefined) return NOTHING;
    if (target.kind === "user") {
      if (!maySeeUser(view.who, target.user))
        throw notModelled(`including a user of whom only the label may be seen`);
      return { included: [userResource(view, target.user)], omitted: [] };
    }
    const { term } = target;
    if (maySeeTerm(view.who, term)) return { included: [termResource(view, term)], omitted: [] };
    const href = entityUrl(view.origin, `taxonomy_term--${term.vocabulary}`, term.uuid);
    return { included: [], omitted: [{ href, reason: TERM_WITHHELD }] };
  });
  return joined(parts);
}

function joined(parts: readonly Includes[]): Includes {
  const included = parts.flatMap((part) => part.included);
  return {
    // Two fields may lead to the same target.
    included: [...new Map(included.map((each) => [`${each.type} ${each.id}`, each])).values()],
    omitted: parts.flatMap((part) => part.omitted),
  };
}

function includeField(view: View, users: readonly DrupalUser[], path: string): Includes {
  if (path === "roles") return includeRoles(view, users);
  if (path === "user_picture") return includePictures(view, users);
  const field = view.site.fields.find(({ name }) => name === path);
  return field === undefined ? NOTHING : includeTargets(view, users, field);
}

/** Included and omitted resources for the users of a document. */
export function includesOf(
  view: View,
  users: readonly DrupalUser[],
  paths: readonly string[],
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
    const shown = includeField(view, visible, path);
    return { included: shown.included, omitted: [...hidden, ...shown.omitted] };
  });
  return joined(parts);
}
