// Roles as JSON:API shows them: their names to administrators of permissions, their bare ids to anybody.
import { notModelled, refusal } from "./drupal-error.ts";
import { documentReply, type Reply } from "./drupal-http.ts";
import { ROLES_WITHHELD } from "./includes.ts";
import { document } from "./json-api-document.ts";
import { arrayParameter, checkParameters } from "./read-parameters.ts";
import { entityUrl, link, roleResource } from "./resource-objects.ts";
import type { Role } from "./roles.ts";
import { type Call, ownUrl, viewOf } from "./route-tools.ts";
import { pause } from "./site.ts";

const TYPE = "user_role--user_role";

/** Roles by machine name alone; the filter works before anybody is asked for rights (contract/drupal-fields 090). */
function wanted({ site, request }: Call): readonly Role[] {
  const filter = arrayParameter(request.query, "filter");
  if (filter.size === 0) return site.roles;
  const id = filter.get("drupal_internal__id");
  if (filter.size > 1 || typeof id !== "string")
    throw notModelled("filtering roles but by filter[drupal_internal__id]=name");
  // Config queries ignore case.
  return site.roles.filter((role) => role.id === id.toLowerCase());
}

/** GET /jsonapi/user_role/user_role: 200 in any case, empty without `administer permissions` (contract/drupal 001, 002). */
export async function listRoles(call: Call): Promise<Reply> {
  const { site, request, who } = call;
  checkParameters(request.query);
  if (["sort", "page", "include"].some((name) => request.query.has(name)))
    throw notModelled("sorting or paging roles");
  const roles = wanted(call);
  await pause(site.settings.latencyMs);
  const links = { self: link(ownUrl(request)) };
  const view = viewOf(call);
  if (who.may("administer permissions"))
    return documentReply(
      200,
      document({ data: roles.map((role) => roleResource(view, role)), links }),
    );
  const omitted = roles.map((role) => ({
    href: entityUrl(request.origin, TYPE, role.uuid),
    reason: ROLES_WITHHELD,
  }));
  return documentReply(200, document({ data: [], omitted, links }));
}

/** GET /jsonapi/user_role/user_role/{uuid} (contract/drupal-fields 093). */
export async function getRole(call: Call, uuid: string): Promise<Reply> {
  const { site, request, who } = call;
  checkParameters(request.query);
  await pause(site.settings.latencyMs);
  const role = site.roles.find((each) => each.uuid === uuid);
  if (role === undefined)
    throw refusal(
      404,
      `The "entity" parameter was not converted for the path "/jsonapi/user_role/user_role/{entity}" (route name: "jsonapi.${TYPE}.individual")`,
    );
  if (!who.may("administer permissions")) throw refusal(403, ROLES_WITHHELD, "/data");
  const links = { self: link(ownUrl(request)) };
  return documentReply(200, document({ data: roleResource(viewOf(call), role), links }));
}
