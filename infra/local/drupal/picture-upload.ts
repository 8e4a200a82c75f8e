// Uploading a picture: header rules, file name rules, validation, and the file entity that comes out of it.
import { randomUUID } from "node:crypto";
import { DrupalError, refusal } from "./drupal-error.ts";
import type { DrupalRequest } from "./drupal-http.ts";
import type { StoredFile } from "./file-store.ts";
import { imageSize } from "./image-size.ts";
import type { Site } from "./site.ts";

// The image field's settings on the observed site (contract/drupal 222).
const EXTENSIONS = ["png", "gif", "jpg", "jpeg", "webp"];
const MAX_BYTES = 200 * 1024;
const MIME: Readonly<Record<string, string>> = {
  png: "image/png",
  gif: "image/gif",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  webp: "image/webp",
};

/** The name from Content-Disposition, without any path (contract/drupal 205-207). */
function readFilename(header: string | undefined): string {
  const form = 'A file name in the format "filename=FILENAME" must be provided.';
  if (header === undefined) throw refusal(400, `"Content-Disposition" header is required. ${form}`);
  const match = /\bfilename=(?:"([^"]*)"|([^;\s]+))/.exec(header);
  const name = match?.[1] ?? match?.[2] ?? "";
  if (name === "") throw refusal(400, `No filename found in "Content-Disposition" header. ${form}`);
  return name.split("/").at(-1) ?? name;
}

/** Inner extensions that are not allowed are disarmed: evil.php.png becomes evil.php_.png (contract/drupal 199). */
function munge(name: string): string {
  const [first = "", ...rest] = name.split(".");
  const last = rest.pop();
  if (last === undefined) return name;
  const inner = rest.map((part) =>
    !EXTENSIONS.includes(part.toLowerCase()) && /^[a-zA-Z]{2,5}\d?$/.test(part) ? `${part}_` : part,
  );
  return [first, ...inner, last].join(".");
}

const kilobytes = (bytes: number): string => `${Number((bytes / 1024).toFixed(2))} KB`;

/** Extension, content and size are enforced, width and height are not (contract/drupal 200, 202, 204). */
function complaints(extension: string, bytes: Buffer): string[] {
  return [
    EXTENSIONS.includes(extension)
      ? ""
      : `Only files with the following extensions are allowed: ${EXTENSIONS.join(" ")}.`,
    bytes.length > MAX_BYTES
      ? `The file is ${kilobytes(bytes.length)} exceeding the maximum file size of ${kilobytes(MAX_BYTES)}.`
      : "",
    imageSize(bytes) === undefined
      ? "The image file is invalid or the image type is not allowed. Allowed types: png, jpeg, jpg, jpe, gif, webp"
      : "",
  ].filter((complaint) => complaint !== "");
}

/** A taken name gets a number: ada.png, ada_0.png, ada_1.png; the old file stays (contract/drupal 196). */
function freeUri(site: Site, directory: string, name: string): string {
  const dot = name.lastIndexOf(".");
  for (let number = -1; ; number += 1) {
    const suffix = number < 0 ? "" : `_${number}`;
    const uri = `${directory}/${name.slice(0, dot)}${suffix}${name.slice(dot)}`;
    if (site.files.byUri(uri) === undefined) return uri;
  }
}

/** Validates an upload and keeps it; `permanent` is false until an entity refers to it (contract/drupal 214). */
export function storeUpload(
  site: Site,
  request: DrupalRequest,
  owner: string | null,
  permanent: boolean,
): StoredFile {
  const name = munge(readFilename(request.headers.get("content-disposition")));
  const extension = name.split(".").at(-1)?.toLowerCase() ?? "";
  const wrong = complaints(extension, request.body);
  if (wrong.length > 0)
    throw new DrupalError({
      status: 422,
      items: [{ detail: `Unprocessable Entity: file validation failed.\n${wrong.join("\n")}` }],
    });
  const now = site.now();
  const month = new Date(now * 1000).toISOString().slice(0, 7);
  const uri = freeUri(site, `public://pictures/${month}`, name);
  const size = imageSize(request.body) ?? { width: 0, height: 0 };
  const file: StoredFile = {
    fid: site.files.takeFid(),
    uuid: randomUUID(),
    filename: uri.slice(uri.lastIndexOf("/") + 1),
    uri,
    mime: MIME[extension] ?? "application/octet-stream",
    bytes: request.body,
    ...size,
    permanent,
    created: now,
    changed: now,
    owner,
  };
  site.files.put(file);
  return file;
}
