// A message of the photo queue: one user's picture now, and again later where it cannot be now. The next cycle of pictures looks
// at everyone, so that whoever is given up here is not lost.
import { RejectedError, SyncFailure, TransientError } from "../rules/errors.ts";
import type { PhotoOutcome } from "../rules/photo.ts";
import type { PhotoRequest } from "../rules/photo-request.ts";
import { type Gate, lookThroughGate } from "./look-through-gate.ts";
import type { PhotoPorts, PhotoQueue } from "./photo-ports.ts";
import type { Surroundings } from "./ports.ts";
import { provisionPhoto } from "./provision-photo.ts";
import { backoffMs } from "./react-to-failure.ts";

const MOST_ATTEMPTS = 8;
// Accounts that were joined a moment ago are not everywhere yet.
const LEAST_WAIT_MS = 5000;

const given = (code: string, message: string): PhotoOutcome => ({
  status: "failed",
  operation: "none",
  reason: { code, message },
  entraObjectId: null,
});

/** Brings the picture over, or queues the request again: then null. Throws only what has no name. */
export async function answerPhotoRequest(
  request: PhotoRequest,
  ports: PhotoPorts &
    Pick<Surroundings, "random"> & { readonly photoQueue: PhotoQueue; readonly gate: Gate },
): Promise<PhotoOutcome | null> {
  try {
    return await lookThroughGate(ports.gate, () => provisionPhoto(request, ports));
  } catch (error) {
    if (!(error instanceof SyncFailure)) throw error;
    const { code, message } = error;
    if (error instanceof RejectedError || request.attempt >= MOST_ATTEMPTS)
      return given(code, message);
    const wish = error instanceof TransientError ? error.retryAfterMs : null;
    const delayMs = Math.max(LEAST_WAIT_MS, backoffMs(request.attempt + 1, wish, ports.random()));
    await ports.photoQueue.send({ ...request, attempt: request.attempt + 1 }, delayMs);
    return null;
  }
}
