// Every saved version of the sync configuration, each a blob of its own: who saved it and when is its metadata.
import { createHash } from "node:crypto";
import { type ContainerClient, RestError } from "@azure/storage-blob";
import { z } from "zod";
import { ConcurrencyError } from "../rules/errors.ts";
import { nullOn404, textOf } from "./blobs.ts";
import { readContinuation, writeContinuation } from "./continuation.ts";

/** Who saved a version, and when. */
export interface VersionNote {
  readonly actor: string;
  readonly at: Date;
}

/** A version without its document. */
export interface ConfigurationVersion {
  readonly id: string;
  /** ISO 8601 with milliseconds. */
  readonly at: string;
  readonly actor: string;
}

/** A page of versions, newest first. */
export interface ConfigurationVersions {
  readonly versions: readonly ConfigurationVersion[];
  /** Null when there is nothing more. */
  readonly continuation: string | null;
}

/** The versions in a container, below `history/`. */
export interface ConfigurationHistory {
  /** Newest first; RejectedError `invalidContinuation` for one of another listing. */
  history(limit: number, continuation?: string | null): Promise<ConfigurationVersions>;
  /** A version with its document, or null where there is none of that id. */
  version(id: string): Promise<(ConfigurationVersion & { readonly document: unknown }) | null>;
  /** Adds a version and answers its id. ConcurrencyError when the same was added in the same millisecond. */
  add(content: string, note: VersionNote): Promise<string>;
  /** Adds a version unless it is there already. */
  keep(content: string, note: VersionNote): Promise<void>;
  drop(id: string): Promise<void>;
}

const FOLDER = "history/";
const LISTING = "configuration-history";
// ISO 8601 in its basic format: sorts as text, and has no colon to be escaped in an address.
const ID = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)\.(\d{3})Z-[0-9a-f]{12}$/;

const idOf = (content: string, at: Date): string => {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 12);
  return `${at.toISOString().replaceAll(/[-:]/g, "")}-${hash}`;
};
const timeOf = (id: string): string => id.replace(ID, "$1-$2-$3T$4:$5:$6.$7Z");
const pathOf = (id: string): string => `${FOLDER}${id}.json`;

// Metadata travels in HTTP headers, which take ASCII only.
const metadataOf = ({ actor, at }: VersionNote) => ({
  actor: encodeURIComponent(actor),
  at: at.toISOString(),
});
const metadata = z.object({ actor: z.string() });

function versionOf(id: string, found: unknown): ConfigurationVersion {
  const version = { id, at: timeOf(id) };
  try {
    return { ...version, actor: decodeURIComponent(metadata.parse(found).actor) };
  } catch {
    return { ...version, actor: "unknown" }; // put there by hand
  }
}

const position = z.object({ partitionKey: z.literal(""), rowKey: z.string().regex(ID) });

async function idsIn(container: ContainerClient): Promise<Map<string, unknown>> {
  const ids = new Map<string, unknown>();
  for await (const blob of container.listBlobsFlat({ prefix: FOLDER, includeMetadata: true })) {
    const id = blob.name.slice(FOLDER.length).replace(/\.json$/, "");
    if (ID.test(id)) ids.set(id, blob.metadata);
  }
  return ids;
}

/** The history in a container. */
export function createConfigurationHistory(container: ContainerClient): ConfigurationHistory {
  const add: ConfigurationHistory["add"] = async (content, note) => {
    const id = idOf(content, note.at);
    try {
      await container.getBlockBlobClient(pathOf(id)).upload(content, Buffer.byteLength(content), {
        conditions: { ifNoneMatch: "*" },
        blobHTTPHeaders: { blobContentType: "application/json" },
        metadata: metadataOf(note),
      });
      return id;
    } catch (cause) {
      if (!(cause instanceof RestError && (cause.statusCode === 409 || cause.statusCode === 412)))
        throw cause;
      const options = { system: "storage", code: "configurationMoved", cause } as const;
      throw new ConcurrencyError("the same version is being saved already", options);
    }
  };
  return {
    add,
    keep: async (content, note) => {
      await add(content, note).catch((error: unknown) => {
        if (!(error instanceof ConcurrencyError)) throw error;
      });
    },
    drop: async (id) => {
      await container.getBlobClient(pathOf(id)).deleteIfExists();
    },
    // Blobs are listed oldest first and no other way. People save a configuration some hundred times in its life, and one
    // request lists 5,000: so all are listed, and the page is cut out of them.
    history: async (limit, continuation = null) => {
      const after =
        continuation === null ? null : readContinuation(LISTING, position, continuation).rowKey;
      const found = await idsIn(container).catch(nullOn404);
      const newestFirst = [...(found ?? [])].toReversed();
      const rest = newestFirst.filter(([id]) => after === null || id < after);
      const page = rest.slice(0, limit);
      const last = page.at(-1)?.[0];
      return {
        versions: page.map(([id, noted]) => versionOf(id, noted)),
        continuation:
          last !== undefined && rest.length > limit
            ? writeContinuation(LISTING, { partitionKey: "", rowKey: last })
            : null,
      };
    },
    version: async (id) => {
      if (!ID.test(id)) return null;
      const answer = await container.getBlobClient(pathOf(id)).download().catch(nullOn404);
      if (answer === null) return null;
      const document = documentOf(await textOf(answer));
      return { ...versionOf(id, answer.metadata), document };
    },
  };
}

/** The document in a blob's text; a text that is not JSON, put there by hand, is shown as it is. */
export function documentOf(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return content;
  }
}
