// Users, roles and files as JSON:API resource objects, in the attribute order of the real site.
import type { Identity } from "./drupal-http.ts";
import type { DrupalUser } from "./drupal-user.ts";
import { maySeeField, maySeeUser, relationshipFields, userFields } from "./field-access.ts";
import { fieldAttribute } from "./field-display.ts";
import type { StoredFile } from "./file-store.ts";
import { referenceIdentifiers } from "./references.ts";
import type { Role } from "./roles.ts";
import type { Site } from "./site.ts";

/** A member of `data` or `included`. */
export interface ResourceObject {
  readonly type: string;
  readonly id: string;
  readonly links?: Readonly<Record<string, { readonly href: string }>>;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly relationships?: Readonly<Record<string, unknown>>;
}

/** What a resource is made for: the asker, the base of all links, the sparse fieldset if any. */
export interface View {
  readonly site: Site;
  readonly who: Identity;
  readonly origin: string;
  /** `fields[type]`, by type. */
  readonly fields: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Timestamps leave as RFC 3339 in UTC, though filters take seconds only (contract/drupal 104). */
export const isoTime = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, "+00:00");

const TIMES: readonly string[] = ["created", "changed", "access", "login"];

function attributeOf(site: Site, user: DrupalUser, field: string): unknown {
  if (field === "default_langcode") return true;
  const added = site.fields.find(({ name }) => name === field);
  if (added !== undefined) return fieldAttribute(added, user);
  const value: unknown = Reflect.get(user, field);
  return TIMES.includes(field) && typeof value === "number" ? isoTime(value) : value;
}

/** A link object. */
export const link = (href: string): { href: string } => ({ href });

/** The URL of one entity. */
export const entityUrl = (origin: string, type: string, uuid: string): string =>
  `${origin}/jsonapi/${type.replace("--", "/")}/${uuid}`;

/** Keeps what a sparse fieldset asks for; undefined when nothing is left. */
export function sparse(
  view: View,
  type: string,
  members: readonly (readonly [string, unknown])[],
): Readonly<Record<string, unknown>> | undefined {
  const wanted = view.fields.get(type);
  const kept = members.filter(([name]) => wanted === undefined || wanted.has(name));
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function resource(
  view: View,
  type: string,
  id: string,
  attributes: readonly (readonly [string, unknown])[],
  relationships: readonly (readonly [string, unknown])[] = [],
): ResourceObject {
  const shownAttributes = sparse(view, type, attributes);
  const shownRelationships = sparse(view, type, relationships);
  return {
    type,
    id,
    links: { self: link(entityUrl(view.origin, type, id)) },
    ...(shownAttributes === undefined ? {} : { attributes: shownAttributes }),
    ...(shownRelationships === undefined ? {} : { relationships: shownRelationships }),
  };
}

/** Resource identifiers of a user's roles; the machine name is in `meta` whoever asks (contract/drupal 179). */
export function roleIdentifiers(site: Site, user: DrupalUser): unknown[] {
  return user.roles.flatMap((id) => {
    const role = site.roles.find((each) => each.id === id);
    if (role === undefined) return [];
    return {
      type: "user_role--user_role",
      id: role.uuid,
      meta: { drupal_internal__target_id: id },
    };
  });
}

/** The picture's resource identifier, or null when there is none or its file is gone. */
export function pictureIdentifier(site: Site, user: DrupalUser): unknown {
  const item = user.user_picture;
  const file = item === null ? undefined : site.files.get(item.target);
  if (item === null || file === undefined) return null;
  const { alt, title, width, height } = item;
  const meta = { alt, title, width, height, drupal_internal__target_id: file.fid };
  return { type: "file--file", id: file.uuid, meta };
}

/** The data of any relationship of users. */
export function relationshipData(site: Site, user: DrupalUser, field: string): unknown {
  if (field === "roles") return roleIdentifiers(site, user);
  if (field === "user_picture") return pictureIdentifier(site, user);
  const added = site.fields.find(({ name }) => name === field);
  return added === undefined ? null : referenceIdentifiers(site, added, user);
}

/** The links of a relationship. */
export function relationshipLinks(base: string, name: string): Record<string, { href: string }> {
  return { related: link(`${base}/${name}`), self: link(`${base}/relationships/${name}`) };
}

/** A user as far as the asker may see it: outsiders get `display_name` alone (contract/drupal 066). */
export function userResource(view: View, user: DrupalUser): ResourceObject {
  const visible = maySeeUser(view.who, user)
    ? userFields(view.site).filter((field) => maySeeField(view.who, user, field))
    : [];
  const linked = relationshipFields(view.site);
  const attributes = visible
    .filter((field) => field !== "uuid" && !linked.includes(field))
    .map((field): [string, unknown] => [
      field === "uid" ? "drupal_internal__uid" : field,
      attributeOf(view.site, user, field),
    ]);
  const base = entityUrl(view.origin, "user--user", user.uuid);
  const relationships = visible
    .filter((field) => linked.includes(field))
    .map((field): [string, unknown] => [
      field,
      { data: relationshipData(view.site, user, field), links: relationshipLinks(base, field) },
    ]);
  const label: [string, unknown] = ["display_name", user.uid === 0 ? "Anonymous" : user.name];
  return resource(view, "user--user", user.uuid, [label, ...attributes], relationships);
}

/** A role config entity (contract/drupal 001). */
export function roleResource(view: View, role: Role): ResourceObject {
  return resource(view, "user_role--user_role", role.uuid, [
    ["langcode", "en"],
    ["status", true],
    ["dependencies", []],
    ["drupal_internal__id", role.id],
    ["label", role.label],
    ["weight", role.weight],
    ["is_admin", role.isAdmin],
    ["permissions", role.permissions],
  ]);
}

/** A file entity; `uri.url` is relative (contract/drupal 196). */
export function fileResource(view: View, file: StoredFile): ResourceObject {
  const owner = file.owner === null ? undefined : view.site.users.get(file.owner);
  const base = entityUrl(view.origin, "file--file", file.uuid);
  const data =
    owner === undefined
      ? null
      : { type: "user--user", id: owner.uuid, meta: { drupal_internal__target_id: owner.uid } };
  const url = file.uri.replace("public://", "/sites/default/files/");
  return resource(
    view,
    "file--file",
    file.uuid,
    [
      ["drupal_internal__fid", file.fid],
      ["langcode", "en"],
      ["filename", file.filename],
      ["uri", { value: file.uri, url }],
      ["filemime", file.mime],
      ["filesize", file.bytes.length],
      ["status", file.permanent],
      ["created", isoTime(file.created)],
      ["changed", isoTime(file.changed)],
    ],
    [["uid", { data, links: relationshipLinks(base, "uid") }]],
  );
}
