// What can be set about webhooks, and the log of what was sent.
import { z } from "zod";

/** The two formats: the contrib *webhooks* module and Standard Webhooks from an outbox. */
export const webhookFormat = z.enum(["standard", "contrib"]);
/** One webhook format. */
export type WebhookFormat = z.infer<typeof webhookFormat>;

/** The settings, all optional: what is absent stays as it is. */
export const webhookPatch = z.strictObject({
  url: z.url().optional(),
  /** `whsec_<base64>`; the contrib module takes the whole text as its key. */
  secret: z.string().min(1).optional(),
  formats: z.array(webhookFormat).optional(),
  /** The share of deliveries that are sent twice under the same id. */
  duplicateRate: z.number().min(0).max(1).optional(),
  /** Each delivery waits a random time up to this. */
  shuffleMs: z.number().min(0).optional(),
  /** What readers get while a contrib webhook is under way: the old state (MySQL) or nothing until it ends (SQLite). */
  whileSending: z.enum(["oldState", "blocks"]).optional(),
  /** Which contrib signature headers are sent; old releases know sha1 only. */
  contribSignatures: z.array(z.enum(["sha1", "sha256"])).optional(),
  timeoutMs: z.number().min(1).optional(),
  /** First wait of the outbox after a failure; doubles each time up to a minute. */
  retryMs: z.number().min(1).optional(),
});
/** A change of webhook settings. */
export type WebhookPatch = z.infer<typeof webhookPatch>;

/** The settings in force; without a URL nothing is sent. */
export interface WebhookSettings {
  url: string | undefined;
  secret: string;
  formats: readonly WebhookFormat[];
  duplicateRate: number;
  shuffleMs: number;
  whileSending: "oldState" | "blocks";
  contribSignatures: readonly ("sha1" | "sha256")[];
  timeoutMs: number;
  retryMs: number;
}

/** Settings before anybody set anything. */
export function defaultWebhookSettings(): WebhookSettings {
  return {
    url: undefined,
    secret: "",
    formats: [],
    duplicateRate: 0,
    shuffleMs: 0,
    whileSending: "oldState",
    contribSignatures: ["sha1", "sha256"],
    timeoutMs: 10_000,
    retryMs: 250,
  };
}

/** One attempt to deliver; status 0 is "no answer". */
export interface Delivery {
  readonly at: string;
  readonly format: WebhookFormat;
  readonly id: string;
  readonly event: string;
  readonly uuid: string;
  readonly attempt: number;
  readonly status: number;
  readonly durationMs: number;
}

/** The log keeps this many. */
export const DELIVERIES_KEPT = 1_000;

/** Adds to the log and drops the oldest. */
export function logDelivery(log: Delivery[], delivery: Delivery): void {
  log.push(delivery);
  if (log.length > DELIVERIES_KEPT) log.splice(0, log.length - DELIVERIES_KEPT);
}
