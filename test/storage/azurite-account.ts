// A storage account for the tests of one file: Azurite, in memory.
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { startAzurite } from "../../infra/local/azurite.ts";
import type { StorageAccount } from "../../src/storage/tables.ts";

/** Starts Azurite; it ends with the file's tests. */
export async function azuriteAccount(): Promise<StorageAccount> {
  const directory = await mkdtemp(join(tmpdir(), "azurite-"));
  const azurite = await startAzurite({ directory, inMemory: true });
  afterAll(() => azurite.close());
  return { kind: "connectionString", connectionString: azurite.connectionString };
}
