// Pictures on the people page: where a user's is, and a person's own upload and its removal, as Drupal's account form does them.
import type { DrupalRequest, Identity } from "./drupal-http.ts";
import type { DrupalUser } from "./drupal-user.ts";
import { storeUpload } from "./picture-upload.ts";
import { updateUser } from "./save-user.ts";
import type { Site } from "./site.ts";

/** The address of a user's picture on the site, or null. */
export function pictureUrl(site: Site, { user_picture: picture }: DrupalUser): string | null {
  const file = picture === null ? undefined : site.files.get(picture.target);
  if (file === undefined) return null;
  const path = file.uri.replace("public://", "/sites/default/files/");
  return `${path.split("/").map(encodeURIComponent).join("/")}?v=${file.uuid}`;
}

// A header cannot carry a name in every script, so the page names its file in the query.
function asUpload(request: DrupalRequest): DrupalRequest {
  const name = new URLSearchParams(request.rawQuery).get("name") ?? "";
  const disposition = `file; filename="${name.replaceAll('"', "'")}"`;
  const headers = new Map(request.headers).set("content-disposition", disposition);
  return { ...request, headers };
}

/** PUT stores the body as the user's own file and shows it; DELETE shows none any more. */
export async function changePicture(
  site: Site,
  who: Identity,
  before: DrupalUser,
  request: DrupalRequest,
): Promise<DrupalUser> {
  if (request.method === "DELETE")
    return await updateUser(site, before, { ...before, user_picture: null }, who.user);
  const { uuid: target, width, height } = storeUpload(site, asUpload(request), before.uuid, true);
  const user_picture = { target, alt: null, title: null, width, height };
  return await updateUser(site, before, { ...before, user_picture }, who.user);
}
