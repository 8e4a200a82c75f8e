// Builds everything once; the only file that knows everyone.
import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { DefaultAzureCredential, ManagedIdentityCredential } from "@azure/identity";
import { type Authorize, createAuthorize } from "./api/admin-access.ts";
import { type Config, loadConfig, type StorageSetting } from "./config.ts";
import { createDrupalClient, type DrupalClient } from "./connectors/drupal/client.ts";
import { basicCredentials, oauthCredentials } from "./connectors/drupal/credentials.ts";
import { createDrupalUsers } from "./connectors/drupal/users.ts";
import { type Delivery, readWebhook } from "./connectors/drupal/webhook.ts";
import { createGraphClient, type TokenSource } from "./connectors/entra/client.ts";
import { createGrantSource } from "./connectors/entra/grants.ts";
import { createEntraUsers } from "./connectors/entra/users.ts";
import { AccessError, TransientError } from "./rules/errors.ts";
import { isLoopback } from "./rules/loopback.ts";
import type { Outcome } from "./rules/outcome.ts";
import type { ProvisionRequest } from "./rules/provision-request.ts";
import { type AuditReader, createAuditLog } from "./storage/audit-log.ts";
import { createConfigurationStore } from "./storage/configuration.ts";
import { createEscrowStore } from "./storage/escrow.ts";
import type { LinkReader } from "./storage/link-reader.ts";
import { createLinkStore } from "./storage/links.ts";
import { createProvisionQueue } from "./storage/provision-queue.ts";
import { createQuarantineStore } from "./storage/quarantine.ts";
import type { StorageAccount } from "./storage/tables.ts";
import { type ConfigurationDoor, changeConfiguration } from "./sync/change-configuration.ts";
import { createHealthCheck, type Health } from "./sync/check-health.ts";
import { type Explained, explainUser } from "./sync/explain-user.ts";
import { type FoundUser, findUser, type NamedUser } from "./sync/find-user.ts";
import { lookThroughGate } from "./sync/look-through-gate.ts";
import type { LinkStore, LookPorts, ProvisionPorts } from "./sync/ports.ts";
import { provisionUser } from "./sync/provision-user.ts";
import { type Receipt, receiveEvents } from "./sync/receive-events.ts";
import { recordDeadLetter } from "./sync/record-dead-letter.ts";
import { type Decision, type Settled, settleConflict } from "./sync/settle-conflict.ts";
import { unlinkUser } from "./sync/unlink-user.ts";

/** What the functions may call. */
export interface App {
  readonly authorize: Authorize;
  readonly audit: AuditReader;
  readonly links: Pick<LinkStore, "get" | "holderOf"> & LinkReader;
  readonly configuration: ConfigurationDoor;
  receiveDelivery(delivery: Delivery): Promise<Receipt>;
  provision(request: ProvisionRequest): Promise<Outcome>;
  /** The five steps of one user as they would go now; nothing is written. */
  explain(request: ProvisionRequest): Promise<Explained>;
  findUser(named: NamedUser): Promise<FoundUser>;
  settle(decision: Decision): Promise<Settled>;
  unlink(drupalUuid: string, actor: string): Promise<boolean>;
  recordDeadLetter(request: ProvisionRequest | null): Promise<void>;
  checkHealth(): Promise<Health>;
}

const surroundings = {
  now: () => new Date(),
  random: Math.random,
  newId: () => randomUUID(),
  sleep: (ms: number) => setTimeout(ms),
};

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
  const drupal = createDrupalUsers(drupalSite, now);
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
  const configuration = createConfigurationStore(account, now);
  const auditValues = config.audit.values;
  const grants = createGrantSource(graph, now);
  const look: LookPorts = { ...surroundings, drupal, entra, grants, links, configuration };
  const stores = { audit, queue, escrow, quarantine };
  const gate = { ...surroundings, quarantine };
  const ports: ProvisionPorts = { ...look, drupal, entra, links, ...stores, auditValues };
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
    configuration: {
      read: configuration.read,
      history: configuration.history,
      version: configuration.version,
      change: (change) =>
        changeConfiguration(change, { ...surroundings, configuration, audit, auditValues }),
    },
    provision: (request) => provisionUser(request, ports),
    explain: (request) => lookThroughGate(gate, () => explainUser(request, look)),
    findUser: (named) => lookThroughGate(gate, () => findUser(named, look)),
    settle: (decision) => settleConflict(decision, ports),
    unlink: (drupalUuid, actor) => unlinkUser(drupalUuid, actor, ports),
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
          await drupal.getUser(uuid, {});
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
