// Change notifications on users: subscriptions, their handshake, and the hints that are sent after changes.
import { randomUUID } from "node:crypto";
import type { Change } from "./change-log.ts";
import type { JsonObject } from "./json-value.ts";
import type { Tenant } from "./tenant.ts";

/** A subscription to changes of users. */
export interface Subscription {
  readonly id: string;
  readonly resource: string;
  readonly changeType: string;
  readonly notificationUrl: string;
  readonly lifecycleNotificationUrl: string | null;
  readonly clientState: string | null;
  expiresAt: number;
}

/** The subscriptions of the tenant. */
export interface Subscriptions {
  size(): number;
  all(): readonly Subscription[];
  get(id: string): Subscription | undefined;
  add(subscription: Omit<Subscription, "id">): Subscription;
  remove(id: string): void;
  end(): void;
}

// resources/subscription: an answer is due within 3 s, then it is tried again; the real thing goes on for 4 h.
const ANSWER_MS = 3000;
const RETRIES_MS = [1000, 5000, 30_000];
// Changes close together travel in one request.
const GATHER_MS = 20;

// `updated` covers create, update and soft delete; `deleted` is the permanent one (resources/subscription).
const changeTypeOf = (change: Change): string => (change.kind === "purged" ? "deleted" : "updated");

/** Sends a validation token to a URL and checks that it comes back (notification URL validation). */
export async function isValidated(url: string): Promise<boolean> {
  const token = `Validation: Testing client application reachability for subscription Request-Id: ${randomUUID()}`;
  const target = new URL(url);
  target.searchParams.set("validationToken", token);
  try {
    const response = await fetch(target, {
      method: "POST",
      headers: { "Content-Type": "text/plain; charset=utf-8" },
      redirect: "manual",
      signal: AbortSignal.timeout(10_000),
    });
    const isText = response.headers.get("content-type")?.startsWith("text/plain") === true;
    return (await response.text()) === token && response.status === 200 && isText;
  } catch {
    return false;
  }
}

const notification = (tenant: Tenant, subscription: Subscription, change: Change): JsonObject => ({
  id: randomUUID(),
  subscriptionId: subscription.id,
  subscriptionExpirationDateTime: new Date(subscription.expiresAt).toISOString(),
  clientState: subscription.clientState,
  changeType: changeTypeOf(change),
  resource: `Users/${change.id}`,
  tenantId: tenant.id,
  resourceData: {
    "@odata.type": "#Microsoft.Graph.User",
    "@odata.id": `Users/${change.id}`,
    id: change.id,
  },
});

/** An empty set of subscriptions that follows the tenant's changes. */
export function createSubscriptions(tenant: Tenant): Subscriptions {
  const subscriptions = new Map<string, Subscription>();
  const timers = new Set<NodeJS.Timeout>();
  const waiting = new Map<string, Change[]>();
  let ended = false;

  const later = (delay: number, act: () => void): void => {
    if (ended) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, delay);
    timers.add(timer);
  };

  const send = async (url: string, body: string, attempt = 0): Promise<void> => {
    const delivered = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json; charset=utf-8" },
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(ANSWER_MS),
    }).then(
      (response) => response.ok,
      () => false,
    );
    const retry = RETRIES_MS[attempt];
    if (!delivered && retry !== undefined) later(retry, () => void send(url, body, attempt + 1));
  };

  const flush = (id: string): void => {
    const changes = waiting.get(id) ?? [];
    waiting.delete(id);
    const subscription = subscriptions.get(id);
    if (subscription === undefined || subscription.expiresAt <= tenant.clock.now()) return;
    const value = changes.map((change) => notification(tenant, subscription, change));
    void send(subscription.notificationUrl, JSON.stringify({ value }));
  };

  const listener = (change: Change): void => {
    for (const subscription of subscriptions.values()) {
      const { id, resource, changeType } = subscription;
      const concerns = resource.toLowerCase() === "users" || resource.endsWith(`/${change.id}`);
      if (!concerns || !changeType.split(",").includes(changeTypeOf(change))) continue;
      const changes = waiting.get(id);
      if (changes !== undefined) changes.push(change);
      else {
        waiting.set(id, [change]);
        later(GATHER_MS, () => flush(id));
      }
    }
  };
  tenant.changeListeners.add(listener);

  const dropExpired = (): void => {
    for (const { id, expiresAt } of subscriptions.values()) {
      if (expiresAt <= tenant.clock.now()) subscriptions.delete(id);
    }
  };

  return {
    size() {
      dropExpired();
      return subscriptions.size;
    },
    all() {
      dropExpired();
      return [...subscriptions.values()];
    },
    get(id) {
      dropExpired();
      return subscriptions.get(id);
    },
    add(subscription) {
      const added = { ...subscription, id: randomUUID() };
      subscriptions.set(added.id, added);
      return added;
    },
    remove: (id) => {
      subscriptions.delete(id);
    },
    end() {
      ended = true;
      tenant.changeListeners.delete(listener);
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
