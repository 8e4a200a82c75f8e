// Profile pictures as values: what Entra shows, what is remembered of a user's picture, and what is to be done about it.
import { z } from "zod";
import type { Reason } from "./plan.ts";
import { because } from "./plan.ts";

/** The sizes that Graph makes of a picture, in pixels of a square (profilephoto-get). */
export const PHOTO_SIZES = [48, 64, 96, 120, 240, 360, 432, 504, 648] as const;

/** The part of the sync configuration about pictures. */
export const photosSchema = z.strictObject({
  enabled: z.boolean().default(true).describe("Whether pictures flow from Entra to Drupal."),
  field: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,59}$/)
    .default("user_picture")
    .describe("The machine name of the image field of Drupal users."),
  size: z
    .union(PHOTO_SIZES.map((size) => z.literal(size)))
    .default(240)
    .describe("How large a picture is asked for, in pixels; smaller where the site allows less."),
  authority: z
    .enum(["drupal", "entra", "newest"])
    .default("drupal")
    .describe(
      "Whose picture stays where a person has uploaded one in Drupal: theirs (drupal), Entra's, or the one that changed last.",
    ),
  whenMissing: z
    .enum(["keep", "remove"])
    .default("keep")
    .describe(
      "What follows when Entra has no picture any more: ours stays, or is removed once two looks an hour apart have missed it.",
    ),
  maxBytes: z
    .int()
    .min(1024)
    .max(8 * 1024 * 1024)
    .nullable()
    .default(null)
    .describe("The largest file that the site's field takes; null: found by asking and trying."),
});

/** How pictures are treated. */
export type PhotoSettings = z.infer<typeof photosSchema>;

/** What Graph says of a user's picture. Five ways of having none, each with a fate of its own. */
export type PhotoSeen =
  | { readonly kind: "picture"; readonly etag: string; readonly width: number }
  | { readonly kind: "none" }
  | { readonly kind: "noMailbox" }
  | { readonly kind: "forbidden" }
  | { readonly kind: "throttled"; readonly retryAfterMs: number | null }
  | { readonly kind: "unavailable"; readonly retryAfterMs: number | null };

/** What can be decided on; who was throttled or met an error is asked again. */
export type PhotoFact = Exclude<PhotoSeen, { kind: "throttled" | "unavailable" }>;

/** The picture that a Drupal account shows. */
export interface DrupalPicture {
  readonly fileId: string;
  /** As the site named the file. */
  readonly filename: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** An upload that was announced before it was sent: its file's name tells afterwards whether it arrived. */
export interface PendingUpload {
  /** ISO 8601. */
  readonly at: string;
  readonly hash: string;
  readonly etag: string;
}

/** What is remembered of a user's picture. */
export interface PhotoRecord {
  readonly drupalUuid: string;
  readonly entraObjectId: string;
  /** Entra's version of the picture that was dealt with last; null: it has shown none. */
  readonly etag: string | null;
  /** The settings (`photoPrint`) by which that was. */
  readonly settings: string;
  /** SHA-256, in hex, of the bytes that are kept in Blob Storage; null: none are. */
  readonly hash: string | null;
  /** The id of the file in Drupal that we uploaded last; null: none, or it was taken away. */
  readonly fileId: string | null;
  /** Files of ours that are not shown any more and could not be deleted yet. */
  readonly leftovers: readonly string[];
  readonly pending: PendingUpload | null;
  /** ISO 8601, when Entra was first seen without a picture; null while it has one. */
  readonly missingSince: string | null;
  /** How the last look ended. */
  readonly outcome: Reason;
  /** ISO 8601, when Entra's picture was last seen as it is. */
  readonly seenAt: string;
}

/** The parts of the settings on which it depends what is uploaded. */
export const photoPrint = ({ field, size, maxBytes }: PhotoSettings): string =>
  [field, size, maxBytes ?? ""].join(" ");

/** What is to be done about a user's picture. `leave` says why. */
export type PhotoPlan =
  | { readonly kind: "upload" }
  | { readonly kind: "remove"; readonly reason: Reason }
  | {
      readonly kind: "leave";
      readonly status: "inSync" | "skipped" | "warning" | "failed";
      readonly reason: Reason;
    };

/** How a user's picture ended. */
export interface PhotoOutcome {
  readonly status: "success" | "inSync" | "skipped" | "warning" | "failed";
  /** What was written to Drupal. */
  readonly operation: "create" | "update" | "delete" | "none";
  readonly reason: Reason;
  readonly entraObjectId: string | null;
  /** It was only decided. */
  readonly isPlanned?: boolean;
}

// A second look of the same minute proves nothing more than the first.
const MISSED_TWICE_MS = 3_600_000;

const leave = (
  status: Extract<PhotoPlan, { kind: "leave" }>["status"],
  code: string,
  message: string,
): PhotoPlan => ({ kind: "leave", status, reason: because(code, message) });

const NO_PICTURE = {
  none: because("photoMissing", "Entra has no picture of the user"),
  noMailbox: because(
    "photoNoMailbox",
    "the user has no mailbox in Exchange Online, and no picture",
  ),
} as const;

/** Codes of refusals of a picture, for what it is or by the site's field: it is not downloaded again at once for them. */
export const isRefusedPicture = ({ code }: Reason): boolean => code.startsWith("photoRefused");

// By the field of the site, which its people may change without our hearing of it.
const BY_THE_SITE = ["photoRefusedByField", "photoRefusedByDrupal", "photoRefusedTooLarge"];
const REFUSED_BY_SITE_FOR_MS = 86_400_000;

const isStillRefused = ({ outcome, seenAt }: PhotoRecord, now: Date): boolean =>
  isRefusedPicture(outcome) &&
  (!BY_THE_SITE.includes(outcome.code) ||
    now.getTime() - Date.parse(seenAt) < REFUSED_BY_SITE_FOR_MS);

// Longer than an upload with all that comes before and after it.
const UPLOAD_TAKES_MS = 60_000;

/** Whether another worker may be at the upload that is announced here. */
export const isBeingSent = ({ pending }: PhotoRecord, now: Date): boolean =>
  pending !== null && now.getTime() - Date.parse(pending.at) < UPLOAD_TAKES_MS;

/** The name under which a picture of these bytes is uploaded, without its extension: long enough to be nobody else's. */
export const fileStem = (hash: string): string => hash.slice(0, 32);

/** What is remembered, after a look at what Drupal shows. `arrived`: the upload that was announced, and of which nobody could
 * record that it is there. */
export function withArrived(
  record: PhotoRecord,
  current: DrupalPicture | null,
): { readonly record: PhotoRecord; readonly arrived: PendingUpload | null } {
  const { pending, fileId, leftovers } = record;
  // A taken name gets a number before its extension (contract/drupal 196).
  const isThere =
    pending !== null &&
    current !== null &&
    current.fileId !== fileId &&
    current.filename.startsWith(fileStem(pending.hash));
  if (!isThere) return { record, arrived: null };
  const old = fileId === null ? [] : [fileId];
  const known = { hash: pending.hash, fileId: current.fileId, leftovers: [...leftovers, ...old] };
  return { record: { ...record, ...known, pending: null }, arrived: pending };
}

function planMissing(
  kind: "none" | "noMailbox",
  hasOurs: boolean,
  record: PhotoRecord | null,
  settings: PhotoSettings,
  now: Date,
): PhotoPlan {
  const reason = NO_PICTURE[kind];
  const keep: PhotoPlan = { kind: "leave", status: "skipped", reason };
  if (!hasOurs || settings.whenMissing === "keep") return keep;
  const since = record?.missingSince ?? null;
  const isTwice = since !== null && now.getTime() - Date.parse(since) >= MISSED_TWICE_MS;
  return isTwice ? { kind: "remove", reason } : keep;
}

/** Decides by what is remembered, what Entra shows and what Drupal shows. */
export function planPhoto(
  record: PhotoRecord | null,
  seen: PhotoFact,
  current: DrupalPicture | null,
  settings: PhotoSettings,
  now: Date,
): PhotoPlan {
  if (seen.kind === "forbidden")
    return leave("failed", "photoForbidden", "Graph does not let us see the user's picture");
  const hasOurs = current !== null && current.fileId === record?.fileId;
  if (seen.kind !== "picture") {
    // One that was removed by a look that died is still to be told of.
    const wasOurs = hasOurs || (current === null && record !== null && record.fileId !== null);
    return planMissing(seen.kind, wasOurs, record, settings, now);
  }
  const isSame = record?.etag === seen.etag && record.settings === photoPrint(settings);
  if (isSame && record !== null && isStillRefused(record, now))
    return { kind: "leave", status: "warning", reason: record.outcome };
  if (hasOurs)
    return isSame
      ? leave("inSync", "alreadyInSync", "Drupal shows Entra's picture")
      : { kind: "upload" };
  const { authority } = settings;
  if (authority === "entra") return { kind: "upload" };
  if (current === null) {
    const wasTaken = isSame && record !== null && record.fileId !== null;
    return wasTaken
      ? leave("skipped", "photoTakenAway", "someone removed the picture in Drupal: it stays away")
      : { kind: "upload" };
  }
  // Only a change that was seen to come after the person's own upload is newer.
  const isNewer =
    authority === "newest" &&
    record !== null &&
    record.etag !== null &&
    record.etag !== seen.etag &&
    Date.parse(current.createdAt) < Date.parse(record.seenAt);
  return isNewer
    ? { kind: "upload" }
    : leave("skipped", "photoOwn", "the person's own picture in Drupal is kept");
}

/** Whether a user needs a look of their own, by what a listing of pictures shows: not when all is as remembered. */
export function needsPhotoLook(
  record: PhotoRecord | null,
  seen: PhotoSeen,
  shownFileId: string | null | undefined,
  settings: PhotoSettings,
  now: Date,
): boolean {
  if (record === null || record.pending !== null || record.leftovers.length > 0) return true;
  // It was missing, and is there again: that is to be remembered.
  if (seen.kind === "picture" && record.missingSince !== null) return true;
  if (seen.kind === "throttled" || seen.kind === "unavailable") return true;
  // Drupal does not show the user: their own look finds out why.
  if (shownFileId === undefined) return record.outcome.code !== "drupalUserGone";
  const isForeign = shownFileId !== null && shownFileId !== record.fileId;
  const current = shownFileId === null ? null : shownBy(shownFileId);
  const plan = planPhoto(record, seen, current, settings, now);
  if (plan.kind !== "leave") return true;
  if (plan.reason.code !== "alreadyInSync" && plan.reason.code !== record.outcome.code) return true;
  return seen.kind === "picture" && record.etag !== seen.etag && !isForeign;
}

// A listing tells a file's id alone; who decides by its age looks at it anyway.
const shownBy = (fileId: string): DrupalPicture => ({
  fileId,
  filename: "",
  createdAt: new Date(0).toISOString(),
});
