// The sync configuration in Blob Storage; a site that has none runs on the defaults.
import { BlobServiceClient, type ContainerClient, RestError } from "@azure/storage-blob";
import { parseSyncConfiguration, type SyncConfiguration } from "../rules/configuration.ts";
import { TransientError } from "../rules/errors.ts";
import type { ConfigurationSource } from "../sync/ports.ts";
import type { StorageAccount } from "./tables.ts";

const REMEMBERED_MS = 10_000;

/** A container of the account. */
export function openContainer(account: StorageAccount, name: string): ContainerClient {
  return account.kind === "connectionString"
    ? BlobServiceClient.fromConnectionString(account.connectionString).getContainerClient(name)
    : new BlobServiceClient(account.blobServiceUri, account.credential).getContainerClient(name);
}

/** Reads blob `sync-configuration.json` of container `configuration`, at most every 10 seconds per instance. */
export function createConfigurationSource(
  account: StorageAccount,
  now: () => Date,
): ConfigurationSource {
  const blob = openContainer(account, "configuration").getBlobClient("sync-configuration.json");
  let known: { readonly value: SyncConfiguration; readonly until: number } | null = null;

  const read = async (): Promise<unknown> => {
    try {
      return JSON.parse((await blob.downloadToBuffer()).toString("utf8"));
    } catch (error) {
      if (error instanceof RestError && error.statusCode === 404) return {};
      throw new TransientError("the sync configuration cannot be read", {
        system: "storage",
        code: "configurationUnreadable",
        cause: error,
      });
    }
  };

  return {
    current: async () => {
      if (known !== null && known.until > now().getTime()) return known.value;
      const parsed = parseSyncConfiguration(await read());
      if (!parsed.ok) {
        // Syncing by another configuration than the admin's would be worse than waiting.
        const faults = parsed.faults.map(({ path, message }) => `${path}: ${message}`).join("; ");
        const options = { system: "storage", code: "configurationInvalid" } as const;
        throw new TransientError(`the sync configuration is not valid: ${faults}`, options);
      }
      known = { value: parsed.configuration, until: now().getTime() + REMEMBERED_MS };
      return known.value;
    },
  };
}
