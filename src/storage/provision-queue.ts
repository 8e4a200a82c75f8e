// The queue of nominated users.
import type { ProvisionQueue } from "../sync/ports.ts";
import { createSender } from "./queues.ts";
import type { StorageAccount } from "./tables.ts";

/** Also the `queueName` of functions/provision-request. */
export const PROVISION_QUEUE = "provision-requests";

/** The provision queue of a storage account. */
export const createProvisionQueue = (account: StorageAccount): ProvisionQueue => ({
  send: createSender(account, PROVISION_QUEUE),
});
