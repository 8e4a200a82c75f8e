// What listings of everyone showed, in Blob Storage: append blobs for each cycle, one line and one block for each page, read as one
// stream.
import { z } from "zod";
import { TransientError } from "../rules/errors.ts";
import type { ListedUser, ListingStore } from "../sync/cycle-ports.ts";
import { nullOn404, openContainer } from "./blobs.ts";
import { nameStorageFailure, type StorageAccount } from "./tables.ts";

// An append blob takes 50,000 blocks (Microsoft: "Scalability targets for Blob storage"); a page that is read again adds another.
const PAGES_PER_BLOB = 25_000;

const rows = z.record(z.string(), z.string());
const pageLine = z.tuple([
  z.number(),
  z.array(
    z.union([
      z.tuple([z.string(), z.string(), z.boolean()]),
      z.tuple([z.string(), z.string(), z.boolean(), rows]),
    ]),
  ),
]);
const absentSchema = z.array(z.string());
const membershipsSchema = z.record(z.string(), z.string());

const lineOf = (page: number, users: readonly ListedUser[]): string => {
  const entries = users.map(({ id, name, isEnabled, rows }) =>
    rows === undefined ? [id, name, isEnabled] : [id, name, isEnabled, rows],
  );
  return `${JSON.stringify([page, entries])}\n`;
};

async function* linesOf(chunks: AsyncIterable<unknown>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    if (!(chunk instanceof Uint8Array)) continue;
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/**
 * The users as they count, those of one page in memory at a time. A page that was read and added again, after a crash or by
 * someone who had lost the cycle without knowing, may show others than before: everyone whom any of its readings showed was
 * there, as the last one has them. What an older page after a newer one shows was added already.
 */
async function* countingUsers(lines: AsyncIterable<string>): AsyncIterable<ListedUser> {
  let current = -1;
  let held = new Map<string, ListedUser>();
  for await (const line of lines) {
    const [page, users] = pageLine.parse(JSON.parse(line));
    if (page < current) continue;
    if (page > current) {
      yield* held.values();
      held = new Map();
      current = page;
    }
    for (const [id, name, isEnabled, rows] of users)
      held.set(id, rows === undefined ? { id, name, isEnabled } : { id, name, isEnabled, rows });
  }
  yield* held.values();
}

async function* named(chunks: AsyncIterable<unknown>): AsyncIterable<unknown> {
  try {
    yield* chunks;
  } catch (cause) {
    const failure = nameStorageFailure(cause);
    if (failure !== cause) throw failure;
    // A broken connection in the midst of a download has no status and no name.
    const options = { system: "storage", code: "storageUnavailable", cause } as const;
    throw new TransientError("the listing could not be read to its end", options);
  }
}

/** The listings of a storage account: container `listings`. */
export function createListingStore(
  account: StorageAccount,
  pagesPerBlob = PAGES_PER_BLOB,
): ListingStore & { remove(cycleId: string): Promise<void> } {
  const container = openContainer(account, "listings");
  const usersOf = (cycleId: string): string => `${cycleId}/users.ndjson`;
  // Blobs are listed in the order of their names: the first part has none of its own.
  const partOf = (cycleId: string, page: number): string => {
    const part = Math.floor(page / pagesPerBlob);
    return part === 0 ? usersOf(cycleId) : `${usersOf(cycleId)}-${String(part).padStart(6, "0")}`;
  };
  const absentOf = (cycleId: string): string => `${cycleId}/absent.json`;
  const membershipsOf = (cycleId: string): string => `${cycleId}/memberships.json`;
  async function* chunksOf(cycleId: string): AsyncIterable<unknown> {
    const paths = await container.run(async (client) => {
      const found: string[] = [];
      for await (const { name } of client.listBlobsFlat({ prefix: usersOf(cycleId) }))
        found.push(name);
      return found;
    });
    for (const path of paths) {
      const answer = await container.run((client) =>
        client.getBlobClient(path).download().catch(nullOn404),
      );
      if (answer?.readableStreamBody !== undefined) yield* named(answer.readableStreamBody);
    }
  }

  return {
    append: (cycleId, page, users) =>
      container.run(async (client) => {
        const blob = client.getAppendBlobClient(partOf(cycleId, page));
        const line = lineOf(page, users);
        const add = () => blob.appendBlock(line, Buffer.byteLength(line));
        if ((await add().catch(nullOn404)) !== null) return;
        await blob.createIfNotExists();
        await add();
      }),
    read: (cycleId) => countingUsers(linesOf(chunksOf(cycleId))),
    putAbsent: (cycleId, drupalUuids) => container.put(absentOf(cycleId), drupalUuids),
    absent: async (cycleId) => (await container.read(absentSchema, absentOf(cycleId))) ?? [],
    putMemberships: (cycleId, prints) => container.put(membershipsOf(cycleId), prints),
    memberships: async (cycleId) =>
      (await container.read(membershipsSchema, membershipsOf(cycleId))) ?? {},
    remove: (cycleId) => container.removeAll(`${cycleId}/`),
  };
}
