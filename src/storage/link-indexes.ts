// Reads the index of links from their table: all of them, or those of some users.
import { drupalUuidFor } from "../rules/drupal-names.ts";
import type { LinkIndexSource } from "../sync/cycle-ports.ts";
import { eachAtOnce } from "./at-once.ts";
import { type CompactLinks, createCompactLinks } from "./compact-links.ts";
import { holderRowSchema, INDEX_COLUMNS, indexRowSchema, partitionOf } from "./link-row.ts";
import { openTable, type StorageAccount, type Table } from "./tables.ts";

const MAX_ROWS = 1000; // of one answer of the service
const RANGES_AT_ONCE = 8;
const READS_AT_ONCE = 16;

// By the first digit of the UUID: the service reads a range page by page, but several ranges at once.
const DIGITS = [..."0123456789abcdef"];
const RANGES = DIGITS.map((digit, index) => {
  const end = DIGITS[index + 1];
  const from = `PartitionKey ge '${digit}'`;
  return end === undefined ? from : `${from} and PartitionKey lt '${end}'`;
});

async function addRange(links: Table, filter: string, index: CompactLinks): Promise<void> {
  await links.run(async (client) => {
    const listing = client.listEntities({ queryOptions: { filter, select: INDEX_COLUMNS } });
    for await (const rows of listing.byPage({ maxPageSize: MAX_ROWS }))
      for (const row of rows) index.add(indexRowSchema.parse(row));
  });
}

/** The index of tables `links` and `linkholders`. */
export function createLinkIndexSource(account: StorageAccount): LinkIndexSource {
  const links = openTable(account, "links");
  const holders = openTable(account, "linkholders");

  const holderOf = async (entraObjectId: string): Promise<string> => {
    const found = await holders.find(holderRowSchema, partitionOf(entraObjectId), entraObjectId);
    return found?.row.drupalUuid ?? drupalUuidFor(entraObjectId);
  };

  return {
    all: async () => {
      const index = createCompactLinks();
      await eachAtOnce(RANGES, RANGES_AT_ONCE, (range) => addRange(links, range, index));
      return index;
    },
    of: async (system, ids) => {
      const index = createCompactLinks();
      await eachAtOnce(new Set(ids), READS_AT_ONCE, async (id) => {
        const uuid = system === "drupal" ? id : await holderOf(id);
        const found = await links.find(indexRowSchema, partitionOf(uuid), uuid, INDEX_COLUMNS);
        if (found !== null) index.add(found.row);
      });
      return { ...index, joined: 0 };
    },
  };
}
