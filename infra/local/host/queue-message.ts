// What a function sees of a queue message: its body and its trigger metadata.

import type { DequeuedMessageItem } from "@azure/storage-queue";
import { z } from "zod";
import type { RpcTypedData } from "./core-types.ts";

/**
 * The metadata of a message, with the trap of the real host: for a body that is a JSON object every
 * top-level property that is neither an array nor null replaces the entry of that name, in any case
 * (WorkerFunctionInvoker.ApplyBindingData). So a message with an `id` hides its own message id.
 */
export function triggerMetadataOf(
  message: DequeuedMessageItem,
  body: string,
): Record<string, RpcTypedData> {
  const metadata: Record<string, RpcTypedData> = {
    QueueTrigger: { string: body },
    DequeueCount: { json: String(message.dequeueCount) },
    ExpirationTime: { json: dateJson(message.expiresOn) },
    Id: { string: message.messageId },
    InsertionTime: { json: dateJson(message.insertedOn) },
    NextVisibleTime: { json: dateJson(message.nextVisibleOn) },
    PopReceipt: { string: message.popReceipt },
  };
  for (const [name, value] of Object.entries(topLevelProperties(body))) {
    const data = bindingValue(value);
    if (!data) continue;
    const known = Object.keys(metadata).find((key) => key.toLowerCase() === name.toLowerCase());
    metadata[known ?? name] = data;
  }
  return metadata;
}

// Newtonsoft.Json writes a DateTimeOffset in UTC with "+00:00" and without an empty fraction.
function dateJson(date: Date): string {
  return JSON.stringify(
    date
      .toISOString()
      .replace(/(\.\d+)?Z$/, (_, fraction?: string) =>
        fraction && Number(fraction) > 0 ? `${fraction}+00:00` : "+00:00",
      ),
  );
}

const JsonObject = z.record(z.string(), z.unknown());

function topLevelProperties(body: string): Record<string, unknown> {
  if (!/^\s*\{/.test(body)) return {};
  try {
    return JsonObject.safeParse(JSON.parse(body)).data ?? {};
  } catch {
    return {};
  }
}

// Scalars are cast to .NET strings (true becomes "True"), objects stay objects.
function bindingValue(value: unknown): RpcTypedData | undefined {
  switch (typeof value) {
    case "string":
      return { string: value };
    case "number":
      return { string: String(value) };
    case "boolean":
      return { string: value ? "True" : "False" };
    case "object":
      return value === null || Array.isArray(value) ? undefined : { json: JSON.stringify(value) };
    default:
      return undefined;
  }
}
