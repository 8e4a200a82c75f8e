// JSON:API `user--user` as Drupal sends it, and what it means to the rules.
import { z } from "zod";
import type { AttributeValue, DrupalUser } from "../../rules/users.ts";

/** A user resource that the service account may see whole: `status` and `mail` are there (facts: drupal 1). */
export const userResource = z.object({
  id: z.guid(),
  attributes: z.looseObject({
    drupal_internal__uid: z.int(),
    name: z.string(),
    mail: z.string().nullable(),
    status: z.boolean(),
    changed: z.iso.datetime({ offset: true }),
  }),
  relationships: z.object({
    roles: z.object({
      data: z.array(z.object({ meta: z.object({ drupal_internal__target_id: z.string() }) })),
    }),
  }),
});

/** An answer with one user. */
export const userDocument = z.object({ data: userResource });

// Text with a format, or a link field, comes as an object with `value`; lists come as arrays.
function attributeValue(raw: unknown): AttributeValue | undefined {
  if (
    raw === null ||
    typeof raw === "string" ||
    typeof raw === "boolean" ||
    typeof raw === "number"
  )
    return raw;
  if (Array.isArray(raw)) return raw.every((item) => typeof item === "string") ? raw : undefined;
  if (typeof raw === "object" && "value" in raw) return attributeValue(raw.value);
  return undefined;
}

/** The rules' user; a field of a shape that the mapping does not know is absent, never empty. */
export function toDrupalUser(resource: z.infer<typeof userResource>): DrupalUser {
  const { attributes } = resource;
  const readable = Object.entries(attributes).flatMap(([name, raw]) => {
    const value = attributeValue(raw);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    uuid: resource.id,
    uid: attributes.drupal_internal__uid,
    name: attributes.name,
    mail: attributes.mail,
    enabled: attributes.status,
    roles: resource.relationships.roles.data.map((role) => role.meta.drupal_internal__target_id),
    changedAt: attributes.changed,
    attributes: Object.fromEntries(readable),
  };
}
