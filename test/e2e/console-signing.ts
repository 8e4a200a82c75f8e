// Signs what Drupal's console asks, by the published description alone: it shares no code with the app that verifies.
import { createHash, createHmac, randomUUID } from "node:crypto";
import { WEBHOOK_SECRET } from "./stack.ts";

/** What is signed; left out: the secret of the stack, a new id, now, GET, no body. */
export interface ConsoleAsk {
  readonly target: string;
  readonly method?: string;
  readonly body?: string;
  readonly secret?: string;
  readonly id?: string;
  /** Unix seconds. */
  readonly at?: number;
}

/** The three headers. */
export function consoleHeaders(ask: ConsoleAsk): Record<string, string> {
  const { target, method = "GET", body = "", secret = WEBHOOK_SECRET, id = randomUUID() } = ask;
  const { at = Math.floor(Date.now() / 1000) } = ask;
  const bytes = Buffer.from(secret.slice("whsec_".length), "base64");
  const key = createHmac("sha256", bytes).update("drupal-entra-user-sync console v1").digest();
  const text = `${method}\n${target}\n${createHash("sha256").update(body).digest("hex")}`;
  const signature = createHmac("sha256", key).update(`${id}.${at}.${text}`).digest("base64");
  return {
    "webhook-id": id,
    "webhook-timestamp": String(at),
    "webhook-signature": `v1,${signature}`,
  };
}
