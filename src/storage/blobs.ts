// Blob Storage: how we open containers, and JSON documents in them.
import { text } from "node:stream/consumers";
import {
  type BlobDownloadResponseParsed,
  BlobServiceClient,
  type ContainerClient,
  RestError,
} from "@azure/storage-blob";
import type { z } from "zod";
import { eachAtOnce } from "./at-once.ts";
import { nameStorageFailure, type StorageAccount } from "./tables.ts";

/** A container that is made on first use, with failures named. */
export interface Container {
  run<T>(work: (client: ContainerClient) => Promise<T>): Promise<T>;
  /** Replaces the document; durable when it resolves. */
  put(path: string, document: unknown): Promise<void>;
  /** Writes the document where the blob has this ETag, null: where there is none; tells what is there now otherwise. */
  putOver(
    path: string,
    document: unknown,
    etag: string | null,
  ): Promise<{ readonly isWritten: boolean; readonly version: string }>;
  /** The document, or null where there is none. */
  read<T>(schema: z.ZodType<T>, path: string): Promise<T | null>;
  /** Removes every blob whose name begins so; those that are gone already count as removed. */
  removeAll(prefix: string): Promise<void>;
}

/** A client of a container of the account. */
export function openContainerClient(account: StorageAccount, name: string): ContainerClient {
  return account.kind === "connectionString"
    ? BlobServiceClient.fromConnectionString(account.connectionString).getContainerClient(name)
    : new BlobServiceClient(account.blobServiceUri, account.credential).getContainerClient(name);
}

/** The text of a downloaded blob. */
export async function textOf(answer: BlobDownloadResponseParsed): Promise<string> {
  return answer.readableStreamBody === undefined ? "" : text(answer.readableStreamBody);
}

/** null for a blob that is not there. */
export function nullOn404(error: unknown): null {
  if (error instanceof RestError && error.statusCode === 404) return null;
  throw error;
}

/** Opens a container of the account. */
export function openContainer(account: StorageAccount, name: string): Container {
  const client = openContainerClient(account, name);
  let made: Promise<unknown> | null = null;
  const run: Container["run"] = async (work) => {
    try {
      made ??= client.createIfNotExists();
      await made;
      return await work(client);
    } catch (error) {
      made = null;
      throw nameStorageFailure(error);
    }
  };
  return {
    run,
    put: async (path, document) => {
      const content = JSON.stringify(document);
      const blobHTTPHeaders = { blobContentType: "application/json" };
      await run((container) =>
        container
          .getBlockBlobClient(path)
          .upload(content, Buffer.byteLength(content), { blobHTTPHeaders }),
      );
    },
    putOver: (path, document, etag) => {
      const content = JSON.stringify(document);
      const options = {
        blobHTTPHeaders: { blobContentType: "application/json" },
        conditions: etag === null ? { ifNoneMatch: "*" } : { ifMatch: etag },
      };
      return run(async (container) => {
        const blob = container.getBlockBlobClient(path);
        try {
          const written = await blob.upload(content, Buffer.byteLength(content), options);
          return { isWritten: true, version: written.etag ?? "" };
        } catch (error) {
          if (!(error instanceof RestError) || ![404, 409, 412].includes(error.statusCode ?? 0))
            throw error;
          return { isWritten: false, version: (await blob.getProperties()).etag ?? "" };
        }
      });
    },
    read: async (schema, path) => {
      const content = await run(async (container) => {
        const answer = await container.getBlobClient(path).download().catch(nullOn404);
        return answer === null ? null : textOf(answer);
      });
      return content === null ? null : schema.parse(JSON.parse(content));
    },
    removeAll: (prefix) =>
      run(async (container) => {
        await eachAtOnce(container.listBlobsFlat({ prefix }), 16, async ({ name: path }) => {
          await container.getBlobClient(path).deleteIfExists();
        });
      }),
  };
}
