// Which size of a picture goes to Drupal: as large as the settings ask for, and as small as the site's field needs.
import { RejectedError, TransientError } from "../rules/errors.ts";
import { PHOTO_SIZES, type PhotoSettings } from "../rules/photo.ts";
import type { PhotoPorts, Picture, PictureLimits } from "./photo-ports.ts";

/** A picture, and the size in which it was asked for. */
export interface Chosen {
  readonly picture: Picture;
  readonly pixels: number;
}

interface Wish {
  /** Of the largest picture that Graph has. */
  readonly width: number;
  readonly settings: PhotoSettings;
  /** Only smaller ones: this one was too large. */
  readonly below: number | null;
}

// From large to small; null stands for the picture as it was uploaded, which may be of any size.
function sizesFor({ width, settings, below }: Wish, limits: PictureLimits): (number | null)[] {
  const most = Math.min(settings.size, limits.maxPixels ?? settings.size);
  const isSmallEnough = (pixels: number) => pixels <= most && (below === null || pixels < below);
  const derived = PHOTO_SIZES.filter((size) => size < width && isSmallEnough(size)).toReversed();
  // Graph makes no size larger than the upload.
  return isSmallEnough(width) ? [null, ...derived] : derived;
}

function fits({ bytes, extension }: Picture, { maxBytes, extensions }: PictureLimits): boolean {
  if (extensions !== null && !extensions.includes(extension))
    throw new RejectedError(`the site's field takes no ${extension} files`, {
      system: "drupal",
      code: "photoRefusedByField",
    });
  return maxBytes === null || bytes.length <= maxBytes;
}

/** The largest picture that may be sent; null where Graph has none that is small enough. RejectedError for one that is refused
 * for what it is. */
export async function choosePicture(
  entraObjectId: string,
  wish: Wish,
  { entraPhotos, drupalPhotos }: Pick<PhotoPorts, "entraPhotos" | "drupalPhotos">,
): Promise<Chosen | null> {
  const { field, maxBytes } = wish.settings;
  const known = await drupalPhotos.limits(field);
  const limits = { ...known, maxBytes: maxBytes ?? known.maxBytes };
  const sizes = sizesFor(wish, limits);
  let isShown = sizes.length === 0;
  for (const size of sizes) {
    const picture = await entraPhotos.download(entraObjectId, size);
    isShown ||= picture !== null;
    if (picture !== null && fits(picture, limits)) return { picture, pixels: size ?? wish.width };
  }
  if (isShown) return null;
  const options = { system: "entra", code: "photoUnavailable" } as const;
  throw new TransientError("Graph knows of a picture that it does not show", options);
}
