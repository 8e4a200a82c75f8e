// Builds everything once; the only file that knows everyone.
import { randomUUID } from "node:crypto";
import { DefaultAzureCredential, ManagedIdentityCredential } from "@azure/identity";
import { type Authorize, createAuthorize } from "./api/admin-access.ts";
import { type Config, loadConfig, type StorageSetting } from "./config.ts";
import { createDrupalClient, type DrupalClient } from "./connectors/drupal/client.ts";
import { basicCredentials, oauthCredentials } from "./connectors/drupal/credentials.ts";
import { createDrupalUsers } from "./connectors/drupal/users.ts";
import { type Delivery, readWebhook } from "./connectors/drupal/webhook.ts";
import { createGraphClient, type TokenSource } from "./connectors/entra/client.ts";
import { createEntraUsers } from "./connectors/entra/users.ts";
import { AccessError, TransientError } from "./rules/errors.ts";
import { isLoopback } from "./rules/loopback.ts";
import type { Outcome } from "./rules/outcome.ts";
import type { ProvisionRequest } from "./rules/provision-request.ts";
import { type AuditReader, createAuditLog } from "./storage/audit-log.ts";
import { createConfigurationSource } from "./storage/configuration.ts";
import { createEscrowStore } from "./storage/escrow.ts";
import { createLinkStore } from "./storage/links.ts";
import { createProvisionQueue } from "./storage/provision-queue.ts";
import { createQuarantineStore } from "./storage/quarantine.ts";
import type { StorageAccount } from "./storage/tables.ts";
import { createHealthCheck, type Health } from "./sync/check-health.ts";
import type { LinkStore, ProvisionPorts } from "./sync/ports.ts";
import { provisionUser } from "./sync/provision-user.ts";
import { type Receipt, receiveEvents } from "./sync/receive-events.ts";
import { recordDeadLetter } from "./sync/record-dead-letter.ts";

/** What the functions may call. */
export interface App {
  readonly authorize: Authorize;
  readonly audit: AuditReader;
  readonly links: LinkStore;
  receiveDelivery(delivery: Delivery): Promise<Receipt>;
  provision(request: ProvisionRequest): Promise<Outcome>;
  recordDeadLetter(request: ProvisionRequest | null): Promise<void>;
  checkHealth(): Promise<Health>;
}

const surroundings = { now: () => new Date(), random: Math.random, newId: () => randomUUID() };

function azureCredential(config: Config, clientId: string | null) {
  const identity = clientId === null ? {} : { clientId };
  return config.development
    ? new DefaultAzureCredential()
    : new ManagedIdentityCredential(identity);
}

function storageAccount(config: Config, storage: StorageSetting): StorageAccount {
  return storage.kind === "connectionString"
    ? storage
    : { ...storage, credential: azureCredential(config, storage.clientId) };
}

// The simulator's bearer; loopback is never a real cloud.
function tokenSource(config: Config): TokenSource {
  const { baseUrl, clientId } = config.entra;
  if (isLoopback(baseUrl.hostname)) return async () => "local";
  const credential = azureCredential(config, clientId);
  return async () => {
    try {
      const abortSignal = AbortSignal.timeout(config.requestTimeoutMs);
      return (await credential.getToken(`${baseUrl.origin}/.default`, { abortSignal })).token;
    } catch (cause) {
      if (cause instanceof Error && cause.name === "AbortError") {
        const options = { system: "entra", code: "entraUnreachable", cause } as const;
        throw new TransientError("no token for Graph in time", options);
      }
      const options = { system: "entra", code: "graphTokenRefused", cause } as const;
      throw new AccessError(
        "no token for Graph can be had: check the app's managed identity",
        options,
      );
    }
  };
}

function drupalClient(config: Config): DrupalClient {
  const { baseUrl, auth } = config.drupal;
  const { now } = surroundings;
  const timeoutMs = config.requestTimeoutMs;
  const credentials =
    auth.kind === "basic"
      ? basicCredentials(auth.username, auth.password)
      : oauthCredentials({ ...auth, baseUrl, timeoutMs, now });
  // Drupal locks an account after 5 wrong passwords: fewer may be under way when one stops being right.
  const maxConcurrent = auth.kind === "basic" ? 2 : 8;
  return createDrupalClient({ baseUrl, credentials, timeoutMs, now, maxConcurrent });
}

/** Builds the app for a configuration. Opens no connection yet. */
export function createApp(config: Config): App {
  const { now } = surroundings;
  const account = storageAccount(config, config.storage);
  const drupalSite = drupalClient(config);
  const drupal = createDrupalUsers(drupalSite);
  const timeoutMs = config.requestTimeoutMs;
  const graph = createGraphClient({
    baseUrl: config.entra.baseUrl,
    token: tokenSource(config),
    timeoutMs,
    now,
  });
  const entra = createEntraUsers(graph, now);
  const audit = createAuditLog(account);
  const queue = createProvisionQueue(account);
  const links = createLinkStore(account);
  const escrow = createEscrowStore(account);
  const quarantine = createQuarantineStore({
    account,
    credentials: {
      drupal: config.drupal.credentialsFingerprint,
      entra: config.entra.credentialsFingerprint,
      storage: "",
    },
    now,
  });
  const configuration = createConfigurationSource(account, now);
  const auditValues = config.audit.values;
  const ports: ProvisionPorts = {
    ...surroundings,
    ...{ drupal, entra, links, audit, queue, escrow, quarantine, configuration, auditValues },
  };
  const ownName = config.drupal.auth.kind === "basic" ? config.drupal.auth.username : null;

  return {
    authorize: createAuthorize(config),
    audit,
    links,
    receiveDelivery: (delivery) =>
      receiveEvents(readWebhook(delivery, { ...config.webhook, ownName }), {
        now,
        queue,
        ownAccount: () => drupalSite.knownAccount()?.uuid ?? null,
      }),
    provision: (request) => provisionUser(request, ports),
    recordDeadLetter: (request) => recordDeadLetter(request, ports),
    checkHealth: createHealthCheck({
      now,
      quarantined: (system) => quarantine.state(system),
      quarantine: (system, reason) => quarantine.close(system, reason, now()),
      probes: {
        storage: async () => {
          await configuration.current();
          await audit.page({ scope: { kind: "all" }, where: {}, limit: 1 });
          return "tables and blobs answer";
        },
        drupal: async () => {
          const { uuid } = await drupal.serviceAccount();
          await drupal.getUser(uuid);
          return "signed in, and users can be seen whole";
        },
        entra: async () =>
          `Graph answers; the default domain is ${(await entra.verifiedDomains())[0] ?? "(none)"}`,
      },
    }),
  };
}

let app: App | null = null;

/** The app of this process, built from the environment on first use. Throws what `loadConfig` finds. */
export function currentApp(): App {
  app ??= createApp(loadConfig());
  return app;
}
