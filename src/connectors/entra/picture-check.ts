// What Graph sends as a picture is looked at before anyone gets it: by its bytes, never by its name or declared type.
import { disableTypes, imageSize, types } from "image-size";
import { RejectedError } from "../../rules/errors.ts";
import type { Picture } from "../../sync/photo-ports.ts";

const KINDS = {
  jpg: { contentType: "image/jpeg", extension: "jpg" },
  png: { contentType: "image/png", extension: "png" },
  gif: { contentType: "image/gif", extension: "gif" },
  webp: { contentType: "image/webp", extension: "webp" },
} as const;

const isKind = (type: string | undefined): type is keyof typeof KINDS =>
  type !== undefined && Object.hasOwn(KINDS, type);

disableTypes(types.filter((type) => !isKind(type)));

// A face needs some pixels; and a small file may unfold to gigabytes.
const LEAST_PIXELS = 8;
const MOST_PIXELS = 4096;

const refused = (code: string, message: string) =>
  new RejectedError(message, { system: "entra", code: `photoRefused${code}` });

const endsWith = (bytes: Uint8Array, end: readonly number[]): boolean =>
  end.every((byte, at) => bytes.at(at - end.length) === byte);

// A transfer that broke off leaves a file that begins well.
function isWhole(type: keyof typeof KINDS, bytes: Uint8Array): boolean {
  switch (type) {
    case "jpg": {
      // Some encoders fill up with zeros after the end of the image.
      let end = bytes.length;
      while (end > 0 && bytes[end - 1] === 0) end -= 1;
      return endsWith(bytes.subarray(0, end), [0xff, 0xd9]);
    }
    case "png":
      // The chunk IEND: no data, and its checksum (PNG 11.2.5).
      return endsWith(bytes, [0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]);
    case "gif":
      return endsWith(bytes, [0x3b]);
    case "webp": {
      // RIFF: the length of what follows, padded to an even number (WebP container specification).
      const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
      return bytes.length >= length + 8;
    }
  }
}

/**
 * A picture that may go to Drupal. RejectedError with a code that begins with `photoRefused`: `Type` (no JPEG, PNG, GIF or
 * WebP: SVG and HTML are none), `Truncated`, `TooSmall`, `Dimensions`.
 */
export function checkedPicture(bytes: Uint8Array): Picture {
  let size: ReturnType<typeof imageSize>;
  try {
    size = imageSize(bytes);
  } catch {
    throw refused("Type", "what Graph sends is no JPEG, PNG, GIF or WebP");
  }
  const { type, width, height } = size;
  if (!isKind(type)) throw refused("Type", "what Graph sends is no JPEG, PNG, GIF or WebP");
  if (!isWhole(type, bytes)) throw refused("Truncated", "the picture is not whole");
  if (Math.min(width, height) < LEAST_PIXELS)
    throw refused("TooSmall", `the picture has ${width} by ${height} pixels`);
  if (Math.max(width, height) > MOST_PIXELS)
    throw refused("Dimensions", `the picture has ${width} by ${height} pixels`);
  return { bytes, width, height, ...KINDS[type] };
}
