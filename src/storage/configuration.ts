// The sync configuration in Blob Storage, with every version that was ever saved. A site that has none runs on the defaults.
import { type ContainerClient, RestError } from "@azure/storage-blob";
import { parseSyncConfiguration, type SyncConfiguration } from "../rules/configuration.ts";
import { ConcurrencyError, TransientError } from "../rules/errors.ts";
import type { ConfigurationSource } from "../sync/ports.ts";
import { openContainerClient, textOf } from "./blobs.ts";
import {
  type ConfigurationHistory,
  createConfigurationHistory,
  documentOf,
  type VersionNote,
} from "./configuration-history.ts";
import { nameStorageFailure, type StorageAccount } from "./tables.ts";

const CURRENT = "sync-configuration.json";
const REMEMBERED_MS = 10_000;

/** The document as it lies there. `etag` null: nobody has saved one, and the document is `{}`. */
export interface StoredConfiguration {
  readonly document: unknown;
  readonly etag: string | null;
}

/** The document and its history, for those who change it. */
export interface ConfigurationStore extends Pick<ConfigurationHistory, "history" | "version"> {
  /** As it is now, not as cached, and valid or not: what cannot be read can still be replaced. */
  read(): Promise<StoredConfiguration>;
  /**
   * Saves the document over the version with this ETag; `*` over any, null where there is none yet. ConcurrencyError when
   * it is not so. The version is in the history before it is the current one, so no current one is without history.
   */
  save(
    document: unknown,
    ifMatch: string | null,
    note: VersionNote,
  ): Promise<{ readonly etag: string; readonly version: string }>;
}

/** What lies in the blob. `version` names it in the history; a document that was put there by hand has none. */
interface Current {
  readonly text: string;
  readonly etag: string;
  readonly version: string | undefined;
  readonly modifiedAt: Date;
}

const isStatus = (error: unknown, ...statuses: readonly number[]): boolean =>
  error instanceof RestError && statuses.includes(error.statusCode ?? 0);

const moved = (cause?: unknown) =>
  new ConcurrencyError("someone else saved the configuration first", {
    system: "storage",
    code: "configurationMoved",
    cause,
  });

async function load(container: ContainerClient): Promise<Current | null> {
  try {
    const answer = await container.getBlobClient(CURRENT).download();
    return {
      text: await textOf(answer),
      etag: answer.etag ?? "",
      version: answer.metadata?.version,
      modifiedAt: answer.lastModified ?? new Date(0),
    };
  } catch (error) {
    if (isStatus(error, 404)) return null;
    const options = { system: "storage", code: "configurationUnreadable", cause: error } as const;
    throw new TransientError("the sync configuration cannot be read", options);
  }
}

function parsed(current: Current | null): SyncConfiguration {
  let document: unknown;
  try {
    document = JSON.parse(current?.text ?? "{}");
  } catch (cause) {
    const options = { system: "storage", code: "configurationUnreadable", cause } as const;
    throw new TransientError("the sync configuration is not JSON", options);
  }
  const result = parseSyncConfiguration(document);
  if (result.ok) return result.configuration;
  // Syncing by another configuration than the admin's would be worse than waiting.
  const faults = result.faults.map(({ path, message }) => `${path}: ${message}`).join("; ");
  const options = { system: "storage", code: "configurationInvalid" } as const;
  throw new TransientError(`the sync configuration is not valid: ${faults}`, options);
}

/** Makes the document of a version of the history the current one. */
async function makeCurrent(
  container: ContainerClient,
  content: string,
  version: string,
  ifMatch: string | null,
): Promise<string> {
  const blob = container.getBlockBlobClient(CURRENT);
  try {
    const answer = await blob.upload(content, Buffer.byteLength(content), {
      conditions: ifMatch === null ? { ifNoneMatch: "*" } : { ifMatch },
      blobHTTPHeaders: { blobContentType: "application/json" },
      metadata: { version },
    });
    return answer.etag ?? "";
  } catch (error) {
    if (!isStatus(error, 404, 409, 412)) throw error;
    // The SDK repeats a request whose answer was lost: then it is our own save that the repetition stumbled upon.
    const current = await load(container);
    if (current?.version === version) return current.etag;
    throw moved(error);
  }
}

/** The document in container `configuration`: read at most every 10 seconds per instance, changed with its ETag. */
export function createConfigurationStore(
  account: StorageAccount,
  now: () => Date,
): ConfigurationSource & ConfigurationStore {
  const container = openContainerClient(account, "configuration");
  const history = createConfigurationHistory(container);
  let known: { readonly value: SyncConfiguration; readonly until: number } | null = null;
  let saves = 0;

  const named = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw nameStorageFailure(error);
    }
  };

  // Where one was ever saved, a missing document is a fault and not a wish for the defaults.
  const loadKnown = async (): Promise<Current | null> => {
    const current = await load(container);
    if (current !== null || (await named(() => history.history(1))).versions.length === 0)
      return current;
    const options = { system: "storage", code: "configurationMissing" } as const;
    throw new TransientError(
      "the sync configuration is gone: save a version of its history again",
      options,
    );
  };

  const save = async (document: unknown, ifMatch: string | null, note: VersionNote) => {
    await container.createIfNotExists();
    const before = await load(container);
    if (ifMatch === null ? before !== null : before === null) throw moved();
    if (before !== null && ifMatch !== "*" && ifMatch !== before.etag) throw moved();
    // One that was put there by hand is kept too, before it is gone.
    if (before !== null && before.version === undefined)
      await history.keep(before.text, { actor: "unknown", at: before.modifiedAt });
    const content = `${JSON.stringify(document, null, 2)}\n`;
    const version = await history.add(content, note);
    try {
      return { etag: await makeCurrent(container, content, version, ifMatch), version };
    } catch (error) {
      // It surely never was the current one. After any other failure that is not sure: then it stays.
      if (error instanceof ConcurrencyError) await history.drop(version);
      throw error;
    }
  };

  return {
    current: async () => {
      if (known !== null && known.until > now().getTime()) return known.value;
      const before = saves;
      const value = parsed(await loadKnown());
      // A read that began before a save does not outlive it.
      if (before === saves) known = { value, until: now().getTime() + REMEMBERED_MS };
      return value;
    },
    read: async () => {
      const current = await load(container);
      if (current === null) return { document: {}, etag: null };
      return { document: documentOf(current.text), etag: current.etag };
    },
    save: async (document, ifMatch, note) => {
      try {
        return await named(() => save(document, ifMatch, note));
      } finally {
        saves += 1;
        known = null; // also after a failure: it may have become the current one
      }
    },
    history: (limit, continuation) => named(() => history.history(limit, continuation)),
    version: (id) => named(() => history.version(id)),
  };
}
