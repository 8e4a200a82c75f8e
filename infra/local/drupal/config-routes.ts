// Config entities as far as the sync may meet them: the index, roles, the fields of users.
import { notModelled, refusal } from "./drupal-error.ts";
import { documentReply, type Reply } from "./drupal-http.ts";
import { ROLES_WITHHELD } from "./includes.ts";
import { document } from "./json-api-document.ts";
import { arrayParameter, checkParameters } from "./read-parameters.ts";
import { entityUrl, link, roleResource } from "./resource-objects.ts";
import { type Call, ownUrl, viewOf } from "./route-tools.ts";
import { pause } from "./site.ts";

/** The resource types of the observed site, as GET /jsonapi lists them (contract/drupal 134). */
export const RESOURCE_TYPES: readonly string[] = (
  "action--action base_field_override--base_field_override block--block block_content--basic " +
  "block_content_type--block_content_type comment--comment comment_type--comment_type " +
  "contact_form--contact_form contact_message--feedback contact_message--personal " +
  "date_format--date_format editor--editor entity_form_display--entity_form_display " +
  "entity_form_mode--entity_form_mode entity_view_display--entity_view_display " +
  "entity_view_mode--entity_view_mode field_config--field_config " +
  "field_storage_config--field_storage_config file--file filter_format--filter_format " +
  "image_style--image_style menu--menu menu_link_content--menu_link_content node--article " +
  "node--page node_type--node_type path_alias--path_alias search_page--search_page " +
  "shortcut--default shortcut_set--shortcut_set taxonomy_term--tags " +
  "taxonomy_vocabulary--taxonomy_vocabulary user--user user_role--user_role view--view"
).split(" ");

/** GET /jsonapi: `meta.links.me` is the only honest sign of being logged in (contract/drupal 134, 136). */
export async function getIndex(call: Call): Promise<Reply> {
  const { site, request, who } = call;
  for (const name of ["fields", "filter", "page"]) arrayParameter(request.query, name);
  if (request.query.size > 0) throw notModelled("query parameters on the index");
  await pause(site.settings.latencyMs);
  const types = RESOURCE_TYPES.map((type): [string, { href: string }] => [
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

/** GET /jsonapi/user_role/user_role: 200 in any case, empty without `administer permissions` (contract/drupal 001, 002). */
export async function listRoles(call: Call): Promise<Reply> {
  const { site, request, who } = call;
  checkParameters(request.query);
  if (["filter", "sort", "page", "include"].some((name) => request.query.has(name)))
    throw notModelled("filtering, sorting or paging roles");
  await pause(site.settings.latencyMs);
  const links = { self: link(ownUrl(request)) };
  const view = viewOf(call);
  if (who.may("administer permissions"))
    return documentReply(
      200,
      document({ data: site.roles.map((role) => roleResource(view, role)), links }),
    );
  const omitted = site.roles.map((role) => ({
    href: entityUrl(request.origin, "user_role--user_role", role.uuid),
    reason: ROLES_WITHHELD,
  }));
  return documentReply(200, document({ data: [], omitted, links }));
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
  const href = (id: string): string => entityUrl(request.origin, type, id);
  if (!who.may("administer user fields")) {
    const reason =
      "The current user is not allowed to GET the selected resource. The 'administer user fields' permission is required.";
    const omitted = fields.map(({ id }) => ({ href: href(id), reason }));
    return documentReply(200, document({ data: [], omitted, links }));
  }
  const data = fields.map(({ id, attributes }) => ({
    type,
    id,
    links: { self: link(href(id)) },
    attributes,
  }));
  return documentReply(200, document({ data, links }));
}

/** What a known resource type answers that the sync has no business with. */
export function refuseType(type: string): Error {
  return RESOURCE_TYPES.includes(type)
    ? notModelled(`the resource type ${type}`)
    : refusal(404, "");
}
