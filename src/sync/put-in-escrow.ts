// Puts a user whom a system refuses in escrow: a row that people see, and a return that comes by itself, ever more seldom.
import { drupalUuidFor } from "../rules/drupal-names.ts";
import type { FailingSystem } from "../rules/errors.ts";
import { returnDelayMs } from "../rules/escrow.ts";
import type { Reason } from "../rules/plan.ts";
import type { ProvisionRequest } from "../rules/provision-request.ts";
import type { EscrowStore, ProvisionQueue, Surroundings } from "./ports.ts";

/** The key of a request's escrow row: the Drupal UUID, or the one that an Entra user without link would get. */
export const escrowKey = ({
  drupalUuid,
  entraObjectId,
}: Pick<ProvisionRequest, "drupalUuid" | "entraObjectId">): string =>
  drupalUuid ?? drupalUuidFor(entraObjectId ?? "");

/** Whether a request is a return that the user's row has moved on from: one chain of returns for each user. */
export async function isVoidReturn(
  request: ProvisionRequest,
  escrow: Pick<EscrowStore, "find">,
): Promise<boolean> {
  const { escrowedAt } = request;
  return escrowedAt !== undefined && (await escrow.find(escrowKey(request)))?.at !== escrowedAt;
}

/** Who is refused, by whom, and why. */
export interface Refusal {
  readonly request: ProvisionRequest;
  readonly system: FailingSystem;
  readonly reason: Reason;
}

/** What escrow needs of the outside world. */
export type EscrowPorts = Pick<Surroundings, "now" | "random"> & {
  readonly escrow: EscrowStore;
  readonly queue: ProvisionQueue;
};

/** Adds the user or counts the refusal, and queues the return, which makes an earlier one void. */
export async function putInEscrow(refusal: Refusal, ports: EscrowPorts): Promise<void> {
  const { request, system, reason } = refusal;
  const { drupalUuid, entraObjectId, direction, actor } = request;
  const now = ports.now();
  const at = now.toISOString();
  const key = escrowKey(request);
  const known = await ports.escrow.find(key);
  const attempts = (known?.attempts ?? 0) + 1;
  const since = known?.since ?? at;
  const meanMs = returnDelayMs(attempts, since, at);
  // Who was refused together does not return together.
  const delayMs = meanMs === null ? null : Math.ceil(meanMs * (0.9 + ports.random() / 5));
  // The row first: should the message never be sent, the row's own time is late, and a cycle sees that.
  await ports.escrow.put({
    drupalUuid: key,
    entraObjectId: drupalUuid === undefined ? (entraObjectId ?? null) : null,
    system,
    reason,
    attempts,
    since,
    at,
    nextAt: delayMs === null ? null : new Date(now.getTime() + delayMs).toISOString(),
  });
  if (delayMs === null) return;
  const again: ProvisionRequest = {
    ...(drupalUuid === undefined ? { entraObjectId } : { drupalUuid }),
    ...(direction === undefined ? {} : { direction }),
    ...(actor === undefined ? {} : { actor }),
    // What a cycle would have held is held when it comes back.
    ...(request.cycleId === undefined && request.holdsHarm !== true ? {} : { holdsHarm: true }),
    cause: "replay",
    attempt: 0,
    receivedAt: at,
    escrowedAt: at,
  };
  await ports.queue.send(again, delayMs);
}
