// JSON:API `user--user` as Drupal sends it, and what it means to the rules.
import { z } from "zod";
import type { DrupalField } from "../../rules/field-types.ts";
import { isUuid } from "../../rules/matching.ts";
import type { AttributeValue, DrupalUser } from "../../rules/users.ts";
import { folded } from "../../rules/values.ts";
import type { DrupalFields } from "../../sync/ports.ts";

/** A role that the user holds; one that was deleted reads as `missing` (contract/drupal-fields 112). */
const roleIdentifier = z.union([
  z.object({ id: z.literal("missing") }).transform(() => null),
  z.object({ id: z.string(), meta: z.object({ drupal_internal__target_id: z.string() }) }),
]);

/** A user resource that the service account may see whole: `status` and `mail` are there (facts: drupal 1). */
export const userResource = z.object({
  id: z.guid(),
  attributes: z.looseObject({
    drupal_internal__uid: z.int(),
    name: z.string(),
    mail: z.string().nullable(),
    status: z.boolean(),
    changed: z.iso.datetime({ offset: true }),
    login: z.string().nullish(),
    init: z.string().nullish(),
  }),
  relationships: z.looseObject({
    roles: z.object({
      data: z
        .array(roleIdentifier)
        .transform((roles) => roles.flatMap((role) => (role === null ? [] : [role]))),
    }),
  }),
});

const includedResources = z
  .array(
    z.object({
      type: z.string(),
      id: z.string(),
      attributes: z.object({ name: z.string().optional() }).optional(),
    }),
  )
  .default([]);

/** An answer with one user. */
export const userDocument = z.object({ data: userResource, included: includedResources });

/** An answer with users of whom each is shown whole. */
export const userCollection = z.object({
  data: z.array(userResource),
  included: includedResources,
  links: z.object({ next: z.unknown().optional() }).optional(),
});

const hidden = { drupal_internal__uid: null, changed: null };

/** What remains of a user who is not shown whole; null is not shown. */
export const shownUser = z.object({
  id: z.guid(),
  attributes: z
    .object({
      drupal_internal__uid: z.int().nullable().catch(null),
      changed: z.iso.datetime({ offset: true }).nullable().catch(null),
    })
    .catch(hidden),
});

/** An answer with users of whom each may be shown in part only. */
export const shownCollection = userCollection.extend({ data: z.array(z.unknown()) });

/** Labels of referenced terms by resource type and id. */
type Labels = ReadonlyMap<string, string>;

/** What came along with a document because of `include`. */
export const labelsIn = (included: z.infer<typeof includedResources>): Labels =>
  new Map(
    included.flatMap(({ type, id, attributes }) =>
      attributes?.name === undefined ? [] : [[`${type} ${id}`, attributes.name] as const],
    ),
  );

const relationship = z.looseObject({
  data: z.union([
    z.null(),
    z.object({ type: z.string(), id: z.string() }),
    z.array(z.object({ type: z.string(), id: z.string() })),
  ]),
});

/** Whether a field of this type is a relationship of the user resource, not an attribute. */
export const isReference = ({ type }: DrupalField): boolean => type === "term" || type === "user";

// Only `null` and `[]` are empty. A deleted target reads as the id `missing`, one that we may not see is left out of what
// is included (contract/drupal-fields 110, 112, 114): such a value is not known, and so absent.
function referenceValue(
  raw: unknown,
  field: DrupalField,
  labels: Labels,
): AttributeValue | undefined {
  const parsed = relationship.safeParse(raw);
  if (!parsed.success) return undefined;
  const { data } = parsed.data;
  const items = data === null ? [] : Array.isArray(data) ? data : [data];
  if (items.length === 0) return null;
  const texts = items.flatMap(({ type, id }) => {
    if (field.type === "user") return isUuid(id) ? [id.toLowerCase()] : [];
    return labels.get(`${type} ${id}`) ?? [];
  });
  if (texts.length < items.length) return undefined;
  return field.multiple || texts.length > 1 ? texts : texts[0];
}

// Text with a format is an object with `value`, a link one with `uri` (contract/drupal-fields 004); one with two ends,
// such as a date range, has no counterpart.
function scalarValue(raw: unknown): string | number | boolean | null | undefined {
  if (
    raw === null ||
    typeof raw === "string" ||
    typeof raw === "boolean" ||
    typeof raw === "number"
  )
    return raw;
  if (typeof raw !== "object" || raw === undefined || "end_value" in raw) return undefined;
  if ("value" in raw) return scalarValue(raw.value);
  return "uri" in raw && typeof raw.uri === "string" ? raw.uri : undefined;
}

function attributeValue(raw: unknown): AttributeValue | undefined {
  if (!Array.isArray(raw)) return scalarValue(raw);
  const items = raw.map(scalarValue);
  if (items.some((item) => item === undefined || item === null)) return undefined;
  return items.map(String);
}

/** The rules' user; a value of a shape that the mapping does not know is absent, never empty. */
export function toDrupalUser(
  resource: z.infer<typeof userResource>,
  fields: DrupalFields,
  labels: Labels,
): DrupalUser {
  const { attributes, relationships } = resource;
  const references = Object.entries(fields).filter(([, field]) => isReference(field));
  const raws = Object.entries(attributes).filter(
    ([name]) => !references.some(([reference]) => reference === name),
  );
  const values = [
    ...raws.map(([name, raw]) => [name, attributeValue(raw)] as const),
    ...references.map(
      ([name, field]) => [name, referenceValue(relationships[name], field, labels)] as const,
    ),
  ];
  const readable = values.flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return {
    uuid: resource.id,
    uid: attributes.drupal_internal__uid,
    name: attributes.name,
    mail: attributes.mail,
    enabled: attributes.status,
    // Drupal shows the epoch for "never" (contract/drupal 074); `init` is the address at the creation.
    isMailProven:
      Date.parse(attributes.login ?? "") > 0 &&
      attributes.mail !== null &&
      folded(attributes.init ?? "") === folded(attributes.mail),
    roles: relationships.roles.data.map((role) => role.meta.drupal_internal__target_id),
    changedAt: attributes.changed,
    attributes: Object.fromEntries(readable),
  };
}

/** The query parameters that bring the labels of the declared term fields along; +10 % of a page's time (measured). */
export function includeParameters(fields: DrupalFields): [string, string][] {
  const terms = Object.entries(fields).filter(([, field]) => field.type === "term");
  if (terms.length === 0) return [];
  const vocabularies = new Set(terms.flatMap(([, { vocabulary }]) => vocabulary ?? []));
  return [
    ["include", terms.map(([name]) => name).join(",")],
    ...[...vocabularies].map((name): [string, string] => [
      `fields[taxonomy_term--${name}]`,
      "name",
    ]),
  ];
}

/** A path with its query; an address may hold + & # % and quotes. */
export function withQuery(
  path: string,
  parameters: readonly (readonly [string, string])[],
): string {
  if (parameters.length === 0) return path;
  const pairs = parameters.map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  );
  return `${path}?${pairs.join("&")}`;
}
