// The whole product on free ports: Azurite, both simulators, and hosts in processes of their own.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { startAzurite } from "../../infra/local/azurite.ts";
import type { Site } from "../../infra/local/drupal/site.ts";
import { startGraphSimulator } from "../../infra/local/graph/start-graph-simulator.ts";
import type { Tenant } from "../../infra/local/graph/tenant.ts";
import { type SpawnedHost, spawnHost } from "../../infra/local/host/spawn-host.ts";
import type { AuditEntry } from "../../src/rules/audit-entry.ts";
import {
  type NewsTarget,
  type SiteUnderTest,
  startSite,
  WEBHOOK_SECRET,
} from "./site-under-test.ts";

export { WEBHOOK_SECRET } from "./site-under-test.ts";

const APP = resolve(import.meta.dirname, "../..");

const entraUser = z.looseObject({
  id: z.string(),
  userPrincipalName: z.string(),
  displayName: z.string().nullable(),
  accountEnabled: z.boolean(),
  department: z.string().nullish(),
  surname: z.string().nullish(),
  mail: z.string().nullish(),
  onPremisesExtensionAttributes: z
    .looseObject({ extensionAttribute15: z.string().nullish() })
    .nullish(),
});
/** An Entra user as Graph shows it. */
export type SeenEntraUser = z.infer<typeof entraUser>;

const drupalUser = z.object({
  data: z.object({
    id: z.string(),
    attributes: z.looseObject({
      name: z.string(),
      mail: z.string().nullable(),
      status: z.boolean(),
      field_department: z.string().nullish(),
      field_first_name: z.string().nullish(),
      field_last_name: z.string().nullish(),
    }),
    relationships: z.looseObject({
      roles: z.object({
        data: z.array(z.object({ meta: z.object({ drupal_internal__target_id: z.string() }) })),
      }),
    }),
  }),
});
/** A Drupal account as an administrator of the site sees it. */
export type SeenDrupalUser = z.infer<typeof drupalUser>["data"];

const reason = z.object({ code: z.string(), message: z.string() });
const step = z.looseObject({ status: z.string(), reason });
const provisionAnswer = z.looseObject({
  dryRun: z.boolean().optional(),
  outcome: z.object({ status: z.string(), operations: z.array(z.string()), reason }).optional(),
  explanation: z
    .looseObject({
      drupalUuid: z.string(),
      entraObjectId: z.string().nullable(),
      import: step,
      scoping: step,
      matching: step,
      processing: step,
      export: step,
    })
    .nullish(),
});
type ProvisionAnswer = z.infer<typeof provisionAnswer>;

const asDirectoryAdmin = { Authorization: "Bearer local" };

const SELECT =
  "id,userPrincipalName,displayName,accountEnabled,department,surname,mail,onPremisesExtensionAttributes";

export interface StackOptions {
  readonly people?: number;
  readonly graphPeople?: number;
  /** Fills the tenant and the site beside those people. */
  readonly fillTenant?: (tenant: Tenant) => void;
  readonly fillSite?: (site: Site) => void;
  readonly settings?: Readonly<Record<string, string>>;
  readonly queueLeaseMs?: number;
  readonly webhookFormats?: readonly ("standard" | "contrib")[];
}

async function ok(response: Response): Promise<unknown> {
  const body: unknown = response.status === 204 ? null : await response.json();
  if (!response.ok)
    throw new Error(`${response.url} answered ${response.status}: ${JSON.stringify(body)}`);
  return body;
}

const send = (url: string, method: string, body?: unknown, headers: Record<string, string> = {}) =>
  fetch(url, {
    method,
    headers: { "Content-Type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

/** Waits until `check` answers something, asking every `everyMs`; a late answer fails with `what`. */
export async function eventually<T>(
  what: string,
  check: () => Promise<T | null | undefined | false>,
  timeoutMs = 30_000,
  everyMs = 20,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const result = await check();
    if (result !== null && result !== undefined && result !== false) return result;
    if (Date.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolveLater) => setTimeout(resolveLater, everyMs));
  }
}

/** What has been started, in order; all of it ends, the last first, whatever becomes of the others. */
function startedThings() {
  const ends: (() => Promise<unknown>)[] = [];
  return {
    add<T>(thing: T, end: (thing: T) => Promise<unknown>): T {
      ends.push(() => end(thing));
      return thing;
    },
    async endAll(): Promise<void> {
      const faults: unknown[] = [];
      for (const end of ends.splice(0).reverse())
        await end().catch((error: unknown) => faults.push(error));
      if (faults.length > 0) throw new AggregateError(faults, "not all of the stack has ended");
    },
  };
}

/** Starts everything; `close` ends everything, and so does a start that fails half-way. */
export async function startStack(options: StackOptions = {}) {
  const started = startedThings();
  try {
    return await startParts(options, started);
  } catch (error) {
    await started.endAll().catch(() => {});
    throw error;
  }
}

async function startParts(options: StackOptions, started: ReturnType<typeof startedThings>) {
  const folder = started.add(await mkdtemp(join(tmpdir(), "sync-stack-")), (path) =>
    rm(path, { recursive: true, force: true }),
  );
  const azurite = started.add(await startAzurite({ directory: folder, inMemory: true }), (one) =>
    one.close(),
  );
  const graph = started.add(
    await startGraphSimulator({ people: options.graphPeople ?? 0, fill: options.fillTenant }),
    (one) => one.close(),
  );
  const drupal: SiteUnderTest = started.add(
    await startSite({ people: options.people ?? 0, fillSite: options.fillSite }),
    (one) => one.close(),
  );
  const hosts = started.add(new Set<SpawnedHost>(), async (all) => {
    for (const host of all) await host.close();
  });
  const lines: string[] = [];

  const startHost = async (
    settings: Readonly<Record<string, string>> = {},
  ): Promise<SpawnedHost> => {
    const host = await spawnHost({
      appDirectory: APP,
      settings: {
        AZURE_FUNCTIONS_ENVIRONMENT: "Development",
        AzureWebJobsStorage: azurite.connectionString,
        ...drupal.settings,
        GRAPH_BASE_URL: graph.url,
        WEBHOOK_SECRETS: WEBHOOK_SECRET,
        WEBHOOK_FORMATS: "standard contrib",
        ADMIN_AUTH: "development",
        // Tests start cycles themselves.
        DRUPAL_TO_ENTRA_SCHEDULE: "0 0 0 1 1 *",
        ENTRA_TO_DRUPAL_SCHEDULE: "0 0 0 1 1 *",
        PHOTO_SCHEDULE: "0 0 0 1 1 *",
        RETENTION_SCHEDULE: "0 30 3 * * *",
        ...options.settings,
        ...settings,
      },
      log: (event) => {
        if (event.kind === "log") lines.push(event.message);
        if (event.kind === "end" && !event.success)
          lines.push(`${event.function} failed: ${event.error}`);
      },
      output: (line) => lines.push(line),
      ...(options.queueLeaseMs === undefined ? {} : { queueLeaseMs: options.queueLeaseMs }),
    });
    hosts.add(host);
    return host;
  };
  /** Points Drupal's webhooks at a host. */
  const hook = (host: SpawnedHost, more: NewsTarget = {}) =>
    drupal.tell({
      url: `${host.url}/api/webhooks/drupal`,
      secret: WEBHOOK_SECRET,
      formats: options.webhookFormats ?? ["standard"],
      ...more,
    });

  const first = await startHost();
  await hook(first);
  let current = first;

  // An administrator of the site, through the door that real clients use.
  const asAdmin = {
    "Content-Type": "application/vnd.api+json",
    Authorization: drupal.admin,
  };
  const jsonApi = (method: string, uuid: string | null, attributes?: object) =>
    send(
      `${drupal.url}/jsonapi/user/user${uuid === null ? "" : `/${uuid}`}`,
      method,
      attributes && {
        data: { type: "user--user", ...(uuid === null ? {} : { id: uuid }), attributes },
      },
      asAdmin,
    ).then(ok);
  const created = z.object({ data: z.object({ id: z.string() }) });

  const graphGet = (path: string) =>
    fetch(`${graph.url}/v1.0${path}`, { headers: { Authorization: "Bearer local" } });

  return {
    drupal,
    graph,
    azurite,
    lines,
    /** What the app's own lines say of one event. */
    told: (event: string) =>
      lines.flatMap((line) => {
        if (!line.startsWith(`{"event":"${event}"`)) return [];
        return [z.looseObject({ outcome: z.string().optional() }).parse(JSON.parse(line))];
      }),
    get host() {
      return current;
    },
    startHost,
    hook,
    /** Replaces the current host and points Drupal at the new one. */
    restartHost: async (how: "kill" | "close", settings: Readonly<Record<string, string>> = {}) => {
      await (how === "kill" ? current.kill() : current.close());
      hosts.delete(current);
      current = await startHost(settings);
      await hook(current);
    },
    api: (path: string, init: RequestInit = {}) => fetch(`${current.url}/api${path}`, init),
    control: (system: "drupal" | "graph", patch: object) =>
      system === "drupal"
        ? drupal.control(patch)
        : send(`${graph.url}/_control`, "PATCH", patch).then(ok),
    createDrupalUser: async (name: string, attributes: object = {}) => {
      const all = { name, mail: `${name}@contoso.example`, status: true, ...attributes };
      return created.parse(await jsonApi("POST", null, all)).data.id;
    },
    editDrupalUser: (uuid: string, attributes: object) => jsonApi("PATCH", uuid, attributes),
    drupalUser: async (uuid: string): Promise<SeenDrupalUser | null> => {
      const response = await fetch(`${drupal.url}/jsonapi/user/user/${uuid}`, { headers: asAdmin });
      return response.status === 404 ? null : drupalUser.parse(await ok(response)).data;
    },
    /** Gives an account just these roles; answers those that it had. */
    setDrupalRoles: async (uuid: string, roles: readonly unknown[]) => {
      const url = `${drupal.url}/jsonapi/user/user/${uuid}/relationships/roles`;
      const before = await fetch(url, { headers: asAdmin }).then(ok);
      await send(url, "PATCH", { data: roles }, asAdmin).then(ok);
      return z.object({ data: z.array(z.unknown()) }).parse(before).data;
    },
    deleteDrupalUser: (uuid: string) => jsonApi("DELETE", uuid),
    entraUser: async (userPrincipalName: string): Promise<SeenEntraUser | null> => {
      const response = await graphGet(
        `/users/${encodeURIComponent(userPrincipalName)}?$select=${SELECT}`,
      );
      return response.status === 404 ? null : entraUser.parse(await ok(response));
    },
    createEntraUser: async (name: string, values: object = {}): Promise<string> => {
      const body = {
        accountEnabled: true,
        displayName: name,
        mailNickname: name,
        userPrincipalName: `${name}@contoso.example`,
        mail: `${name}@contoso.example`,
        passwordProfile: { password: "A password of the tests 1!" },
        ...values,
      };
      const created_ = await send(`${graph.url}/v1.0/users`, "POST", body, asDirectoryAdmin).then(
        ok,
      );
      return z.object({ id: z.string() }).parse(created_).id;
    },
    editEntraUser: (id: string, values: object) =>
      send(`${graph.url}/v1.0/users/${id}`, "PATCH", values, asDirectoryAdmin).then(ok),
    deleteEntraUser: (id: string) =>
      send(`${graph.url}/v1.0/users/${id}`, "DELETE", undefined, asDirectoryAdmin).then(ok),
    /** POST provision: the status and the answer. */
    provision: async (body: object): Promise<ProvisionAnswer & { httpStatus: number }> => {
      const response = await send(`${current.url}/api/provision`, "POST", body);
      return { httpStatus: response.status, ...provisionAnswer.parse(await response.json()) };
    },
    /** The simulator's own state: its faults do not stand in the way. */
    entraUsers: (): SeenEntraUser[] => z.array(entraUser).parse(graph.listUsers()),
    audit: async (query = ""): Promise<AuditEntry[]> => {
      const body = await ok(await fetch(`${current.url}/api/audit?limit=200${query}`));
      return z.object({ items: z.array(z.custom<AuditEntry>()) }).parse(body).items;
    },
    close: () => started.endAll(),
  };
}

/** A running stack. */
export type Stack = Awaited<ReturnType<typeof startStack>>;
