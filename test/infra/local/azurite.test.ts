// Azurite as a child process.

import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TableClient } from "@azure/data-tables";
import { BlobServiceClient } from "@azure/storage-blob";
import { QueueServiceClient } from "@azure/storage-queue";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startAzurite } from "../../../infra/local/azurite.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "azurite-"));
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

it("answers on free ports for blobs, queues and tables, and keeps its data over a restart", async () => {
  const first = await startAzurite({ directory });
  await BlobServiceClient.fromConnectionString(first.connectionString).createContainer("kept");
  await QueueServiceClient.fromConnectionString(first.connectionString).createQueue("kept");
  const options = { allowInsecureConnection: true };
  await TableClient.fromConnectionString(first.connectionString, "kept", options).createTable();
  await first.close();

  const second = await startAzurite({ directory });
  const blobs = BlobServiceClient.fromConnectionString(second.connectionString);
  expect(await blobs.getContainerClient("kept").exists()).toBe(true);
  const queues = QueueServiceClient.fromConnectionString(second.connectionString);
  expect(await queues.getQueueClient("kept").exists()).toBe(true);
  const table = TableClient.fromConnectionString(second.connectionString, "kept", options);
  await expect(table.createTable()).resolves.not.toThrow();
  await table.createEntity({ partitionKey: "a", rowKey: "b" });
  await second.close();
});

it("says in one line that a port is in use", async () => {
  const blocker = createServer();
  const port = await new Promise<number>((resolve) => {
    blocker.listen(0, "127.0.0.1", () => {
      const address = blocker.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
  await expect(
    startAzurite({ directory, inMemory: true, ports: { blob: 0, queue: port, table: 0 } }),
  ).rejects.toThrow(`Port ${port} for the queue service of Azurite is in use.`);
  blocker.close();
});
