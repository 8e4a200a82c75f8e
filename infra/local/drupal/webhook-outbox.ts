// Standard Webhooks from an outbox: after the commit, one pending row per user, repeated until a 2xx.
import { createHmac, randomUUID } from "node:crypto";
import { postWebhook } from "./post-webhook.ts";
import type { UserEvent } from "./site.ts";
import type { Delivery, WebhookSettings } from "./webhook-settings.ts";

const LONGEST_WAIT_MS = 60_000;

type EventType = "user.created" | "user.updated" | "user.deleted";
const TYPES: ReadonlyMap<UserEvent["kind"], EventType> = new Map([
  ["create", "user.created"],
  ["update", "user.updated"],
  ["delete", "user.deleted"],
]);

interface Row {
  readonly id: string;
  readonly type: EventType;
  readonly uuid: string;
  readonly sequence: number;
  /** The service account, when every change that this row stands for was its own. */
  readonly actor: string | undefined;
  readonly timestamp: string;
  attempts: number;
}

/** The outbox of a site. */
export interface WebhookOutbox {
  /** Users with something still to be told. */
  readonly pending: number;
  add(event: UserEvent): void;
  close(): void;
}

/** `v1,` and the Base64 of HMAC-SHA256 over `id.timestamp.body`; the key is what follows `whsec_` (Standard Webhooks spec). */
function signature(secret: string, id: string, timestamp: string, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const digest = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return `v1,${digest}`;
}

/** A newer event replaces the row that is still waiting; a creation nobody heard of stays a creation. */
function merged(old: Row | undefined, next: Row): Row {
  if (old === undefined) return next;
  const type = old.type === "user.created" && next.type === "user.updated" ? old.type : next.type;
  const actor = old.actor === next.actor ? next.actor : undefined;
  return { ...next, type, actor };
}

/** An outbox that starts empty; `isService` tells whose changes are marked with `data.actor`. */
export function createWebhookOutbox(
  settings: () => WebhookSettings,
  log: () => Delivery[],
  isService: (name: string) => boolean,
): WebhookOutbox {
  const rows = new Map<string, Row>();
  const busy = new Set<string>();
  const timers = new Set<NodeJS.Timeout>();
  let sequence = 0;
  let closed = false;

  const later = (uuid: string, milliseconds: number): void => {
    if (closed) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      void send(uuid);
    }, milliseconds);
    timers.add(timer);
  };

  const send = async (uuid: string): Promise<void> => {
    const row = rows.get(uuid);
    if (row === undefined || busy.has(uuid) || closed) return;
    busy.add(uuid);
    row.attempts += 1;
    const { id, type, timestamp, attempts } = row;
    const actor = row.actor === undefined ? {} : { actor: row.actor };
    const body = JSON.stringify({
      type,
      timestamp,
      data: { uuid, sequence: row.sequence, ...actor },
    });
    const headers = (): Record<string, string> => {
      const at = String(Math.floor(Date.now() / 1000));
      const signed = signature(settings().secret, id, at, body);
      return { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": signed };
    };
    const parcel = {
      format: "standard" as const,
      id,
      event: type,
      uuid,
      attempt: attempts,
      body,
      headers,
    };
    const status = await postWebhook(settings(), log(), parcel);
    busy.delete(uuid);
    const delivered = status >= 200 && status < 300;
    if (rows.get(uuid) !== row) {
      // Something newer came in meanwhile; what was told needs no merging with it.
      later(uuid, 0);
      return;
    }
    if (delivered) rows.delete(uuid);
    else later(uuid, Math.min(LONGEST_WAIT_MS, settings().retryMs * 2 ** (attempts - 1)));
  };

  return {
    get pending() {
      return rows.size;
    },
    add(event) {
      const type = TYPES.get(event.kind);
      if (type === undefined) return;
      sequence += 1;
      const { uuid } = event.user;
      const byService = event.actor !== null && isService(event.actor.name);
      const actor = byService ? event.actor.uuid : undefined;
      const timestamp = new Date().toISOString();
      const next = {
        id: `msg_${randomUUID()}`,
        type,
        uuid,
        sequence,
        actor,
        timestamp,
        attempts: 0,
      };
      rows.set(uuid, merged(rows.get(uuid), next));
      later(uuid, 0);
    },
    close() {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}
