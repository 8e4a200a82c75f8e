// All that a running simulator holds: the site, its webhooks, its faults, and what has been asked of it.
import type { ProductUrl } from "../sync-pictures.ts";
import { sendContribWebhook } from "./contrib-webhook.ts";
import { createFaults, type Faults, seededRandom } from "./faults.ts";
import { observedFieldsSite } from "./observed-fields-site.ts";
import { observedSite } from "./observed-site.ts";
import { createRequestLog, type RequestLog } from "./request-log.ts";
import { SERVICE_ACCOUNT, seededSite } from "./seeded-site.ts";
import type { Site } from "./site.ts";
import { createWebhookOutbox, type WebhookOutbox } from "./webhook-outbox.ts";
import {
  type Delivery,
  defaultWebhookSettings,
  type WebhookPatch,
  type WebhookSettings,
} from "./webhook-settings.ts";

/** The sites there are: one for people to try things on, and those that were recorded. */
export type SiteName = "seeded" | "observed" | "observedFields";

/** How a simulation starts, and what a reset goes back to. */
export interface SimulationStart {
  readonly people: number;
  readonly site: SiteName;
  readonly latencyMs: number;
  readonly webhook: WebhookPatch;
  readonly productUrl: ProductUrl;
}

/** One simulation; `reset` replaces its members, so nobody may keep them. */
export interface Simulation {
  site: Site;
  webhook: WebhookSettings;
  deliveries: Delivery[];
  outbox: WebhookOutbox;
  faults: Faults;
  requests: RequestLog;
  /** How many of the shared fictional people this site already has. */
  seeded: number;
  /** Where the server listens; webhooks name files by it. */
  origin: string;
  readonly productUrl: ProductUrl;
  reset(): void;
}

/** Takes over the settings that are given. */
export function setWebhook(settings: WebhookSettings, patch: WebhookPatch): void {
  Object.assign(
    settings,
    Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)),
  );
}

const SITES: Readonly<Record<SiteName, (people: number) => Site>> = {
  seeded: seededSite,
  observed: observedSite,
  observedFields: observedFieldsSite,
};

function fill(simulation: Simulation, start: SimulationStart): void {
  const site = SITES[start.site](start.people);
  site.settings.latencyMs = start.latencyMs;
  const webhook = defaultWebhookSettings();
  setWebhook(webhook, start.webhook);
  const deliveries: Delivery[] = [];
  const outbox = createWebhookOutbox(
    () => webhook,
    () => deliveries,
    (name) => name === SERVICE_ACCOUNT,
  );
  const isOn = (format: "contrib" | "standard"): boolean =>
    webhook.url !== undefined && webhook.formats.includes(format);
  site.hooks = {
    async duringSave(event) {
      if (isOn("contrib"))
        await sendContribWebhook(site, webhook, deliveries, event, simulation.origin);
    },
    afterCommit(event) {
      if (isOn("standard")) outbox.add(event);
    },
  };
  Object.assign(simulation, {
    site,
    webhook,
    deliveries,
    outbox,
    faults: createFaults([], seededRandom(1)),
    requests: createRequestLog(),
    seeded: start.site === "seeded" ? start.people : 0,
  });
}

/** Starts a simulation without a server. */
export function createSimulation(start: SimulationStart): Simulation {
  const site = observedSite();
  const webhook = defaultWebhookSettings();
  const simulation: Simulation = {
    site,
    webhook,
    deliveries: [],
    outbox: createWebhookOutbox(
      () => webhook,
      () => [],
      () => false,
    ),
    faults: createFaults([], Math.random),
    requests: createRequestLog(),
    seeded: 0,
    origin: "http://127.0.0.1",
    productUrl: start.productUrl,
    reset() {
      simulation.outbox.close();
      fill(simulation, start);
    },
  };
  fill(simulation, start);
  return simulation;
}
