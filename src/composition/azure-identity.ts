// How the app signs in to Azure: to its storage account, and to Graph.
import { DefaultAzureCredential, ManagedIdentityCredential } from "@azure/identity";
import type { Config, StorageSetting } from "../config.ts";
import type { TokenSource } from "../connectors/entra/client.ts";
import { AccessError, TransientError } from "../rules/errors.ts";
import { isLoopback } from "../rules/loopback.ts";
import type { StorageAccount } from "../storage/tables.ts";

function azureCredential(config: Config, clientId: string | null) {
  const identity = clientId === null ? {} : { clientId };
  return config.development
    ? new DefaultAzureCredential()
    : new ManagedIdentityCredential(identity);
}

/** The storage account of a setting. */
export function storageAccount(config: Config, storage: StorageSetting): StorageAccount {
  return storage.kind === "connectionString"
    ? storage
    : { ...storage, credential: azureCredential(config, storage.clientId) };
}

/** Tokens for Graph. On loopback the simulator's bearer: that is never a real cloud. */
export function tokenSource(config: Config): TokenSource {
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
