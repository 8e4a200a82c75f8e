// How the values of added fields leave the site: as JSON:API attributes, and in Drupal's own normalisation.
import { notModelled } from "./drupal-error.ts";
import type { DrupalUser } from "./drupal-user.ts";
import { findTarget } from "./references.ts";
import type { Site } from "./site.ts";
import { type FieldItem, itemsOf, targetsOf, type UserFieldDefinition } from "./user-fields.ts";

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#039;",
};

/** The plain text format, which is also the fallback, for texts of one line without addresses (contract/drupal-fields 003). */
function processed(value: string, format: string | null): string {
  if ((format !== null && format !== "plain_text") || /[\r\n]|@|:\/\/|www\./.test(value))
    throw notModelled(`the processed form of "${value}" in the format ${format}`);
  return `<p>${value.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? sign)}</p>\n`;
}

function itemOf(field: UserFieldDefinition, item: FieldItem): unknown {
  if (field.type === "datetime") return `${String(item)}+00:00`;
  if (typeof item !== "object") return item;
  if ("uri" in item) return { uri: item.uri, title: item.title, options: [] };
  if ("format" in item)
    return {
      value: item.value,
      format: item.format,
      processed: processed(item.value, item.format),
    };
  return null;
}

/** The value of an attribute: one, null, or a list that may be empty. */
export function fieldAttribute(field: UserFieldDefinition, user: DrupalUser): unknown {
  const items = itemsOf(user[field.name]).map((item) => itemOf(field, item));
  return field.many ? items : (items[0] ?? null);
}

/** The items of the serialization module, seen on the site of contract/drupal-fields. */
export function normalisedField(
  site: Site,
  field: UserFieldDefinition,
  user: DrupalUser,
): unknown[] {
  if (field.type === "term" || field.type === "user")
    return targetsOf(user[field.name]).flatMap((targetId) => {
      const target = findTarget(site, field, targetId);
      if (target === undefined) return [];
      return target.kind === "user"
        ? {
            target_id: targetId,
            target_type: "user",
            target_uuid: target.user.uuid,
            url: `/user/${targetId}`,
          }
        : {
            target_id: targetId,
            target_type: "taxonomy_term",
            target_uuid: target.term.uuid,
            url: `/taxonomy/term/${targetId}`,
          };
    });
  return itemsOf(user[field.name]).map((item) => {
    const value = itemOf(field, item);
    return typeof value === "object" ? value : { value };
  });
}
