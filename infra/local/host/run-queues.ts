// Runs the queue functions of an app: one listener each, and their messages as invocations.

import type { RpcTypedData } from "./core-types.ts";
import type { FunctionDefinition, TriggerOf } from "./describe-function.ts";
import type { Report } from "./host-events.ts";
import type { QueueOptions } from "./host-json.ts";
import type { Invoke } from "./invoke.ts";
import { poisonQueueName, startQueueListener } from "./queue-listener.ts";
import { triggerMetadataOf } from "./queue-message.ts";
import { openQueue } from "./storage-queue.ts";

/** A function that is started by messages. */
export type QueueFunction = FunctionDefinition<TriggerOf<"queue">>;

/** The listeners of an app. */
export interface RunningQueues {
  /** Messages were written to this queue by an output binding of this host. */
  notify(queueName: string): void;
  stop(): Promise<void>;
}

/** Starts the listeners. `invoke` also writes the outputs. */
export function runQueues(options: {
  readonly functions: readonly QueueFunction[];
  readonly settings: QueueOptions;
  readonly leaseMs: number;
  readonly invoke: Invoke;
  readonly report: Report;
}): RunningQueues {
  const listeners = options.functions
    .filter(({ disabled }) => !disabled)
    .map((definition) => {
      const { queueName, connectionString } = definition.trigger;
      const poison = poisonQueueName(queueName);
      return startQueueListener({
        functionName: definition.name,
        queue: openQueue(connectionString, queueName),
        poisonQueue: poison === undefined ? undefined : openQueue(connectionString, poison),
        settings: options.settings,
        leaseMs: options.leaseMs,
        report: options.report,
        execute: async (message, body) => {
          await options.invoke({
            definition,
            reason: `message on ${queueName}, attempt ${message.dequeueCount}`,
            input: { string: body },
            triggerMetadata: triggerMetadataOf(message, body),
          });
        },
      });
    });
  return {
    notify: (queueName) => {
      for (const listener of listeners) if (listener.queueName === queueName) listener.notify();
    },
    stop: async () => void (await Promise.all(listeners.map((listener) => listener.stop()))),
  };
}

/** What a message has that was made by hand: a body, but no id, receipt or times. */
export function manualMetadata(body: string): Record<string, RpcTypedData> {
  return { QueueTrigger: { string: body }, DequeueCount: { json: "0" } };
}
