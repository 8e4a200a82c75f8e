// Handlers for profile photos: metadata, bytes, sizes, upload and removal. Nothing is resampled here.
import { createHash } from "node:crypto";
import { GraphError, notModelled } from "./graph-error.ts";
import { context, type GraphCall, type GraphReply, NO_CONTENT } from "./graph-message.ts";
import { imageSize } from "./image-size.ts";
import type { JsonObject } from "./json-value.ts";
import { requireOptions } from "./query-options.ts";
import type { Tenant } from "./tenant.ts";
import type { Photo, UserRecord } from "./user-record.ts";
import { userOf } from "./user-routes.ts";

// profilephoto-get.md @073a3963.
const SIZES = [48, 64, 96, 120, 240, 360, 432, 504, 648];
// profilephoto-update: 4 MB; without a mailbox 100 KB, answered with an odd 404 (docs issue 8236).
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_BYTES_WITHOUT_MAILBOX = 100 * 1024;

const notFound = (tenant: Tenant): GraphError =>
  new GraphError(
    404,
    tenant.settings.photoNotFoundCode,
    "Exception of type 'Microsoft.Fast.Profile.Core.Exception.ImageNotFoundException' was thrown.",
  );

const metadata = (
  tenant: Tenant,
  call: GraphCall,
  user: UserRecord,
  photo: Photo,
  size: string,
): JsonObject => {
  const [width = photo.width, height = photo.height] = size.split("x").map(Number);
  return {
    "@odata.id": `${call.origin}/v1.0/users('${user.id}@${tenant.id}')/photo`,
    "@odata.mediaContentType": photo.contentType,
    "@odata.mediaEtag": photo.etag,
    id: size,
    width,
    height,
  };
};

const largest = (photo: Photo): string => `${photo.width}x${photo.height}`;

// Smaller sizes are derived from the upload, larger ones do not exist.
const sizesOf = (photo: Photo): string[] => {
  const derived = SIZES.filter((size) => size <= Math.min(photo.width, photo.height));
  return [...new Set([...derived.map((size) => `${size}x${size}`), largest(photo)])];
};

const photoOf = (
  tenant: Tenant,
  call: GraphCall,
): { user: UserRecord; photo: Photo; size: string } => {
  const user = userOf(tenant, call);
  const { photo } = user;
  const wanted = call.params.size;
  if (photo === undefined) throw notFound(tenant);
  const size = wanted ?? largest(photo);
  if (!sizesOf(photo).includes(size)) throw notFound(tenant);
  return { user, photo, size };
};

/** GET /users/{id}/photo and /photos/{size}. */
export function getPhoto(tenant: Tenant, call: GraphCall): GraphReply {
  requireOptions(call, []);
  const fragment = `users('${call.params.user}')/photo/$entity`;
  const user = userOf(tenant, call);
  if (user.photo === undefined && tenant.settings.noPhotoMetadata === "1x1") {
    // graph-samples photoMetadataNoPhoto1x1: 200 although there is none.
    const none = {
      bytes: Buffer.alloc(0),
      contentType: "image/gif",
      width: 1,
      height: 1,
      etag: "",
    };
    return {
      status: 200,
      body: { ...context(call, fragment), ...metadata(tenant, call, user, none, "1x1") },
    };
  }
  const { photo, size } = photoOf(tenant, call);
  return {
    status: 200,
    body: { ...context(call, fragment), ...metadata(tenant, call, user, photo, size) },
  };
}

/** GET /users/{id}/photos. */
export function listPhotos(tenant: Tenant, call: GraphCall): GraphReply {
  requireOptions(call, []);
  const user = userOf(tenant, call);
  const { photo } = user;
  const value =
    photo === undefined
      ? []
      : sizesOf(photo).map((size) => metadata(tenant, call, user, photo, size));
  return { status: 200, body: { ...context(call, `users('${user.id}')/photos`), value } };
}

/** GET /users/{id}/photo/$value and /photos/{size}/$value; derived sizes carry the uploaded bytes. */
export function getPhotoValue(tenant: Tenant, call: GraphCall): GraphReply {
  const { photo } = photoOf(tenant, call);
  // If-None-Match is not supported (docs issue 5012): always the whole picture.
  return {
    status: 200,
    headers: { "Content-Type": photo.contentType, ETag: photo.etag },
    body: photo.bytes,
  };
}

let uploads = 0;

/** Checks a picture and makes it the user's; used by the API and the page. */
export function storePhoto(tenant: Tenant, user: UserRecord, bytes: Buffer, type: string): void {
  const contentType = type.split(";")[0]?.trim().toLowerCase() ?? "";
  if (contentType !== "image/jpeg") {
    throw notModelled(`photos of type '${contentType}' (image/jpeg is documented)`);
  }
  const size = imageSize(bytes);
  if (size === undefined) {
    throw new GraphError(400, "ErrorInvalidImage", "The image could not be read as a JPEG.");
  }
  if (bytes.length > MOST_BYTES) {
    throw new GraphError(413, "RequestEntityTooLarge", "The image is larger than 4 MB.");
  }
  if (typeof user.values.mail !== "string" && bytes.length > MOST_BYTES_WITHOUT_MAILBOX) {
    throw new GraphError(404, "ResourceNotFound", "Resource could not be discovered.");
  }
  uploads += 1;
  // An upload of the same bytes is a new version (whether Graph agrees is unverified).
  const hash = createHash("sha1").update(`${uploads}:`).update(bytes).digest("hex");
  const etag = `"${hash.slice(0, 8).toUpperCase()}"`;
  tenant.users.setPhoto(user, { bytes, contentType, ...size, etag });
}

/** PUT and PATCH /users/{id}/photo/$value: 200 without a body. */
export function putPhoto(tenant: Tenant, call: GraphCall): GraphReply {
  storePhoto(tenant, userOf(tenant, call), call.body, call.headers["content-type"] ?? "");
  return { status: 200 };
}

/** DELETE /users/{id}/photo/$value. */
export function deletePhoto(tenant: Tenant, call: GraphCall): GraphReply {
  const { user } = photoOf(tenant, call);
  tenant.users.setPhoto(user, undefined);
  return NO_CONTENT;
}
