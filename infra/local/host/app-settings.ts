// The app's settings: local.settings.json and the environment, resolved as the real host resolves them.

import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { describeIssues, HostError, messageOf } from "./host-error.ts";

const LocalSettings = z.strictObject({
  IsEncrypted: z.literal(false, "encrypted settings are not modelled").optional(),
  Values: z.record(z.string(), z.string("settings must be strings")).optional(),
});

/**
 * Fills process.env, where the app reads its settings. Values of local.settings.json never override the
 * environment (as Core Tools do); settings that were given explicitly do.
 */
export function applyAppSettings(
  settingsFile: string,
  explicit: Readonly<Record<string, string>> | undefined,
): void {
  const values = explicit ?? readLocalSettings(settingsFile);
  for (const [name, value] of Object.entries(values)) {
    if (explicit || process.env[name] === undefined) process.env[name] = value;
  }
  process.env.FUNCTIONS_WORKER_RUNTIME ??= "node";
  process.env.AZURE_FUNCTIONS_ENVIRONMENT ??= "Development";
  if (process.env.FUNCTIONS_WORKER_RUNTIME !== "node")
    throw new HostError(
      `FUNCTIONS_WORKER_RUNTIME is "${process.env.FUNCTIONS_WORKER_RUNTIME}": this host runs only "node".`,
    );
  const timeZone = process.env.WEBSITE_TIME_ZONE;
  if (timeZone !== undefined && !/^(etc\/)?utc$/i.test(timeZone))
    throw new HostError(`WEBSITE_TIME_ZONE "${timeZone}" is not modelled: schedules run in UTC.`);
}

function readLocalSettings(file: string): Record<string, string> {
  if (!existsSync(file)) return {};
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new HostError(`local.settings.json is not JSON: ${messageOf(error)}`);
  }
  const parsed = LocalSettings.safeParse(json);
  if (!parsed.success)
    throw new HostError(`local.settings.json: ${describeIssues(parsed.error.issues)}`);
  return parsed.data.Values ?? {};
}

/** Resolves `%NAME%` anywhere in the text; an unknown name is an error, as in the real host's name resolver. */
export function resolvePercent(text: string, where: string): string {
  return text.replace(/%([^%]*)%/g, (_, name: string) => {
    const value = process.env[name];
    if (!value) throw new HostError(`${where}: '%${name}%' does not resolve to a value.`);
    return value;
  });
}

/**
 * The connection string behind a `connection` option: the setting itself, or the one with the
 * `AzureWebJobs` prefix. The default is AzureWebJobsStorage.
 */
export function resolveConnection(connection: string | undefined, where: string): string {
  const name = connection || "Storage";
  const value = process.env[`AzureWebJobs${name}`] || process.env[name];
  if (value) return value;
  const identity = Object.keys(process.env).find(
    (key) => key.startsWith(`${name}__`) || key.startsWith(`AzureWebJobs${name}__`),
  );
  if (identity)
    throw new HostError(
      `${where}: the identity-based connection ${identity} is not modelled: use a connection string.`,
    );
  throw new HostError(
    `${where}: the connection setting "${connection || "AzureWebJobsStorage"}" is missing.`,
  );
}

/** Whether the setting `AzureWebJobs.<name>.Disabled` switches the function off. */
export function isDisabled(functionName: string): boolean {
  return /^(true|1)$/i.test(process.env[`AzureWebJobs.${functionName}.Disabled`] ?? "");
}
