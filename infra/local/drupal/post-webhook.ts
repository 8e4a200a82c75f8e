// One POST to the receiver: delays, duplicates and timeouts included, never an exception.
import { performance } from "node:perf_hooks";
import { pause } from "./site.ts";
import {
  type Delivery,
  logDelivery,
  type WebhookFormat,
  type WebhookSettings,
} from "./webhook-settings.ts";

/** What is sent, and how it is written into the log. */
export interface Parcel {
  readonly format: WebhookFormat;
  readonly id: string;
  readonly event: string;
  readonly uuid: string;
  readonly attempt: number;
  readonly body: string;
  /** Made at the last moment, because a timestamp may be signed. */
  readonly headers: () => Readonly<Record<string, string>>;
}

async function attempt(settings: WebhookSettings, url: string, parcel: Parcel): Promise<number> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...parcel.headers() },
      body: parcel.body,
      redirect: "manual",
      signal: AbortSignal.timeout(settings.timeoutMs),
    });
    await response.body?.cancel();
    return response.status;
  } catch {
    return 0;
  }
}

/** Sends a parcel, perhaps twice, and tells the status of the first answer; 0 when there was none. */
export async function postWebhook(
  settings: WebhookSettings,
  log: Delivery[],
  parcel: Parcel,
): Promise<number> {
  const { url } = settings;
  if (url === undefined) return 0;
  await pause(Math.random() * settings.shuffleMs);
  const once = async (): Promise<number> => {
    const start = performance.now();
    const status = await attempt(settings, url, parcel);
    const { format, id, event, uuid, attempt: number } = parcel;
    const durationMs = Math.round(performance.now() - start);
    const at = new Date().toISOString();
    logDelivery(log, { at, format, id, event, uuid, attempt: number, status, durationMs });
    return status;
  };
  const status = await once();
  if (Math.random() < settings.duplicateRate) void once();
  return status;
}
