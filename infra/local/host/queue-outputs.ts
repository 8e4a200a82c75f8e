// Writes what a function put out to its storage queues, after it succeeded.

import { z } from "zod";
import type { FunctionDefinition, QueueOutput } from "./describe-function.ts";
import { HostError } from "./host-error.ts";
import type { InvocationResponse, OutputValue } from "./invoke.ts";
import { encodeBody, type MessageEncoding, openQueue, sendCreatingQueue } from "./storage-queue.ts";

/** Writes the queue outputs of one invocation; a failure fails the invocation, so its trigger comes again. */
export type WriteQueueOutputs = (
  definition: FunctionDefinition,
  response: InvocationResponse,
) => Promise<void>;

/** `written` is told each queue that got messages. */
export function createQueueOutputs(
  encoding: MessageEncoding,
  written: (queueName: string) => void,
): WriteQueueOutputs {
  const clients = new Map<string, ReturnType<typeof openQueue>>();
  const clientOf = ({ connectionString, queueName }: QueueOutput): ReturnType<typeof openQueue> => {
    const key = `${connectionString}\n${queueName}`;
    const client = clients.get(key) ?? openQueue(connectionString, queueName);
    clients.set(key, client);
    return client;
  };

  return async (definition, response) => {
    for (const output of definition.queueOutputs) {
      const value =
        output.name === "$return"
          ? response.returnValue
          : response.outputData.find(({ name }) => name === output.name)?.data;
      const bodies = messagesOf(value);
      const queue = clientOf(output);
      await Promise.all(bodies.map((body) => sendCreatingQueue(queue, encodeBody(body, encoding))));
      if (bodies.length > 0) written(output.queueName);
    }
  };
}

/**
 * The messages in one output value: an array is one message per element, also when it comes as the text
 * of a JSON array (FunctionBinding.ReadAsEnumerable); nothing is none.
 */
export function messagesOf(value: OutputValue | null | undefined): (string | Uint8Array)[] {
  if (!value) return [];
  if (typeof value.string === "string") return splitText(value.string);
  if (typeof value.json === "string") {
    const parsed: unknown = JSON.parse(value.json);
    return Array.isArray(parsed) ? parsed.flatMap(elementText) : [textOf(parsed)];
  }
  if (value.bytes) return [value.bytes];
  const number = value.int ?? value.double;
  if (typeof number === "number") return [String(number)];
  throw new HostError("A queue output of this kind is not modelled.");
}

const JsonArray = z.array(z.unknown());

function splitText(text: string): string[] {
  if (!/^\s*\[[\s\S]*\]\s*$/.test(text)) return [text];
  try {
    return JsonArray.parse(JSON.parse(text)).flatMap(elementText);
  } catch {
    return [text];
  }
}

const elementText = (element: unknown): string[] =>
  element === null || element === undefined ? [] : [textOf(element)];

const textOf = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value);
