// The queue of users whose pictures are to be looked at.
import type { PhotoQueue } from "../sync/photo-ports.ts";
import { createSender } from "./queues.ts";
import type { StorageAccount } from "./tables.ts";

/** Also the `queueName` of functions/photo-request. */
export const PHOTO_QUEUE = "photo-requests";

/** The photo queue of a storage account. */
export const createPhotoQueue = (account: StorageAccount): PhotoQueue => ({
  send: createSender(account, PHOTO_QUEUE),
});
