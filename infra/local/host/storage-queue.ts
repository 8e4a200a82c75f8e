// A queue of the storage account as the Storage extension uses it: encoding, queues made on demand.

import { QueueClient } from "@azure/storage-queue";
import { z } from "zod";
import type { QueueOptions } from "./host-json.ts";

/** Text encodings of queue messages, host.json `messageEncoding`. */
export type MessageEncoding = QueueOptions["messageEncoding"];

/** Connects to a queue; few and quick retries, because the listener has its own back-off. */
export function openQueue(connectionString: string, queueName: string): QueueClient {
  return new QueueClient(connectionString, queueName, {
    retryOptions: { maxTries: 3, retryDelayInMs: 100, maxRetryDelayInMs: 1000 },
  });
}

const RestError = z.object({
  statusCode: z.number().optional(),
  code: z.string().optional(),
});

/** Status and error code of a storage failure (Azure Storage REST, "Status and error codes"). */
export function storageFailure(error: unknown): z.output<typeof RestError> {
  return RestError.safeParse(error).data ?? {};
}

/** Whether the failure says that the queue does not exist. */
export function isQueueMissing(error: unknown): boolean {
  const { statusCode, code } = storageFailure(error);
  return statusCode === 404 && code !== "MessageNotFound";
}

/** Sends a text that is already encoded; makes the queue when it does not exist. */
export async function sendCreatingQueue(queue: QueueClient, text: string): Promise<void> {
  try {
    await queue.sendMessage(text);
  } catch (error) {
    if (!isQueueMissing(error)) throw error;
    await queue.createIfNotExists();
    await queue.sendMessage(text);
  }
}

/** Encodes a body for the wire. Bytes can only travel as base64. */
export function encodeBody(body: string | Uint8Array, encoding: MessageEncoding): string {
  const bytes = Buffer.from(body);
  return encoding === "base64" ? bytes.toString("base64") : bytes.toString("utf8");
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Decodes a body from the wire; undefined when it is not base64 though it should be. */
export function decodeBody(text: string, encoding: MessageEncoding): string | undefined {
  if (encoding === "none") return text;
  const compact = text.replace(/[ \t\r\n]/g, "");
  return BASE64.test(compact) ? Buffer.from(compact, "base64").toString("utf8") : undefined;
}
