// The environment, read once: every fault in one message, secrets masked. The only reader of process.env.
import { createHash } from "node:crypto";
import { z } from "zod";
import { isLoopback } from "./rules/loopback.ts";
import { secretBytes, type WebhookFormat } from "./rules/webhook-secret.ts";

/** Where the app keeps its state, as `AzureWebJobsStorage` or its identity form says. */
export type StorageSetting =
  | { readonly kind: "connectionString"; readonly connectionString: string }
  | {
      readonly kind: "identity";
      readonly blobServiceUri: string;
      readonly queueServiceUri: string;
      readonly tableServiceUri: string;
      readonly clientId: string | null;
    };

/** How we sign in to Drupal. */
export type DrupalAuth =
  | { readonly kind: "basic"; readonly username: string; readonly password: string }
  | {
      readonly kind: "oauth";
      readonly clientId: string;
      readonly clientSecret: string;
      readonly scope: string | null;
    };

/** Everything that the environment decides. */
export interface Config {
  readonly storage: StorageSetting;
  readonly drupal: {
    readonly baseUrl: URL;
    readonly auth: DrupalAuth;
    readonly credentialsFingerprint: string;
  };
  readonly entra: {
    readonly baseUrl: URL;
    /** In lower case, as tokens have it. */
    readonly tenantId: string | null;
    readonly clientId: string | null;
    /** Where the tenant signs in, and where its signing keys are. */
    readonly authority: URL;
    readonly credentialsFingerprint: string;
  };
  readonly webhook: {
    readonly secrets: readonly string[];
    readonly formats: readonly WebhookFormat[];
  };
  /** What the Drupal module may ask of the app, signed with the same secrets. */
  readonly console: { readonly isOn: boolean };
  readonly admin: {
    readonly auth: "easyauth" | "jwt" | "development" | "none";
    readonly audience: string | null;
    /** App Service Authentication is on, so that its headers can be believed. */
    readonly easyAuthEnabled: boolean;
    /** Where people see the app beside its own address: behind a proxy or Front Door. */
    readonly origins: readonly string[];
  };
  readonly cycles: {
    /** After so long the schedule reads everyone instead of what changed. */
    readonly initialEveryMs: number;
  };
  /** When the timers run, as the host reads it from the same settings: here only to be shown. null: not set. */
  readonly schedules: {
    readonly drupalToEntra: string | null;
    readonly entraToDrupal: string | null;
    readonly photos: string | null;
    /** By which they are read; null: UTC. */
    readonly timeZone: string | null;
    /** WEBSITE_SKU: not every plan has time zones. null: not on Azure. */
    readonly plan: string | null;
  };
  readonly audit: {
    readonly values: "plain" | "hash" | "none";
    readonly retentionDays: number;
  };
  /** AZURE_FUNCTIONS_ENVIRONMENT is Development: credentials of a developer may be used. */
  readonly development: boolean;
  /** How long one call to a connected system may take, in milliseconds. */
  readonly requestTimeoutMs: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

const MIN_SECRET_BYTES = 24;

const origin = z
  .url({ protocol: /^https?$/ })
  .transform((text) => new URL(text))
  .refine(
    (url) => url.protocol === "https:" || isLoopback(url.hostname),
    "must be https (http is for loopback only)",
  )
  .refine((url) => url.username === "" && url.password === "", "must not hold credentials")
  .refine((url) => url.search === "" && url.hash === "", "must not have a query or fragment");

const bareOrigin = origin.refine((url) => url.pathname === "/", "must not have a path");

const words = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== "");

const settings = z.object({
  AzureWebJobsStorage: z.string().min(1).optional(),
  AzureWebJobsStorage__blobServiceUri: z.url().optional(),
  AzureWebJobsStorage__queueServiceUri: z.url().optional(),
  AzureWebJobsStorage__tableServiceUri: z.url().optional(),
  AzureWebJobsStorage__clientId: z.guid().optional(),
  ENTRA_TENANT_ID: z.guid().toLowerCase().optional(),
  ENTRA_CLIENT_ID: z.guid().optional(),
  // Named as @azure/identity names it, which reads it too.
  AZURE_AUTHORITY_HOST: bareOrigin.default(new URL("https://login.microsoftonline.com")),
  GRAPH_BASE_URL: origin.default(new URL("https://graph.microsoft.com")),
  DRUPAL_BASE_URL: origin,
  DRUPAL_AUTH: z.enum(["basic", "oauth"]).default("basic"),
  DRUPAL_USERNAME: z.string().min(1).optional(),
  DRUPAL_PASSWORD: z.string().min(1).optional(),
  DRUPAL_CLIENT_ID: z.string().min(1).optional(),
  DRUPAL_CLIENT_SECRET: z.string().min(1).optional(),
  DRUPAL_SCOPE: z.string().min(1).optional(),
  WEBHOOK_SECRETS: z
    .string()
    .transform(words)
    .refine((secrets) => secrets.length > 0, "needs at least one secret")
    .refine(
      (secrets) => secrets.every((secret) => secretBytes(secret).byteLength >= MIN_SECRET_BYTES),
      `each secret must be at least ${MIN_SECRET_BYTES} bytes long`,
    ),
  WEBHOOK_FORMATS: z
    .string()
    .default("standard")
    .transform(words)
    .pipe(z.array(z.enum(["standard", "contrib", "contrib-sha1"])).min(1)),
  DRUPAL_CONSOLE: z.enum(["off", "on"]).default("off"),
  ADMIN_AUTH: z.enum(["easyauth", "jwt", "development", "none"]).default("none"),
  ADMIN_AUDIENCE: z.string().min(1).optional(),
  ADMIN_ORIGINS: z.string().default("").transform(words).pipe(z.array(bareOrigin)),
  AUDIT_VALUES: z.enum(["plain", "hash", "none"]).default("plain"),
  DRUPAL_TO_ENTRA_SCHEDULE: z.string().optional(),
  ENTRA_TO_DRUPAL_SCHEDULE: z.string().optional(),
  PHOTO_SCHEDULE: z.string().optional(),
  WEBSITE_TIME_ZONE: z.string().optional(),
  WEBSITE_SKU: z.string().optional(),
  INITIAL_CYCLE_HOURS: z.coerce.number().min(1).max(720).default(24),
  AUDIT_RETENTION_DAYS: z.coerce.number().int().min(7).max(3650).default(365),
  REQUEST_TIMEOUT_MS: z.coerce.number().int().min(100).max(15_000).default(10_000),
  WEBSITE_AUTH_ENABLED: z.string().optional(),
  AZURE_FUNCTIONS_ENVIRONMENT: z.string().default("Production"),
});
type Settings = z.infer<typeof settings>;

function storageSetting(env: Settings, faults: string[]): StorageSetting {
  const {
    AzureWebJobsStorage__blobServiceUri: blobServiceUri,
    AzureWebJobsStorage__queueServiceUri: queueServiceUri,
    AzureWebJobsStorage__tableServiceUri: tableServiceUri,
  } = env;
  if (env.AzureWebJobsStorage !== undefined) {
    return { kind: "connectionString", connectionString: env.AzureWebJobsStorage };
  }
  if (blobServiceUri && queueServiceUri && tableServiceUri) {
    const clientId = env.AzureWebJobsStorage__clientId ?? null;
    return { kind: "identity", blobServiceUri, queueServiceUri, tableServiceUri, clientId };
  }
  faults.push(
    "AzureWebJobsStorage: must be a connection string, or all of AzureWebJobsStorage__blobServiceUri, __queueServiceUri and __tableServiceUri must be set",
  );
  return { kind: "connectionString", connectionString: "" };
}

function drupalAuth(env: Settings, faults: string[]): DrupalAuth {
  const need = (name: keyof Settings & string): string => {
    const value = env[name];
    if (typeof value === "string") return value;
    faults.push(`${name}: is required when DRUPAL_AUTH is ${env.DRUPAL_AUTH}`);
    return "";
  };
  return env.DRUPAL_AUTH === "basic"
    ? { kind: "basic", username: need("DRUPAL_USERNAME"), password: need("DRUPAL_PASSWORD") }
    : {
        kind: "oauth",
        clientId: need("DRUPAL_CLIENT_ID"),
        clientSecret: need("DRUPAL_CLIENT_SECRET"),
        scope: env.DRUPAL_SCOPE ?? null,
      };
}

function crossFaults(env: Settings): string[] {
  const faults: string[] = [];
  if (env.ADMIN_AUTH === "development" && env.AZURE_FUNCTIONS_ENVIRONMENT !== "Development") {
    faults.push("ADMIN_AUTH: development is only for AZURE_FUNCTIONS_ENVIRONMENT=Development");
  }
  if (
    env.ADMIN_AUTH === "jwt" &&
    (env.ADMIN_AUDIENCE === undefined || env.ENTRA_TENANT_ID === undefined)
  ) {
    faults.push("ADMIN_AUTH: jwt needs ADMIN_AUDIENCE and ENTRA_TENANT_ID");
  }
  if (env.ADMIN_AUTH === "easyauth" && env.ENTRA_TENANT_ID === undefined) {
    faults.push("ADMIN_AUTH: easyauth needs ENTRA_TENANT_ID");
  }
  // Whoever may listen on a port of a shared machine could sign tokens there.
  if (
    isLoopback(env.AZURE_AUTHORITY_HOST.hostname) &&
    env.AZURE_FUNCTIONS_ENVIRONMENT !== "Development"
  ) {
    faults.push(
      "AZURE_AUTHORITY_HOST: loopback is only for AZURE_FUNCTIONS_ENVIRONMENT=Development",
    );
  }
  return faults;
}

const fingerprintOf = (credentials: unknown): string =>
  createHash("sha256").update(JSON.stringify(credentials)).digest("base64url").slice(0, 16);

/**
 * Reads the configuration from an environment. Throws one Error that lists every fault by setting, never a value.
 * Empty settings count as missing, as the portal leaves them behind.
 */
export function readConfig(environment: Environment): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = settings.safeParse(given);
  const problem = (faults: readonly string[]) =>
    new Error(
      `The app settings have ${faults.length} fault(s):\n${faults.map((fault) => `  - ${fault}`).join("\n")}`,
    );
  if (!parsed.success) {
    throw problem(parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`));
  }
  const env = parsed.data;
  const faults = crossFaults(env);
  const storage = storageSetting(env, faults);
  const auth = drupalAuth(env, faults);
  if (faults.length > 0) throw problem(faults);
  return Object.freeze({
    storage,
    drupal: {
      baseUrl: env.DRUPAL_BASE_URL,
      auth,
      credentialsFingerprint: fingerprintOf([env.DRUPAL_BASE_URL, auth]),
    },
    entra: {
      baseUrl: env.GRAPH_BASE_URL,
      tenantId: env.ENTRA_TENANT_ID ?? null,
      clientId: env.ENTRA_CLIENT_ID ?? null,
      authority: env.AZURE_AUTHORITY_HOST,
      credentialsFingerprint: fingerprintOf([
        env.GRAPH_BASE_URL,
        env.ENTRA_TENANT_ID,
        env.ENTRA_CLIENT_ID,
      ]),
    },
    webhook: { secrets: env.WEBHOOK_SECRETS, formats: env.WEBHOOK_FORMATS },
    console: { isOn: env.DRUPAL_CONSOLE === "on" },
    admin: {
      auth: env.ADMIN_AUTH,
      audience: env.ADMIN_AUDIENCE ?? null,
      easyAuthEnabled: env.WEBSITE_AUTH_ENABLED?.toLowerCase() === "true",
      origins: env.ADMIN_ORIGINS.map(({ origin: own }) => own),
    },
    cycles: { initialEveryMs: env.INITIAL_CYCLE_HOURS * 3_600_000 },
    schedules: {
      drupalToEntra: env.DRUPAL_TO_ENTRA_SCHEDULE ?? null,
      entraToDrupal: env.ENTRA_TO_DRUPAL_SCHEDULE ?? null,
      photos: env.PHOTO_SCHEDULE ?? null,
      timeZone: env.WEBSITE_TIME_ZONE ?? null,
      plan: env.WEBSITE_SKU ?? null,
    },
    audit: { values: env.AUDIT_VALUES, retentionDays: env.AUDIT_RETENTION_DAYS },
    development: env.AZURE_FUNCTIONS_ENVIRONMENT === "Development",
    requestTimeoutMs: env.REQUEST_TIMEOUT_MS,
  });
}

/** The configuration of this process. */
export function loadConfig(): Config {
  return readConfig(process.env);
}
