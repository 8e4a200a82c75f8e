// The contrib *webhooks* module: sent inside the save, once, and lost when the receiver fails (contract/drupal 331-335).
import { createHmac, randomUUID } from "node:crypto";
import { identityOf } from "./authenticate.ts";
import { normaliseUser, phpJson } from "./normalise-user.ts";
import { postWebhook } from "./post-webhook.ts";
import type { Site, UserEvent } from "./site.ts";
import type { Delivery, WebhookSettings } from "./webhook-settings.ts";

const EVENTS: Readonly<Record<UserEvent["kind"], string>> = {
  create: "entity:user:create",
  update: "entity:user:update",
  delete: "entity:user:delete",
  cancel: "system:user_cancel",
};

function bodyOf(site: Site, event: UserEvent, origin: string): string {
  const who = identityOf(site, event.actor);
  const shown = (user: UserEvent["user"]) => normaliseUser(site, who, user, origin);
  const name = EVENTS[event.kind];
  // system:* events carry one user, the one it is about (contract/drupal-webhooks 007).
  if (event.kind === "cancel") return phpJson({ event: name, user: shown(event.user) });
  const actor = event.actor === null ? {} : shown(event.actor);
  return phpJson({ event: name, user: actor, entity: shown(event.user) });
}

/** Sends one event and waits for it, as the save does. */
export async function sendContribWebhook(
  site: Site,
  settings: WebhookSettings,
  log: Delivery[],
  event: UserEvent,
  origin: string,
): Promise<void> {
  const id = randomUUID();
  const body = bodyOf(site, event, origin);
  const hex = (algorithm: string): string =>
    createHmac(algorithm, settings.secret).update(body).digest("hex");
  const signatures = settings.secret === "" ? [] : settings.contribSignatures;
  const headers = {
    "User-Agent": "Drupal/10.6.15 (+https://www.drupal.org/) GuzzleHttp/7",
    "X-Drupal-Event": EVENTS[event.kind],
    "X-Drupal-Delivery": id,
    ...(signatures.includes("sha1") ? { "X-Hub-Signature": `sha1=${hex("sha1")}` } : {}),
    ...(signatures.includes("sha256") ? { "X-Hub-Signature-256": `sha256=${hex("sha256")}` } : {}),
  };
  await postWebhook(settings, log, {
    format: "contrib",
    id,
    event: EVENTS[event.kind],
    uuid: event.user.uuid,
    attempt: 1,
    body,
    headers: () => headers,
  });
}
