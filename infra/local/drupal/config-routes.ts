// Config as far as the sync may meet it: the index, and the fields of users.
import { deterministicUuid } from "./deterministic-uuid.ts";
import { notModelled, refusal } from "./drupal-error.ts";
import { documentReply, type Reply } from "./drupal-http.ts";
import { document } from "./json-api-document.ts";
import { arrayParameter, checkParameters } from "./read-parameters.ts";
import { entityUrl, link } from "./resource-objects.ts";
import { resourceTypes } from "./resource-types.ts";
import { type Call, ownUrl } from "./route-tools.ts";
import { pause, type Site } from "./site.ts";

/** GET /jsonapi: `meta.links.me` is the only honest sign of being logged in (contract/drupal 134, 136). */
export async function getIndex(call: Call): Promise<Reply> {
  const { site, request, who } = call;
  for (const name of ["fields", "filter", "page"]) arrayParameter(request.query, name);
  if (request.query.size > 0) throw notModelled("query parameters on the index");
  await pause(site.settings.latencyMs);
  const types = resourceTypes(site).map((type): [string, { href: string }] => [
    type,
    link(`${request.origin}/jsonapi/${type.replace("--", "/")}`),
  ]);
  const own: [string, { href: string }] = ["self", link(`${request.origin}${request.path}`)];
  const links = Object.fromEntries(
    [...types, own].sort(([left], [right]) => (left < right ? -1 : 1)),
  );
  if (who.user === null) return documentReply(200, document({ data: [], links }));
  const { uuid } = who.user;
  const me = { href: entityUrl(request.origin, "user--user", uuid), meta: { id: uuid } };
  return documentReply(200, document({ data: [], meta: { links: { me } }, links }));
}

const USER_FIELD_CONFIGS = [
  ["eb5b5f11-d1fe-4534-856d-bb5a37339153", "field_department", "Department", "string"],
  ["1026255b-d3fe-48e5-926a-1e3f21b783b2", "field_first_name", "First name", "string"],
  ["253ca659-fc08-4630-aa63-8a03b8c01059", "field_last_name", "Last name", "string"],
  ["1d133050-4c8a-4672-9e9e-494ff6e6aa54", "user_picture", "Picture", "image"],
] as const;

const PICTURE_SETTINGS = {
  handler: "default:file",
  handler_settings: [],
  file_directory: "pictures/[date:custom:Y]-[date:custom:m]",
  file_extensions: "png gif jpg jpeg webp",
  max_filesize: "200 KB",
  max_resolution: "1024x1024",
  min_resolution: "48x48",
  alt_field: false,
  alt_field_required: false,
  title_field: false,
  title_field_required: false,
  default_image: { uuid: null, alt: "", title: "", width: null, height: null },
};

/** GET /jsonapi/field_config/field_config?filter[entity_type]=user: closed to the service account (contract/drupal 221, 222). */
export async function listUserFields(call: Call): Promise<Reply> {
  const { site, request, who } = call;
  const type = "field_config--field_config";
  checkParameters(request.query);
  const filter = arrayParameter(request.query, "filter");
  if (request.query.size !== 1 || filter.size !== 1 || filter.get("entity_type") !== "user")
    throw notModelled("field_config but with filter[entity_type]=user alone");
  await pause(site.settings.latencyMs);
  const links = { self: link(ownUrl(request)) };
  const fields = USER_FIELD_CONFIGS.map(([id, name, label, fieldType]) => ({
    id,
    attributes: {
      langcode: "en",
      status: true,
      dependencies: {
        config: [`field.storage.user.${name}`],
        module: name === "user_picture" ? ["image", "user"] : ["user"],
      },
      drupal_internal__id: `user.user.${name}`,
      field_name: name,
      entity_type: "user",
      bundle: "user",
      label,
      description: name === "user_picture" ? "Your virtual face or picture." : "",
      required: false,
      translatable: true,
      default_value: [],
      default_value_callback: "",
      settings: name === "user_picture" ? PICTURE_SETTINGS : [],
      field_type: fieldType,
    },
  }));
  const listed = USER_FIELD_CONFIGS.map(([, name]): string => name);
  const others = site.fields.filter(({ name }) => !listed.includes(name));
  const href = (id: string): string => entityUrl(request.origin, type, id);
  if (!who.may("administer user fields")) {
    const reason =
      "The current user is not allowed to GET the selected resource. The 'administer user fields' permission is required.";
    const ids = [
      ...fields.map(({ id }) => id),
      ...others.map(({ name }) => deterministicUuid(`field ${name}`)),
    ];
    const omitted = ids.map((id) => ({ href: href(id), reason }));
    return documentReply(200, document({ data: [], omitted, links }));
  }
  if (others.length > 0) throw notModelled("the configuration of other fields than texts");
  const data = fields.map(({ id, attributes }) => ({
    type,
    id,
    links: { self: link(href(id)) },
    attributes,
  }));
  return documentReply(200, document({ data, links }));
}

/** What a known resource type answers that the sync has no business with. */
export function refuseType(site: Site, type: string): Error {
  return resourceTypes(site).includes(type)
    ? notModelled(`the resource type ${type}`)
    : refusal(404, "");
}
