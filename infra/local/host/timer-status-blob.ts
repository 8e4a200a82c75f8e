// Keeps timer statuses as blobs, in the place and format of the real host (StorageScheduleMonitor).

import { BlobServiceClient } from "@azure/storage-blob";
import { z } from "zod";
import { storageFailure } from "./storage-queue.ts";
import type { TimerStatusStore } from "./timer-status.ts";

const CONTAINER = "azure-webjobs-hosts";
// DateTime.MinValue stands for "never".
const NEVER = "0001-01-01T00:00:00";

const StatusBlob = z.object({ Last: z.string(), Next: z.string(), LastUpdated: z.string() });

const readDate = (text: string): Date | undefined =>
  text.startsWith(NEVER) ? undefined : new Date(text);

/** Opens the store `azure-webjobs-hosts/timers/{hostId}/Host.Functions.{name}/status`. */
export function openTimerStatusStore(connectionString: string, hostId: string): TimerStatusStore {
  const container = BlobServiceClient.fromConnectionString(connectionString, {
    retryOptions: { maxTries: 3, retryDelayInMs: 100, maxRetryDelayInMs: 1000 },
  }).getContainerClient(CONTAINER);
  const blobOf = (timerName: string) =>
    container.getBlockBlobClient(`timers/${hostId}/Host.Functions.${timerName}/status`);

  return {
    read: async (timerName) => {
      try {
        const text = (await blobOf(timerName).downloadToBuffer()).toString("utf8");
        const { Last, Next, LastUpdated } = StatusBlob.parse(JSON.parse(text));
        return {
          last: readDate(Last),
          next: new Date(Next),
          lastUpdated: readDate(LastUpdated),
        };
      } catch (error) {
        if (storageFailure(error).statusCode === 404) return undefined;
        throw error;
      }
    },
    write: async (timerName, { last, next, lastUpdated }) => {
      const text = JSON.stringify({
        Last: last?.toISOString() ?? NEVER,
        Next: next.toISOString(),
        LastUpdated: lastUpdated?.toISOString() ?? NEVER,
      });
      await container.createIfNotExists();
      await blobOf(timerName).upload(text, Buffer.byteLength(text));
    },
  };
}
