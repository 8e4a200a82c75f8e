// Makes one host of several the owner of a listener: a blob lease, as SingletonManager of the WebJobs SDK holds it.

import { BlobServiceClient } from "@azure/storage-blob";
import { storageFailure } from "./storage-queue.ts";

const CONTAINER = "azure-webjobs-hosts";
// The shortest lease that Blob Storage knows, and what the WebJobs SDK uses in development.
const LEASE_SECONDS = 15;

/** A lease that is held and renewed until it is released. */
export interface SingletonLease {
  /** Resolves when the lease was lost: someone else may own the listener now. */
  readonly lost: Promise<void>;
  release(): Promise<void>;
}

/** Tries to take the lease of a function's listener; undefined when another host has it. */
export type TakeLease = (functionName: string) => Promise<SingletonLease | undefined>;

/** Opens the leases `azure-webjobs-hosts/locks/{hostId}/Host.Functions.{name}.Listener`. */
export function openSingletonLeases(connectionString: string, hostId: string): TakeLease {
  const container = BlobServiceClient.fromConnectionString(connectionString, {
    retryOptions: { maxTries: 3, retryDelayInMs: 100, maxRetryDelayInMs: 1000 },
  }).getContainerClient(CONTAINER);

  return async (functionName) => {
    await container.createIfNotExists();
    const blob = container.getBlockBlobClient(
      `locks/${hostId}/Host.Functions.${functionName}.Listener`,
    );
    const lease = blob.getBlobLeaseClient();
    try {
      await blob.upload("", 0, { conditions: { ifNoneMatch: "*" } });
    } catch (error) {
      // 409: it is there already; 412: it is there and leased.
      const { statusCode } = storageFailure(error);
      if (statusCode !== 409 && statusCode !== 412) throw error;
    }
    try {
      await lease.acquireLease(LEASE_SECONDS);
    } catch (error) {
      if (storageFailure(error).statusCode === 409) return undefined;
      throw error;
    }
    let lose = (): void => undefined;
    const lost = new Promise<void>((resolve) => {
      lose = resolve;
    });
    const renew = async (): Promise<void> => {
      try {
        await lease.renewLease();
      } catch {
        clearInterval(timer);
        lose();
      }
    };
    const timer = setInterval(renew, (LEASE_SECONDS * 1000) / 3);
    return {
      lost,
      release: async () => {
        clearInterval(timer);
        try {
          await lease.releaseLease();
        } catch {
          // It runs out by itself.
        }
      },
    };
  };
}
