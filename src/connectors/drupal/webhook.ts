// Reads a webhook of Drupal: verifies the raw bytes first, then parses, and keeps only which user and what kind.
import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { secretBytes, type WebhookFormat } from "../../rules/webhook-secret.ts";
import type { DeliveryReading, ReceivedEvent } from "../../sync/ports.ts";
import { isDeliveryId, isStandardGenuine } from "./standard-signature.ts";

export interface WebhookSettings {
  /** Current and previous secrets; each at least 24 bytes. `whsec_<base64>` or plain text. */
  readonly secrets: readonly string[];
  readonly formats: readonly WebhookFormat[];
  /** Name of our own account, where it is known: its events are echoes. */
  readonly ownName: string | null;
}

/** One delivery as it came in; header names in lower case. */
export interface Delivery {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

function strictUtf8(body: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return null;
  }
}

// The contrib module's key is the secret's text as the admin typed it, whatever it looks like.
function isHubGenuine(
  delivery: Delivery,
  secrets: readonly string[],
  algorithm: "sha256" | "sha1",
): boolean {
  const header =
    delivery.headers[algorithm === "sha256" ? "x-hub-signature-256" : "x-hub-signature"] ?? "";
  const hex = header.startsWith(`${algorithm}=`) ? header.slice(algorithm.length + 1) : "";
  const given = Buffer.from(hex, "hex");
  return secrets.some((secret) => {
    const expected = createHmac(algorithm, secret).update(delivery.body).digest();
    return (
      given.length === expected.length &&
      hex.length === expected.length * 2 &&
      timingSafeEqual(given, expected)
    );
  });
}

const nativeBody = z.object({
  type: z.string().max(100),
  data: z.object({ uuid: z.guid(), sequence: z.int().optional(), actor: z.guid().optional() }),
});
const otherNativeBody = z.object({ type: z.string().max(100) });
const NATIVE_EVENTS = new Map<string, ReceivedEvent["event"]>([
  ["user.created", "created"],
  ["user.updated", "updated"],
  ["user.deleted", "deleted"],
]);

const fieldOf = <T extends z.ZodType>(value: T) => z.array(z.object({ value })).default([]);
const account = z.object({
  uuid: fieldOf(z.guid()),
  name: fieldOf(z.string()),
  changed: fieldOf(z.iso.datetime({ offset: true })),
});
const contribBody = z.object({ event: z.string().max(100), user: account, entity: account });
const otherContribBody = z.object({ event: z.string().max(100) });
const CONTRIB_EVENTS = new Map<string, ReceivedEvent["event"]>([
  ["entity:user:create", "created"],
  ["entity:user:update", "updated"],
  ["entity:user:delete", "deleted"],
]);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const malformed = (message: string): DeliveryReading => ({ kind: "malformed", message });

function readNative(json: unknown, deliveryId: string): DeliveryReading {
  const type = otherNativeBody.safeParse(json);
  if (!type.success) return malformed("the body has no type");
  const event = NATIVE_EVENTS.get(type.data.type);
  if (event === undefined) return { kind: "ignored", type: type.data.type };
  const parsed = nativeBody.safeParse(json);
  if (!parsed.success) return malformed("data.uuid is not the UUID of a user");
  const { uuid, actor } = parsed.data.data;
  const common = { drupalUuid: uuid, event, deliveryId, changedAtLeast: null };
  return { kind: "event", event: { ...common, actorUuid: actor ?? null, isOwn: false } };
}

function readContrib(json: unknown, deliveryId: string, ownName: string | null): DeliveryReading {
  const type = otherContribBody.safeParse(json);
  if (!type.success) return malformed("the body has no event");
  const event = CONTRIB_EVENTS.get(type.data.event);
  if (event === undefined) return { kind: "ignored", type: type.data.event };
  const parsed = contribBody.safeParse(json);
  const drupalUuid = parsed.success ? parsed.data.entity.uuid[0]?.value : undefined;
  if (!parsed.success || drupalUuid === undefined)
    return malformed("entity.uuid is not the UUID of a user");
  const { user, entity } = parsed.data;
  const actorName = user.name[0]?.value.toLowerCase();
  const changed = entity.changed[0]?.value;
  return {
    kind: "event",
    event: {
      drupalUuid,
      event,
      deliveryId,
      actorUuid: user.uuid[0]?.value ?? null,
      isOwn: ownName !== null && actorName === ownName.toLowerCase(),
      changedAtLeast: changed === undefined ? null : Math.floor(Date.parse(changed) / 1000),
    },
  };
}

/**
 * Reads one delivery: Standard Webhooks (native body), or the contrib *webhooks* module with `X-Hub-Signature-256`
 * (sha1 only where switched on). Never throws; nothing of an unproven body is looked at.
 */
export function readWebhook(delivery: Delivery, settings: WebhookSettings): DeliveryReading {
  const { secrets, formats } = settings;
  const text = strictUtf8(delivery.body);
  if (delivery.headers["webhook-signature"] !== undefined) {
    const isOn = formats.includes("standard");
    const keys = secrets.map(secretBytes);
    if (!isOn || text === null || !isStandardGenuine(delivery.headers, text, keys))
      return { kind: "unverified" };
    const json = parseJson(text);
    if (json === undefined) return malformed("the body is not JSON");
    return readNative(json, delivery.headers["webhook-id"] ?? "");
  }
  const isGenuine =
    (formats.includes("contrib") && isHubGenuine(delivery, secrets, "sha256")) ||
    (formats.includes("contrib-sha1") && isHubGenuine(delivery, secrets, "sha1"));
  if (!isGenuine) return { kind: "unverified" };
  const json = text === null ? undefined : parseJson(text);
  if (json === undefined) return malformed("the body is not JSON");
  const id = delivery.headers["x-drupal-delivery"] ?? "";
  return readContrib(json, isDeliveryId(id) ? id : "", settings.ownName);
}
