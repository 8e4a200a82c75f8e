// Pictures and files: both ways to upload, the file entity, and the download that needs no login.
import { notModelled, refusal } from "./drupal-error.ts";
import { documentReply, noContent, type Reply } from "./drupal-http.ts";
import { updateForbidden } from "./field-access.ts";
import { document } from "./json-api-document.ts";
import { storeUpload } from "./picture-upload.ts";
import { checkParameters } from "./read-parameters.ts";
import { entityUrl, fileResource, link } from "./resource-objects.ts";
import {
  type Call,
  fileFromPath,
  OCTET_STREAM,
  ownUrl,
  requireContentType,
  userFromPath,
  viewOf,
} from "./route-tools.ts";
import { betweenLoadAndSave, exclusively, updateUser } from "./save-user.ts";
import { pause, type Site } from "./site.ts";

/** POST /jsonapi/user/user/{uuid}/user_picture: stores the file and links it at once (contract/drupal 196). */
export async function uploadUserPicture(call: Call, uuid: string): Promise<Reply> {
  const { site, request, who } = call;
  requireContentType(request, OCTET_STREAM);
  const find = () =>
    userFromPath(site, uuid, "/user_picture", "file_upload.existing_resource.post");
  find();
  return await exclusively(site, uuid, async () => {
    const before = find();
    const reason = updateForbidden(who, before);
    if (reason !== undefined)
      throw refusal(
        403,
        `The current user is not permitted to upload a file for this field. ${reason}`,
      );
    const file = storeUpload(site, request, who.user?.uuid ?? null, true);
    const { uuid: target, width, height } = file;
    const after = { ...before, user_picture: { target, alt: null, title: null, width, height } };
    await betweenLoadAndSave(site);
    await updateUser(site, before, after, who.user);
    const links = { self: link(ownUrl(request)) };
    return documentReply(200, document({ data: fileResource(viewOf(call), file), links }));
  });
}

/** POST /jsonapi/user/user/user_picture: a temporary file that a later PATCH links (contract/drupal 214, 215). */
export async function uploadLoosePicture(call: Call): Promise<Reply> {
  const { site, request, who } = call;
  requireContentType(request, OCTET_STREAM);
  if (!who.may("administer users"))
    throw refusal(
      403,
      "The current user is not permitted to upload a file for this field. The 'administer users' permission is required.",
    );
  await betweenLoadAndSave(site);
  const file = storeUpload(site, request, who.user?.uuid ?? null, false);
  const links = { self: link(entityUrl(request.origin, "file--file", file.uuid)) };
  return documentReply(201, document({ data: fileResource(viewOf(call), file), links }));
}

/** GET /jsonapi/file/file/{uuid}; public files may be seen with `access content`, which everybody has. */
export async function getFile(call: Call, uuid: string): Promise<Reply> {
  const { site, request } = call;
  checkParameters(request.query);
  await pause(site.settings.latencyMs);
  const file = fileFromPath(site, uuid, "individual");
  if (!file.permanent && file.owner !== call.who.user?.uuid)
    throw notModelled("reading somebody else's temporary file");
  const links = { self: link(ownUrl(request)) };
  return documentReply(200, document({ data: fileResource(viewOf(call), file), links }));
}

/** DELETE /jsonapi/file/file/{uuid} by its owner (contract/drupal 220). */
export async function deleteFile(call: Call, uuid: string): Promise<Reply> {
  const { site, who } = call;
  await betweenLoadAndSave(site);
  const file = fileFromPath(site, uuid, "individual.delete");
  const isOwner = who.user !== null && file.owner === who.user.uuid;
  if (!isOwner || !who.may("delete own files"))
    throw notModelled("deleting a file of somebody else");
  site.files.remove(file);
  return noContent;
}

/** GET /sites/default/files/...: the web server's own answer, without Drupal (contract/drupal 195). */
export function downloadFile(site: Site, path: string): Reply | undefined {
  const uri = decodedPath(path)?.replace("/sites/default/files/", "public://");
  const file = uri === undefined ? undefined : site.files.byUri(uri);
  if (file === undefined) return undefined;
  return { status: 200, body: { kind: "bytes", type: file.mime, bytes: file.bytes } };
}

function decodedPath(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
