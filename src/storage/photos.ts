// Pictures in Blob Storage, one for each user, and what is remembered of them in Azure Tables.
import { buffer } from "node:stream/consumers";
import { z } from "zod";
import { isJoined, type Link } from "../rules/link.ts";
import type { PhotoRecord } from "../rules/photo.ts";
import type { LinkedUsers, PhotoStore } from "../sync/photo-ports.ts";
import { nullOn404, openContainer } from "./blobs.ts";
import { fromJsonColumns, toJsonColumns } from "./json-columns.ts";
import type { LinkReader } from "./link-reader.ts";
import { partitionOf } from "./link-row.ts";
import { reasonSchema } from "./stored-changes.ts";
import { openTable, type StorageAccount } from "./tables.ts";

const recordSchema: z.ZodType<PhotoRecord> = z.object({
  drupalUuid: z.guid(),
  entraObjectId: z.guid(),
  etag: z.string().nullable(),
  settings: z.string(),
  hash: z.string().nullable(),
  fileId: z.string().nullable(),
  leftovers: z.array(z.string()),
  pending: z.object({ at: z.string(), hash: z.string(), etag: z.string() }).nullable(),
  missingSince: z.string().nullable(),
  outcome: reasonSchema,
  seenAt: z.string(),
});

const photoRow = z
  .looseObject({})
  .transform((row): PhotoRecord => recordSchema.parse(fromJsonColumns("photo", row)));

const KINDS = ["image/jpeg", "image/png", "image/gif", "image/webp"];

/** The pictures of a storage account: table and container `photos`, both by the Drupal UUID. */
export function createPhotoStore(
  account: StorageAccount,
  links: Pick<LinkReader, "page">,
): PhotoStore & LinkedUsers {
  const table = openTable(account, "photos");
  const container = openContainer(account, "photos");
  const record: PhotoStore["record"] = async (drupalUuid) => {
    const found = await table.find(photoRow, partitionOf(drupalUuid), drupalUuid);
    return found && { record: found.row, version: found.etag };
  };
  return {
    record,
    save: (one, version) => {
      const { drupalUuid: rowKey } = one;
      const row = { partitionKey: partitionOf(rowKey), rowKey, ...toJsonColumns("photo", one) };
      return table.save(row, version);
    },
    put: async (drupalUuid, { bytes, contentType, hash }) => {
      await container.run((client) =>
        client.getBlockBlobClient(drupalUuid).uploadData(bytes, {
          blobHTTPHeaders: { blobContentType: contentType },
          metadata: { hash },
        }),
      );
    },
    get: (drupalUuid) =>
      container.run(async (client) => {
        const answer = await client.getBlobClient(drupalUuid).download().catch(nullOn404);
        if (answer?.readableStreamBody === undefined) return null;
        const { contentType = "", metadata, readableStreamBody } = answer;
        const bytes = await buffer(readableStreamBody);
        const hash = metadata?.hash ?? "";
        return KINDS.includes(contentType) ? { bytes, contentType, hash } : null;
      }),
    drop: async (drupalUuid) => {
      await container.run((client) => client.getBlobClient(drupalUuid).deleteIfExists());
    },
    page: async (position, limit) => {
      const joined: Link[] = [];
      let next = position;
      // Filled up, so that Graph's batches are full too.
      do {
        const found = await links.page(limit - joined.length, next);
        joined.push(...found.links.filter((link) => isJoined(link) && !link.isProtected));
        next = found.continuation;
      } while (next !== null && joined.length < limit);
      const users = await Promise.all(
        joined.map(async ({ drupalUuid, entraObjectId }) => ({
          drupalUuid,
          entraObjectId: entraObjectId ?? "",
          record: (await record(drupalUuid))?.record ?? null,
        })),
      );
      return { users, next };
    },
  };
}
