// Listens to one storage queue for one function, as QueueListener and QueueProcessor of the Storage extension do.

import type { DequeuedMessageItem, QueueClient } from "@azure/storage-queue";
import { messageOf } from "./host-error.ts";
import { type Report, reportHost } from "./host-events.ts";
import type { QueueOptions } from "./host-json.ts";
import { createPollingDelay } from "./polling-delay.ts";
import { decodeBody, isQueueMissing, sendCreatingQueue, storageFailure } from "./storage-queue.ts";

/** A running listener. */
export interface QueueListener {
  readonly queueName: string;
  /** An output binding of this host has just written to the queue: look at once. */
  notify(): void;
  /** Takes no more messages and waits for those that run. */
  stop(): Promise<void>;
}

/** Starts to listen. `execute` runs the function for one message and rejects when it fails. */
export function startQueueListener(options: {
  readonly functionName: string;
  readonly queue: QueueClient;
  /** Undefined when the queue has no poison queue of its own, see `poisonQueueName`. */
  readonly poisonQueue: QueueClient | undefined;
  readonly settings: QueueOptions;
  readonly leaseMs: number;
  readonly execute: (message: DequeuedMessageItem, body: string) => Promise<void>;
  readonly report: Report;
}): QueueListener {
  const { queue, poisonQueue, settings, execute, report } = options;
  const leaseSeconds = Math.max(1, Math.round(options.leaseMs / 1000));
  const delay = createPollingDelay(settings.maxPollingInterval);
  const inFlight = new Set<Promise<void>>();
  let stopping = false;
  let wake = (): void => undefined;
  let notified = false;

  const waitUntilWoken = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const receive = async (): Promise<readonly DequeuedMessageItem[]> => {
    try {
      const { receivedMessageItems } = await queue.receiveMessages({
        numberOfMessages: settings.batchSize,
        visibilityTimeout: leaseSeconds,
      });
      return receivedMessageItems;
    } catch (error) {
      // A queue that does not exist is no error: someone will make it.
      if (!isQueueMissing(error))
        reportHost(
          report,
          "warning",
          `${options.functionName}: queue ${queue.name}: ${messageOf(error)}`,
        );
      return [];
    }
  };

  const process = async (message: DequeuedMessageItem): Promise<void> => {
    const lease = holdLease(queue, message, leaseSeconds);
    const moveToPoison = async (): Promise<void> => {
      // Without a poison queue the message stays invisible, lest it fail in a fast endless loop.
      if (!poisonQueue) return;
      // The body alone, as it is on the wire; id and dequeue count start anew.
      await sendCreatingQueue(poisonQueue, message.messageText);
      reportHost(report, "warning", `Message has been moved to the queue ${poisonQueue.name}.`);
      await remove(queue, message.messageId, await lease.release());
    };
    try {
      const body = decodeBody(message.messageText, settings.messageEncoding);
      if (body === undefined || message.dequeueCount > settings.maxDequeueCount) {
        await moveToPoison();
        return;
      }
      try {
        await execute(message, body);
      } catch {
        // The invocation has reported its failure itself.
        if (message.dequeueCount >= settings.maxDequeueCount) await moveToPoison();
        else if (poisonQueue)
          await release(queue, message, await lease.release(), settings.visibilityTimeout);
        return;
      }
      await remove(queue, message.messageId, await lease.release());
    } catch (error) {
      reportHost(
        report,
        "error",
        `${options.functionName}: queue ${queue.name}: ${messageOf(error)}`,
      );
    } finally {
      await lease.release();
    }
  };

  const untilBelowThreshold = async (): Promise<void> => {
    while (inFlight.size > settings.newBatchThreshold) await Promise.race(inFlight);
  };

  const listen = async (): Promise<void> => {
    let found = false;
    while (!stopping) {
      notified = false;
      const messages = await receive();
      for (const message of messages) {
        const work = process(message).finally(() => inFlight.delete(work));
        inFlight.add(work);
      }
      if (messages.length > 0) {
        found = true;
        await untilBelowThreshold();
      } else if (!notified && !stopping) {
        await waitUntilWoken(delay.next(found));
        found = false;
      }
    }
    await Promise.allSettled(inFlight);
  };
  const listening = listen();

  return {
    queueName: queue.name,
    notify: () => {
      notified = true;
      wake();
    },
    stop: async () => {
      stopping = true;
      wake();
      await listening;
    },
  };
}

/**
 * Keeps a message invisible while its function runs: renewed at half time, each time with the pop receipt
 * that the renewal before gave. `release` ends that and tells the receipt that is valid now.
 */
function holdLease(
  queue: QueueClient,
  message: DequeuedMessageItem,
  leaseSeconds: number,
): { release(): Promise<string> } {
  let popReceipt = message.popReceipt;
  let renewal: Promise<void> = Promise.resolve();
  const renew = async (): Promise<void> => {
    try {
      const answer = await queue.updateMessage(
        message.messageId,
        popReceipt,
        undefined,
        leaseSeconds,
      );
      popReceipt = answer.popReceipt ?? popReceipt;
    } catch {
      // Lost: another host has the message, or it is gone. Deleting it will then do nothing.
      clearInterval(timer);
    }
  };
  const timer = setInterval(() => {
    renewal = renewal.then(renew);
  }, leaseSeconds * 500);
  return {
    release: async () => {
      clearInterval(timer);
      await renewal;
      return popReceipt;
    },
  };
}

async function remove(queue: QueueClient, messageId: string, popReceipt: string): Promise<void> {
  try {
    await queue.deleteMessage(messageId, popReceipt);
  } catch (error) {
    if (!isLost(error)) throw error;
  }
}

// Without a body: the text stays as it is (Update Message, "the message content is not changed").
async function release(
  queue: QueueClient,
  { messageId }: DequeuedMessageItem,
  popReceipt: string,
  afterMs: number,
): Promise<void> {
  try {
    await queue.updateMessage(messageId, popReceipt, undefined, Math.round(afterMs / 1000));
  } catch (error) {
    if (!isLost(error)) throw error;
  }
}

// The message was taken by someone else (400 PopReceiptMismatch) or is gone (404): not our concern any more.
function isLost(error: unknown): boolean {
  const { statusCode, code } = storageFailure(error);
  return statusCode === 404 || code === "PopReceiptMismatch";
}

/**
 * The poison queue of a queue; undefined for a poison queue itself and where the name would exceed the
 * 63 characters of a queue name: a failed message then only stays invisible for a while.
 */
export function poisonQueueName(queueName: string): string | undefined {
  const name = `${queueName}-poison`;
  return queueName.endsWith("-poison") || name.length > 63 ? undefined : name;
}
