// Queues in Azure Queue Storage: how we open them, and how messages are sent.
import { QueueClient } from "@azure/storage-queue";
import { nameStorageFailure, type StorageAccount } from "./tables.ts";

const MAX_DELAY_S = 7 * 86_400 - 60; // the service refuses 7 days and more

/** A queue client of the account. */
export function openQueue(account: StorageAccount, name: string): QueueClient {
  return account.kind === "connectionString"
    ? new QueueClient(account.connectionString, name)
    : new QueueClient(new URL(name, `${account.queueServiceUri}/`).href, account.credential);
}

/** Sends to a queue, which is made on first use. Durable when it resolves; `delayMs` is rounded up to whole seconds. */
export function createSender<Request>(
  account: StorageAccount,
  name: string,
): (request: Request, delayMs?: number) => Promise<void> {
  const queue = openQueue(account, name);
  let made: Promise<unknown> | null = null;
  return async (request, delayMs = 0) => {
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
  };
}
