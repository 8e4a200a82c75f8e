// Links in Azure Tables: one row per Drupal account, and one that reserves each Entra account for one of them.
import type { TableClient } from "@azure/data-tables";
import { z } from "zod";
import { AlreadyExistsError, ConcurrencyError } from "../rules/errors.ts";
import type { Link } from "../rules/link.ts";
import { operationSchema } from "../rules/plan.ts";
import type { LinkStore, StoredLink } from "../sync/ports.ts";
import { openTable, type StorageAccount } from "./tables.ts";

// 256 partitions spread the load; a link is always read by its full key.
const partitionOf = (id: string): string => id.slice(0, 2).toLowerCase();

const change = z.object({
  attribute: z.string(),
  before: z.union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.null()]),
  after: z.union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.null()]),
  why: z.string(),
});
const linkSchema = z.object({
  drupalUuid: z.guid(),
  entraObjectId: z.guid().nullable(),
  linkedAt: z.string().nullable(),
  createdByUs: z.boolean(),
  base: z.record(z.string(), z.string()),
  recent: z.record(
    z.string(),
    z.object({ at: z.string(), after: z.string(), before: z.array(z.string()) }),
  ),
  disabledByUs: z.boolean(),
  drupalGoneAt: z.string().nullable(),
  deleteDueAt: z.string().nullable(),
  pending: z
    .object({
      operationId: z.string(),
      at: z.string(),
      operation: operationSchema,
      userPrincipalName: z.string().nullable(),
      takesOverFrom: z.guid().nullable(),
      changes: z.array(change),
      after: z.record(z.string(), z.string()),
    })
    .nullable(),
  lease: z.object({ owner: z.string(), until: z.string() }).nullable(),
});

// One JSON property (64 KiB; a link with 100 attributes is about 6) beside the column that people look for.
const linkRow = z.object({ link: z.string() });
const holderRow = z.object({ drupalUuid: z.guid() });

const toRow = (link: Link) => ({
  partitionKey: partitionOf(link.drupalUuid),
  rowKey: link.drupalUuid,
  entraObjectId: link.entraObjectId ?? "",
  link: JSON.stringify(link),
});

/** The link store of a storage account: tables `links` and `linkholders`. */
export function createLinkStore(account: StorageAccount): LinkStore {
  const links = openTable(account, "links");
  const holders = openTable(account, "linkholders");

  const holder = (entraObjectId: string) =>
    holders.find(holderRow, partitionOf(entraObjectId), entraObjectId);

  return {
    get: async (drupalUuid): Promise<StoredLink | null> => {
      const found = await links.find(linkRow, partitionOf(drupalUuid), drupalUuid);
      if (found === null) return null;
      return { link: linkSchema.parse(JSON.parse(found.row.link)), version: found.etag };
    },
    save: async (link, version) => {
      const row = toRow(link);
      const write = (table: TableClient) =>
        version === null
          ? table.createEntity(row)
          : table.updateEntity(row, "Replace", { etag: version });
      try {
        return (await links.run(write)).etag ?? "";
      } catch (cause) {
        if (!(cause instanceof AlreadyExistsError)) throw cause;
        const options = { system: "storage", code: "rowChanged", cause } as const;
        throw new ConcurrencyError("someone else made this row first", options);
      }
    },
    holderOf: async (entraObjectId) => (await holder(entraObjectId))?.row.drupalUuid ?? null,
    claim: async (entraObjectId, drupalUuid, replacing) => {
      const row = { partitionKey: partitionOf(entraObjectId), rowKey: entraObjectId, drupalUuid };
      const found = await holder(entraObjectId);
      if (found?.row.drupalUuid === drupalUuid) return;
      if (found === null) {
        await holders.run((table) => table.createEntity(row));
      } else if (found.row.drupalUuid === replacing) {
        await holders.run((table) => table.updateEntity(row, "Replace", { etag: found.etag }));
      } else {
        const message = `the Entra account belongs to the Drupal account ${found.row.drupalUuid}`;
        throw new AlreadyExistsError(message, { system: "storage", code: "linkedToAnother" });
      }
    },
  };
}
