// What the JSON:API routes share: the call, links to itself, entities from the path, content types.
import { refusal } from "./drupal-error.ts";
import type { DrupalRequest, Identity } from "./drupal-http.ts";
import type { DrupalUser } from "./drupal-user.ts";
import type { StoredFile } from "./file-store.ts";
import { buildQuery, normalisedQuery, type QueryMap } from "./php-query.ts";
import { readFields } from "./read-parameters.ts";
import type { View } from "./resource-objects.ts";
import type { Site } from "./site.ts";

/** One request on its way through a route. */
export interface Call {
  readonly site: Site;
  readonly request: DrupalRequest;
  readonly who: Identity;
}

/** The request's own URL with its query normalised, as `links.self` and `links.via` show it. */
export function ownUrl(request: DrupalRequest): string {
  const query = normalisedQuery(request.query);
  return `${request.origin}${request.path}${query === "" ? "" : `?${query}`}`;
}

/** The request's URL with another `page`, in the order the client sent its parameters (contract/drupal 107). */
export function pageUrl(request: DrupalRequest, offset: number, limit: number): string {
  const page: QueryMap = new Map([
    ["offset", String(offset)],
    ["limit", String(limit)],
  ]);
  const query: QueryMap = new Map(request.query);
  query.set("page", page);
  return `${request.origin}${request.path}?${buildQuery(query)}`;
}

/** How resources look to this caller. */
export function viewOf(call: Call): View {
  const { site, request, who } = call;
  return { site, who, origin: request.origin, fields: readFields(request.query) };
}

function notConverted(path: string, route: string): Error {
  return refusal(
    404,
    `The "entity" parameter was not converted for the path "${path}" (route name: "jsonapi.${route}")`,
  );
}

/** The user named in the path; ids are UUIDs, never numbers (contract/drupal 069, 160). */
export function userFromPath(site: Site, uuid: string, path: string, route: string): DrupalUser {
  const user = site.users.get(uuid);
  if (user === undefined)
    throw notConverted(`/jsonapi/user/user/{entity}${path}`, `user--user.${route}`);
  return user;
}

/** The file named in the path. */
export function fileFromPath(site: Site, uuid: string, route: string): StoredFile {
  const file = site.files.get(uuid);
  if (file === undefined) throw notConverted("/jsonapi/file/file/{entity}", `file--file.${route}`);
  return file;
}

/** Routing by content type happens before anybody is asked who they are (contract/drupal 060, 209). */
export function requireContentType(request: DrupalRequest, wanted: string): void {
  const given = request.headers.get("content-type");
  if (given === undefined) throw refusal(415, 'No "Content-Type" request header specified');
  if (given.split(";")[0]?.trim().toLowerCase() !== wanted)
    throw refusal(415, `No route found that matches "Content-Type: ${given}"`);
}

/** JSON:API's own media type. */
export const JSON_API_TYPE = "application/vnd.api+json";
/** What file uploads are sent as. */
export const OCTET_STREAM = "application/octet-stream";
