// The queue of nominated users in Azure Queue Storage.
import { QueueClient } from "@azure/storage-queue";
import type { ProvisionQueue } from "../sync/ports.ts";
import { nameStorageFailure, type StorageAccount } from "./tables.ts";

/** Also the `queueName` of functions/provision-request. */
export const PROVISION_QUEUE = "provision-requests";

const MAX_DELAY_S = 7 * 86_400 - 60; // the service refuses 7 days and more

/** A queue client of the account. */
export function openQueue(account: StorageAccount, name: string): QueueClient {
  return account.kind === "connectionString"
    ? new QueueClient(account.connectionString, name)
    : new QueueClient(new URL(name, `${account.queueServiceUri}/`).href, account.credential);
}

/** The provision queue, made on first use. */
export function createProvisionQueue(account: StorageAccount): ProvisionQueue {
  const queue = openQueue(account, PROVISION_QUEUE);
  let made: Promise<unknown> | null = null;
  return {
    send: async (request, delayMs = 0) => {
      try {
        made ??= queue.createIfNotExists();
        await made;
        // The host expects base64 and the SDK sends text as it is. Messages expire after 7 days unless told otherwise,
        // which the output binding cannot do (facts: security 0.2): hence the SDK.
        const text = Buffer.from(JSON.stringify({ request })).toString("base64");
        const visibilityTimeout = Math.min(MAX_DELAY_S, Math.ceil(delayMs / 1000));
        await queue.sendMessage(text, { messageTimeToLive: -1, visibilityTimeout });
      } catch (error) {
        made = null;
        throw nameStorageFailure(error);
      }
    },
  };
}
