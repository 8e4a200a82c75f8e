// A user in Drupal's own normalisation, as modules serialise it: lists of items, fields by the actor's access.
import type { Identity } from "./drupal-http.ts";
import type { DrupalUser } from "./drupal-user.ts";
import { maySeeField, maySeeUser, userFields } from "./field-access.ts";
import { normalisedField } from "./field-display.ts";
import { isoTime } from "./resource-objects.ts";
import type { Site } from "./site.ts";

const TIMES: readonly string[] = ["created", "changed", "access", "login"];

function items(site: Site, user: DrupalUser, field: string, origin: string): unknown[] {
  if (field === "default_langcode") return [{ value: true }];
  if (field === "roles")
    return user.roles.flatMap((id) => {
      const role = site.roles.find((each) => each.id === id);
      const target = { target_id: id, target_type: "user_role" };
      return role === undefined ? [] : { ...target, target_uuid: role.uuid };
    });
  if (field === "user_picture") {
    const file = site.files.get(user.user_picture?.target ?? "");
    if (file === undefined || user.user_picture === null) return [];
    const { alt, title, width, height } = user.user_picture;
    const url = `${origin}${file.uri.replace("public://", "/sites/default/files/")}`;
    const target = { target_type: "file", target_uuid: file.uuid, url };
    return [{ target_id: file.fid, alt, title, width, height, ...target }];
  }
  const added = site.fields.find(({ name }) => name === field);
  if (added !== undefined) return normalisedField(site, added, user);
  const value: unknown = Reflect.get(user, field);
  if (value === null) return [];
  if (TIMES.includes(field) && typeof value === "number")
    return [{ value: isoTime(value), format: "Y-m-d\\TH:i:sP" }];
  return [{ value }];
}

/** 20 fields for an administrator, 15 for the user itself (contract/drupal-webhooks 001, 004). */
export function normaliseUser(
  site: Site,
  who: Identity,
  user: DrupalUser,
  origin: string,
): Record<string, unknown> {
  const fields = maySeeUser(who, user)
    ? userFields(site).filter((field) => maySeeField(who, user, field))
    : [];
  return Object.fromEntries(fields.map((field) => [field, items(site, user, field, origin)]));
}

const unicode = (sign: string): string => sign.charCodeAt(0).toString(16).padStart(4, "0");

/**
 * PHP's json_encode with the flags of Drupal's JsonEncoder: ASCII only, slashes and HTML signs escaped. The recorded
 * bodies have the length of this form, but none of them holds such a sign, so only a receiver that verifies the raw
 * bytes is right in any case.
 */
export function phpJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('\\"', "\\u0022")
    .replaceAll("/", "\\/")
    .replace(/[<>&']/g, (sign) => `\\u${unicode(sign).toUpperCase()}`)
    .replace(/[\u007f-\uffff]/g, (sign) => `\\u${unicode(sign)}`);
}
