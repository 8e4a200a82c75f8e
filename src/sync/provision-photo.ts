// One user's picture: see what Entra has and Drupal shows, decide, and bring it over by way of Blob Storage. The only writer of
// pictures. What is uploaded is announced first, under a name that tells it afterwards, so that a crash costs a look and no file.
import { createHash } from "node:crypto";
import { ConcurrencyError, RejectedError, TransientError } from "../rules/errors.ts";
import { isJoined } from "../rules/link.ts";
import {
  fileStem,
  isBeingSent,
  isRefusedPicture,
  type PhotoFact,
  type PhotoOutcome,
  type PhotoPlan,
  type PhotoSeen,
  type PhotoSettings,
  planPhoto,
} from "../rules/photo.ts";
import type { PhotoRequest } from "../rules/photo-request.ts";
import { because, type Reason } from "../rules/plan.ts";
import { type Chosen, choosePicture } from "./choose-picture.ts";
import type { PhotoPorts } from "./photo-ports.ts";
import { type Look, lookedAt, type Memory, remember, sweep, tell } from "./record-photo.ts";

const skipped = (code: string, message: string): PhotoOutcome => ({
  status: "skipped",
  operation: "none",
  reason: because(code, message),
  entraObjectId: null,
});

function factOf(seen: PhotoSeen | undefined): PhotoFact {
  if (seen?.kind === "throttled") {
    const { retryAfterMs } = seen;
    const options = { system: "entra", code: "photoThrottled", isTurnedAway: true } as const;
    throw new TransientError("Graph wants us to ask for pictures later", {
      ...options,
      retryAfterMs,
    });
  }
  if (seen === undefined || seen.kind === "unavailable") {
    const retryAfterMs = seen?.retryAfterMs ?? null;
    const options = { system: "entra", code: "photoUnavailable", retryAfterMs } as const;
    throw new TransientError("Graph cannot tell of the user's picture now", options);
  }
  return seen;
}

async function leaveIt(
  look: Look,
  memory: Memory,
  plan: Extract<PhotoPlan, { kind: "leave" }>,
  ports: PhotoPorts,
): Promise<PhotoOutcome> {
  const { record } = memory;
  // Told once, and again when it is something else. That someone has no picture is news where they had one.
  const isMissing = look.seen.kind === "none" || look.seen.kind === "noMailbox";
  const isNews = record.outcome.code !== plan.reason.code && !(isMissing && record.etag === null);
  const outcome = { ...plan, operation: "none", entraObjectId: look.entraObjectId } as const;
  if (isNews && plan.status !== "inSync") await tell(look, outcome, null, ports);
  const isReplaced = look.current !== null && look.current.fileId !== record.fileId;
  const files = isReplaced && record.fileId !== null ? [record.fileId] : [];
  const leftovers = await sweep([...record.leftovers, ...files], ports);
  const rest = isReplaced ? { fileId: null } : {};
  await memory.save({ ...lookedAt(look, memory), ...rest, leftovers, outcome: plan.reason });
  const { status, reason, operation, entraObjectId } = outcome;
  return { status, reason, operation, entraObjectId };
}

// Downloads take a while: what a person set meanwhile, or an operator took apart, is looked at anew.
async function assertUnmoved(
  { link, entraObjectId, settings, current }: Look,
  { links, drupalPhotos }: PhotoPorts,
): Promise<void> {
  const now = (await links.get(link.drupalUuid))?.link;
  const shown = await drupalPhotos.picture(link.drupalUuid, settings.field);
  const isSameLink =
    now !== undefined && isJoined(now) && now.entraObjectId === entraObjectId && !now.isProtected;
  if (isSameLink && (shown ?? null)?.fileId === current?.fileId) return;
  throw new ConcurrencyError("the picture or its user was changed meanwhile", {
    system: "storage",
    code: "photoMoved",
  });
}

async function removeIt(
  look: Look,
  memory: Memory,
  reason: Reason,
  ports: PhotoPorts,
): Promise<PhotoOutcome> {
  const { drupalUuid } = look.link;
  const { fileId, leftovers, hash } = memory.record;
  await assertUnmoved(look, ports);
  await ports.drupalPhotos.clear(drupalUuid, look.settings.field);
  const outcome = { status: "success", operation: "delete", reason } as const;
  await tell(look, outcome, { before: hash, after: null }, ports);
  await ports.photos.drop(drupalUuid);
  const left = await sweep([...leftovers, ...(fileId === null ? [] : [fileId])], ports);
  const nothing = { hash: null, fileId: null, leftovers: left };
  await memory.save({ ...lookedAt(look, memory), ...nothing, outcome: reason });
  return { ...outcome, entraObjectId: look.entraObjectId };
}

const FROM_ENTRA = because("changedInEntra", "Entra's picture is shown in Drupal now");
const REPLACED_MEANWHILE = because(
  "photoReplacedMeanwhile",
  "someone set another picture in Drupal at the same moment: it is kept",
);

/** Records that Drupal shows a file of ours with these bytes. */
async function settle(
  look: Look,
  memory: Memory,
  shown: { readonly fileId: string; readonly hash: string },
  ports: PhotoPorts,
): Promise<PhotoOutcome> {
  const { record } = memory;
  const before = look.current === null ? null : (record.hash ?? look.current.fileId);
  const operation = look.current === null ? "create" : "update";
  const outcome = { status: "success", operation, reason: FROM_ENTRA } as const;
  await tell(look, outcome, { before, after: shown.hash }, ports);
  const old = record.fileId === null || record.fileId === shown.fileId ? [] : [record.fileId];
  const leftovers = await sweep([...record.leftovers, ...old], ports);
  const { hash, fileId } = shown;
  const known = { hash, fileId, leftovers };
  await memory.save({ ...lookedAt(look, memory), ...known, outcome: FROM_ENTRA });
  return { ...outcome, entraObjectId: look.entraObjectId };
}

// A picture that is refused for what it is is not asked for again; what the site or our rights refuse may be mended there.
async function refuse(
  look: Look,
  memory: Memory,
  error: RejectedError,
  ports: PhotoPorts,
): Promise<PhotoOutcome> {
  const reason = because(error.code, error.message);
  if (isRefusedPicture(reason))
    return leaveIt(look, memory, { kind: "leave", status: "warning", reason }, ports);
  const outcome = { status: "failed", operation: "none", reason } as const;
  if (memory.record.outcome.code !== reason.code) await tell(look, outcome, null, ports);
  await memory.save({ pending: null, outcome: reason });
  return { ...outcome, entraObjectId: look.entraObjectId };
}

// The same bytes under a new version need no upload; that we know only after the download.
async function keepSame(look: Look, memory: Memory, ports: PhotoPorts): Promise<PhotoOutcome> {
  const reason = because("alreadyInSync", "Drupal shows Entra's picture");
  return leaveIt(look, memory, { kind: "leave", status: "inSync", reason }, ports);
}

async function send(look: Look, memory: Memory, chosen: Chosen, ports: PhotoPorts) {
  const { link, settings, seen } = look;
  const { picture } = chosen;
  const hash = createHash("sha256").update(picture.bytes).digest("hex");
  const { record } = memory;
  const { bytes, contentType, extension } = picture;
  await ports.photos.put(link.drupalUuid, { bytes, contentType, hash });
  const isShown = look.current !== null && look.current.fileId === record.fileId;
  if (isShown && record.hash === hash) return keepSame(look, memory, ports);
  const name = `${fileStem(hash)}.${extension}`;
  const etag = seen.kind === "picture" ? seen.etag : "";
  await memory.save({ pending: { at: ports.now().toISOString(), hash, etag } });
  await assertUnmoved(look, ports);
  const fileId = await ports.drupalPhotos.upload(link.drupalUuid, settings.field, name, bytes);
  const shown = await ports.drupalPhotos.picture(link.drupalUuid, settings.field);
  if (shown?.fileId === fileId) return settle(look, memory, { fileId, hash }, ports);
  const outcome = { status: "warning", operation: "none", reason: REPLACED_MEANWHILE } as const;
  if (record.outcome.code !== outcome.reason.code) await tell(look, outcome, null, ports);
  const leftovers = await sweep([...memory.record.leftovers, fileId], ports);
  await memory.save({
    ...lookedAt(look, memory),
    leftovers,
    outcome: outcome.reason,
  });
  return { ...outcome, entraObjectId: look.entraObjectId };
}

async function bringOver(look: Look, memory: Memory, ports: PhotoPorts): Promise<PhotoOutcome> {
  const { seen, current, settings } = look;
  const { arrived } = memory;
  // The upload of a look that died arrived: it is recorded, and not sent again.
  if (arrived !== null && current !== null && seen.kind === "picture" && arrived.etag === seen.etag)
    return settle(look, memory, { hash: arrived.hash, fileId: current.fileId }, ports);
  for (let below: number | null = null; ; ) {
    const width = seen.kind === "picture" ? seen.width : 0;
    const chosen = await choosePicture(look.entraObjectId, { width, settings, below }, ports);
    if (chosen === null) {
      const message = "Graph has no size of the picture that the site's field takes";
      throw new RejectedError(message, { system: "drupal", code: "photoRefusedTooLarge" });
    }
    try {
      return await send(look, memory, chosen, ports);
    } catch (error) {
      const isTooLarge = error instanceof RejectedError && error.code === "photoTooLarge";
      if (!isTooLarge) throw error;
      below = chosen.pixels;
    }
  }
}

async function carryOut(look: Look, memory: Memory, plan: PhotoPlan, ports: PhotoPorts) {
  if (plan.kind === "leave") return leaveIt(look, memory, plan, ports);
  if (plan.kind === "remove") return removeIt(look, memory, plan.reason, ports);
  try {
    return await bringOver(look, memory, ports);
  } catch (error) {
    if (error instanceof RejectedError) return refuse(look, memory, error, ports);
    throw error;
  }
}

const GONE = skipped("drupalUserGone", "Drupal has no such account any more");

// Nobody's picture is kept.
async function forget({ record, save }: Memory, ports: PhotoPorts): Promise<PhotoOutcome> {
  await ports.photos.drop(record.drupalUuid);
  await save({ hash: null, fileId: null, leftovers: [], pending: null, outcome: GONE.reason });
  return GONE;
}

const OF_ANOTHER = because(
  "photoOfAnother",
  "Drupal showed the picture of the Entra account that was joined before",
);

// The face of someone else is not kept, whatever is kept otherwise.
function planOf({ seen, current, settings, startedAt }: Look, memory: Memory): PhotoPlan {
  const { record, isOfAnother } = memory;
  const isOurs = current !== null && current.fileId === record.fileId;
  if (isOfAnother && isOurs && seen.kind !== "picture")
    return { kind: "remove", reason: OF_ANOTHER };
  return planPhoto(record, seen, current, settings, startedAt);
}

/** Keeps no picture of a user whose link is taken apart; what Drupal shows stays. */
export async function forgetPhoto(
  drupalUuid: string,
  { photos }: Pick<PhotoPorts, "photos">,
): Promise<void> {
  await photos.drop(drupalUuid);
  const stored = await photos.record(drupalUuid);
  // Joined again, it is brought over and kept again.
  if (stored !== null)
    await photos.save({ ...stored.record, hash: null, etag: null }, stored.version);
}

/** Which users' pictures are looked at, and how; null: nobody's. */
export async function photoSettings(
  ports: Pick<PhotoPorts, "configuration">,
): Promise<PhotoSettings | null> {
  const { photos, directions } = await ports.configuration.current();
  return photos.enabled && directions.entraToDrupal ? photos : null;
}

/**
 * Brings one user's picture to Drupal, where that is to be. Idempotent: what is there is not sent again. Throws TransientError
 * and ConcurrencyError for whoever can be asked again; every other refusal is an outcome, and stands in the audit log once.
 * `isDryRun`: decides, and writes nothing.
 */
export async function provisionPhoto(
  request: PhotoRequest,
  ports: PhotoPorts,
  isDryRun = false,
): Promise<PhotoOutcome> {
  const startedAt = ports.now();
  const settings = await photoSettings(ports);
  if (settings === null)
    return skipped("photosOff", "the configuration brings no pictures to Drupal");
  const link = (await ports.links.get(request.drupalUuid))?.link;
  if (link === undefined || !isJoined(link) || link.entraObjectId === null)
    return skipped("notLinked", "the Drupal account is not joined to an Entra account");
  if (link.isProtected) return skipped("protectedAccount", "the sync never touches this account");
  const { drupalUuid, entraObjectId } = link;
  const seen = factOf((await ports.entraPhotos.seen([entraObjectId])).get(entraObjectId));
  const current = await ports.drupalPhotos.picture(drupalUuid, settings.field);
  const shown = { current: current ?? null, startedAt };
  const look: Look = { request, link, entraObjectId, settings, seen, ...shown };
  const memory = await remember(look, ports);
  if (current === undefined) return isDryRun ? GONE : forget(memory, ports);
  if (isBeingSent(memory.record, startedAt))
    throw new ConcurrencyError("another worker is at this picture", {
      system: "storage",
      code: "photoBeingSent",
    });
  const plan = planOf(look, memory);
  if (!isDryRun) return carryOut(look, memory, plan, ports);
  if (plan.kind === "leave") return { ...plan, operation: "none", entraObjectId };
  const operation = plan.kind === "remove" ? "delete" : current === null ? "create" : "update";
  const reason = plan.kind === "remove" ? plan.reason : FROM_ENTRA;
  return { status: "success", operation, reason, entraObjectId, isPlanned: true };
}
