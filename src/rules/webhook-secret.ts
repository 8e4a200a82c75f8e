// Secrets of webhooks as admins write them down.

/** Formats that a site may be set to (`WEBHOOK_FORMATS`). */
export type WebhookFormat = "standard" | "contrib" | "contrib-sha1";

/** The bytes of a secret: base64 after `whsec_` (Standard Webhooks), else its UTF-8. */
export function secretBytes(secret: string): Buffer {
  return secret.startsWith("whsec_")
    ? Buffer.from(secret.slice(6), "base64")
    : Buffer.from(secret, "utf8");
}
