// Handlers for /subscriptions on users, with the documented limits and refusals.
import * as z from "zod";
import { GraphError, notModelled, resourceNotFound } from "./graph-error.ts";
import { context, type GraphCall, type GraphReply, jsonBody, NO_CONTENT } from "./graph-message.ts";
import type { JsonObject } from "./json-value.ts";
import type { Handler, Route } from "./route-table.ts";
import { isValidated, type Subscription, type Subscriptions } from "./subscriptions.ts";
import type { Tenant } from "./tenant.ts";
import type { AppRole } from "./token.ts";

const MINUTE_MS = 60_000;
// resources/subscription (2026-09-17): under 29 days for directory objects, and never below 45 minutes.
const LONGEST_MINUTES = 41_760;
const SHORTEST_MINUTES = 45;
// Per application and tenant (change-notifications-api-overview).
const MOST_SUBSCRIPTIONS = 100;

const READ_USERS: readonly AppRole[] = ["User.Read.All", "User.ReadWrite.All"];

const invalidRequest = (message: string): GraphError =>
  new GraphError(400, "InvalidRequest", message);
const invalid = (message: string): GraphError => new GraphError(400, "ValidationError", message);

const creation = z.strictObject({
  changeType: z.string(),
  notificationUrl: z.url(),
  lifecycleNotificationUrl: z.url().nullish(),
  resource: z.string(),
  expirationDateTime: z.iso.datetime({ offset: true }),
  clientState: z.string().max(128).nullish(),
  latestSupportedTlsVersion: z.string().nullish(),
});

const isLoopback = (host: string): boolean => ["127.0.0.1", "localhost", "[::1]"].includes(host);

const checkUrl = (text: string): void => {
  const url = new URL(text);
  // The real service insists on https; on one machine loopback may do without.
  if (url.protocol !== "https:" && !isLoopback(url.hostname)) {
    throw invalidRequest(`Notification URL must use https: ${url.protocol}//${url.hostname}`);
  }
};

const checkChangeType = (changeType: string): void => {
  for (const type of changeType.split(",")) {
    // docs issue 4819: users know no 'created'.
    if (type !== "updated" && type !== "deleted") {
      throw invalidRequest(`Invalid 'changeType' attribute: '${type}'.`);
    }
  }
};

const expiry = (tenant: Tenant, text: string): number => {
  const now = tenant.clock.now();
  const at = Date.parse(text);
  if (at > now + LONGEST_MINUTES * MINUTE_MS) {
    throw invalid(`Subscription expiration can only be ${LONGEST_MINUTES} minutes in the future.`);
  }
  if (at <= now) throw invalid("Subscription expiration must be in the future.");
  return Math.max(at, now + SHORTEST_MINUTES * MINUTE_MS);
};

const show = (subscription: Subscription): JsonObject => ({
  id: subscription.id,
  resource: subscription.resource,
  applicationId: null,
  changeType: subscription.changeType,
  clientState: subscription.clientState,
  notificationUrl: subscription.notificationUrl,
  lifecycleNotificationUrl: subscription.lifecycleNotificationUrl,
  expirationDateTime: new Date(subscription.expiresAt).toISOString(),
  creatorId: null,
  includeResourceData: null,
  latestSupportedTlsVersion: "v1_2",
});

/** The routes over one set of subscriptions. */
export function subscriptionRoutes(subscriptions: Subscriptions): readonly Route[] {
  const find = (call: GraphCall): Subscription => {
    const id = call.params.subscription ?? "";
    const found = subscriptions.get(id);
    if (found === undefined) throw resourceNotFound(id);
    return found;
  };
  const entity = (call: GraphCall, status: number, one: Subscription): GraphReply => ({
    status,
    body: { ...context(call, "subscriptions/$entity"), ...show(one) },
  });

  const create: Handler = async (tenant, call) => {
    const parsed = creation.safeParse(jsonBody(call));
    if (!parsed.success) throw invalidRequest(z.prettifyError(parsed.error));
    const { changeType, notificationUrl, resource, clientState } = parsed.data;
    const lifecycleNotificationUrl = parsed.data.lifecycleNotificationUrl ?? null;
    checkChangeType(changeType);
    const path = resource.replace(/^\//, "");
    if (!/^users(\/[0-9a-f-]{36})?$/i.test(path)) {
      throw notModelled(`subscriptions to '${resource}'`);
    }
    const expiresAt = expiry(tenant, parsed.data.expirationDateTime);
    const urls = [notificationUrl, ...(lifecycleNotificationUrl ? [lifecycleNotificationUrl] : [])];
    for (const url of urls) checkUrl(url);
    if (subscriptions.size() >= MOST_SUBSCRIPTIONS) {
      throw new GraphError(403, "Forbidden", "The limit of subscriptions has been reached.");
    }
    for (const url of urls) {
      if (await isValidated(url)) continue;
      throw invalid(
        "Subscription validation request failed. Notification endpoint must respond with 200 OK to validation request.",
      );
    }
    const added = subscriptions.add({
      changeType,
      notificationUrl,
      lifecycleNotificationUrl,
      resource: path,
      expiresAt,
      clientState: clientState ?? null,
    });
    return entity(call, 201, added);
  };

  const renew: Handler = (tenant, call) => {
    const subscription = find(call);
    const shape = z.strictObject({ expirationDateTime: z.iso.datetime({ offset: true }) });
    const parsed = shape.safeParse(jsonBody(call));
    if (!parsed.success) throw invalidRequest(z.prettifyError(parsed.error));
    subscription.expiresAt = expiry(tenant, parsed.data.expirationDateTime);
    return entity(call, 200, subscription);
  };

  const list: Handler = (_tenant, call) => ({
    status: 200,
    body: { ...context(call, "subscriptions"), value: subscriptions.all().map(show) },
  });

  const remove: Handler = (_tenant, call) => {
    subscriptions.remove(find(call).id);
    return NO_CONTENT;
  };

  const one = "/subscriptions/{subscription}";
  const common = { units: undefined, roles: READ_USERS };
  return [
    { ...common, method: "POST", template: "/subscriptions", handler: create },
    { ...common, method: "GET", template: "/subscriptions", handler: list },
    {
      ...common,
      method: "GET",
      template: one,
      handler: (_, call) => entity(call, 200, find(call)),
    },
    { ...common, method: "PATCH", template: one, handler: renew },
    { ...common, method: "DELETE", template: one, handler: remove },
  ];
}
