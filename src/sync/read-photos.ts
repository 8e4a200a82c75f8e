// The reading of a cycle of pictures: everyone with a link, what Graph knows of their pictures, twenty in a request, and what
// Drupal shows. Who is as remembered is passed over; nothing is downloaded here.
import { RejectedError, TransientError } from "../rules/errors.ts";
import { needsPhotoLook, type PhotoSeen } from "../rules/photo.ts";
import type { Reason } from "../rules/plan.ts";
import type { CyclePorts } from "./cycle-ports.ts";
import { GO, type Slice, type StepResult } from "./cycle-step.ts";
import type { HeldCycle } from "./hold-cycle.ts";
import { nominate } from "./nominate.ts";
import type { LinkedUser } from "./photo-ports.ts";
import { readOrWait } from "./read-feed.ts";

// Five of Graph's batches, two of Drupal's pages.
const USERS_AT_ONCE = 100;
const FEW = 20;

const OFF: Reason = {
  code: "photosOff",
  message: "the configuration brings no pictures to Drupal",
};

// One who is forbidden is a matter of that user; everyone is a matter of our rights.
function throwIfBlind(seen: ReadonlyMap<string, PhotoSeen>): void {
  const all = [...seen.values()];
  if (all.length < FEW || !all.every(({ kind }) => kind === "forbidden")) return;
  const message = "the app may not see pictures in Graph: grant ProfilePhoto.Read.All";
  throw new RejectedError(message, { system: "entra", code: "photoPermissionMissing" });
}

// Several who are throttled mean everyone: the page waits, instead of each user of it.
function throwIfThrottled(seen: ReadonlyMap<string, PhotoSeen>): void {
  const throttled = [...seen.values()].flatMap((one) => (one.kind === "throttled" ? [one] : []));
  if (throttled.length * 4 < seen.size || throttled.length === 0) return;
  const retryAfterMs = Math.max(...throttled.map((one) => one.retryAfterMs ?? 0)) || null;
  const options = { system: "entra", code: "photoThrottled", isTurnedAway: true } as const;
  throw new TransientError("Graph wants us to ask for pictures later", {
    ...options,
    retryAfterMs,
  });
}

// As for a listing that shrank: where ours are to be removed, most of them at once is a fault of the source.
function throwIfVanished(users: readonly LinkedUser[], seen: ReadonlyMap<string, PhotoSeen>): void {
  const pictured = users.filter(({ record }) => record !== null && record.fileId !== null);
  const isMissing = (kind: string | undefined) => kind === "none" || kind === "noMailbox";
  const missing = pictured.filter(({ entraObjectId }) => isMissing(seen.get(entraObjectId)?.kind));
  if (missing.length < FEW || missing.length * 2 < pictured.length) return;
  const message = `${missing.length} of ${pictured.length} pictures are missing at once: that is taken for a failed read`;
  throw new RejectedError(message, { system: "entra", code: "photosVanished" });
}

async function readPage(held: HeldCycle, slice: Slice, ports: CyclePorts): Promise<StepResult> {
  const { cycle } = held;
  const { reading } = cycle;
  const { photos: settings } = slice.configuration;
  const { users, next } = await ports.linked.page(reading.position, USERS_AT_ONCE);
  const seen = await ports.entraPhotos.seen(users.map(({ entraObjectId }) => entraObjectId));
  throwIfBlind(seen);
  throwIfThrottled(seen);
  if (settings.whenMissing === "remove") throwIfVanished(users, seen);
  const uuids = users.map(({ drupalUuid }) => drupalUuid);
  const shown = await ports.drupalPhotos.pictures(uuids, settings.field);
  const now = ports.now();
  const moved = users.filter(({ drupalUuid, entraObjectId, record }) => {
    const known = record?.entraObjectId === entraObjectId ? record : null;
    const fact = seen.get(entraObjectId) ?? { kind: "unavailable", retryAfterMs: null };
    return needsPhotoLook(known, fact, shown.get(drupalUuid), settings, now);
  });
  const nominations = moved.map(({ drupalUuid }) => ({ drupalUuid }));
  const nominated = await nominate(held, nominations, "nobody", ports);
  await held.save({
    ...nominated,
    reading: {
      ...reading,
      position: next,
      isDone: next === null,
      pages: reading.pages + 1,
      users: reading.users + users.length,
      unchanged: reading.unchanged + users.length - moved.length,
      failures: 0,
    },
    phaseUsers: cycle.phaseUsers + users.length,
  });
  return GO;
}

/** Reads the next page of a cycle of pictures. */
export async function readPhotos(
  held: HeldCycle,
  slice: Slice,
  ports: CyclePorts,
): Promise<StepResult> {
  const { photos, directions } = slice.configuration;
  if (!photos.enabled || !directions.entraToDrupal)
    return { kind: "end", status: "complete", reason: OFF };
  return readOrWait(held, ports, () => readPage(held, slice, ports));
}

/** Ends the reading and goes on to the users whose pictures moved. */
export async function closePhotos(
  held: HeldCycle,
  _slice: Slice,
  ports: CyclePorts,
): Promise<StepResult> {
  const nominated = await nominate(held, [], "all", ports);
  const phaseStartedAt = ports.now().toISOString();
  await held.save({ ...nominated, phase: "provisioning", phaseStartedAt, phaseUsers: 0 });
  return GO;
}
