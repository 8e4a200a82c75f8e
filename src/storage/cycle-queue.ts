// The queue of cycles that want to go on.
import type { CycleRequest } from "../rules/cycle-request.ts";
import type { CycleQueue } from "../sync/cycle-ports.ts";
import { createSender } from "./queues.ts";
import type { StorageAccount } from "./tables.ts";

/** Also the `queueName` of the function that takes a cycle further. */
export const CYCLE_QUEUE = "cycle-requests";

/** The cycle queue of a storage account. */
export function createCycleQueue(account: StorageAccount): CycleQueue {
  const send = createSender<CycleRequest>(account, CYCLE_QUEUE);
  return { send: (cycleId, delayMs) => send({ cycleId }, delayMs) };
}
