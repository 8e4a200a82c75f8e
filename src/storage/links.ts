// Links in Azure Tables: one row per Drupal account, one that reserves each Entra account for one of them, and one for
// each link that waits for an operator.
import { z } from "zod";
import { AlreadyExistsError, ConcurrencyError } from "../rules/errors.ts";
import type { Link } from "../rules/link.ts";
import type { LinkStore } from "../sync/ports.ts";
import { createLinkReader, type LinkReader } from "./link-reader.ts";
import {
  hasConflicts,
  holderRowSchema,
  linkRowSchema,
  partitionOf,
  toLinkRow,
} from "./link-row.ts";
import { openTable, type StorageAccount, type Table } from "./tables.ts";

const anyRow = z.object({});

// A version is the row's ETag, and a mark where the stored link has open conflicts: so a save knows, without a read,
// whether the index has a row for it.
const MARK = "!";
const versionOf = (link: Link, etag: string): string =>
  hasConflicts(link) ? `${MARK}${etag}` : etag;
const etagOf = (version: string): string =>
  version.startsWith(MARK) ? version.slice(MARK.length) : version;

async function ignoring(failure: typeof ConcurrencyError, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof failure)) throw error;
  }
}

async function wasFree(creation: Promise<unknown>): Promise<boolean> {
  try {
    await creation;
    return true;
  } catch (error) {
    if (error instanceof AlreadyExistsError) return false;
    throw error;
  }
}

async function saveRow(links: Table, link: Link, version: string | null): Promise<string> {
  const etag = version === null ? null : etagOf(version);
  return versionOf(link, await links.save(toLinkRow(link), etag));
}

/**
 * Saves a link with its index row. The index may name a link that has no conflict (its readers look at the link and pass
 * over it), but never miss one that has: whoever dies in between must leave too many rows, not too few. Hence its row
 * comes before the link's, and goes after it.
 */
async function saveWithIndex(
  { links, open }: { readonly links: Table; readonly open: Table },
  link: Link,
  version: string | null,
): Promise<string> {
  const key = [partitionOf(link.drupalUuid), link.drupalUuid] as const;
  const wasOpen = version?.startsWith(MARK) ?? false;
  if (hasConflicts(link) === wasOpen) return saveRow(links, link, version);
  if (hasConflicts(link)) {
    const [partitionKey, rowKey] = key;
    await open.run((table) => table.upsertEntity({ partitionKey, rowKey }, "Replace"));
    return saveRow(links, link, version);
  }
  // Guarded by the ETag from before the save: whoever opens a conflict after it writes the row anew, and that one stays.
  const indexed = await open.find(anyRow, ...key);
  const next = await saveRow(links, link, version);
  if (indexed !== null) await ignoring(ConcurrencyError, open.remove(...key, indexed.etag));
  return next;
}

/** The link store of a storage account: tables `links`, `linkholders` and `linkconflicts`. */
export function createLinkStore(account: StorageAccount): LinkStore & LinkReader {
  const links = openTable(account, "links");
  const holders = openTable(account, "linkholders");
  const open = openTable(account, "linkconflicts");

  const holder = (entraObjectId: string) =>
    holders.find(holderRowSchema, partitionOf(entraObjectId), entraObjectId);

  return {
    ...createLinkReader(links, open),
    get: async (drupalUuid) => {
      const found = await links.find(linkRowSchema, partitionOf(drupalUuid), drupalUuid);
      return found && { link: found.row, version: versionOf(found.row, found.etag) };
    },
    save: (link, version) => saveWithIndex({ links, open }, link, version),
    holderOf: async (entraObjectId) => (await holder(entraObjectId))?.row.drupalUuid ?? null,
    claim: async (entraObjectId, drupalUuid, replacing) => {
      const row = { partitionKey: partitionOf(entraObjectId), rowKey: entraObjectId, drupalUuid };
      // Nearly always it is free: then one request does it.
      if (
        replacing === undefined &&
        (await wasFree(holders.run((table) => table.createEntity(row))))
      )
        return;
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
    release: async (entraObjectId, drupalUuid) => {
      const found = await holder(entraObjectId);
      if (found?.row.drupalUuid !== drupalUuid) return;
      // Taken over since we looked: then it is no more ours to give back.
      await ignoring(
        ConcurrencyError,
        holders.remove(partitionOf(entraObjectId), entraObjectId, found.etag),
      );
    },
  };
}
