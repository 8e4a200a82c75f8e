// Takes in a webhook: verifies, keeps the pointer, queues it, and only then says yes.
import type { ProvisionRequest } from "../rules/provision-request.ts";
import type { DeliveryReading, ProvisionQueue, Surroundings } from "./ports.ts";

/** How a delivery was answered; anything but `queued` left nothing behind. */
export type Receipt =
  | { readonly kind: "queued"; readonly drupalUuid: string }
  | { readonly kind: "ignored"; readonly why: string }
  | { readonly kind: "unverified" }
  | { readonly kind: "malformed"; readonly message: string };

export interface ReceivePorts extends Pick<Surroundings, "now"> {
  readonly queue: ProvisionQueue;
  /** UUID of our own account where it is known without asking Drupal: the sender may be inside its transaction. */
  ownAccount(): string | null;
}

/**
 * Queues what a delivery points at. Resolves only when the message is durable. Duplicates are queued again: a pointer
 * that was served already costs two reads and writes nothing.
 */
export async function receiveEvents(
  reading: DeliveryReading,
  ports: ReceivePorts,
): Promise<Receipt> {
  if (reading.kind === "unverified" || reading.kind === "malformed") return reading;
  if (reading.kind === "ignored")
    return { kind: "ignored", why: `events of type ${reading.type} are not synced` };
  const { event } = reading;
  const own = ports.ownAccount();
  if (event.isOwn || (own !== null && event.actorUuid === own)) {
    return { kind: "ignored", why: "the change was made by the sync's own account" };
  }
  const drupalUuid = event.drupalUuid.toLowerCase();
  const request: ProvisionRequest = {
    drupalUuid,
    cause: "webhook",
    event: event.event,
    attempt: 0,
    receivedAt: ports.now().toISOString(),
    // Someone else than our account, and someone at all: an unknown actor may be a program.
    ...(event.actorUuid !== null ? { byPerson: true } : {}),
    ...(event.deliveryId === "" ? {} : { deliveryId: event.deliveryId }),
    ...(event.changedAtLeast === null ? {} : { changedAtLeast: event.changedAtLeast }),
  };
  await ports.queue.send(request);
  return { kind: "queued", drupalUuid };
}
