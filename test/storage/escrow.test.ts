// Escrow against Azurite: rows, pages, causes, and returns that are late.
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Azurite, startAzurite } from "../../infra/local/azurite.ts";
import type { EscrowEntry, EscrowFilter } from "../../src/rules/escrow.ts";
import { createEscrowStore } from "../../src/storage/escrow.ts";
import { openTable, type StorageAccount } from "../../src/storage/tables.ts";

let azurite: Azurite;
let account: StorageAccount;
beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), "azurite-"));
  azurite = await startAzurite({ directory, inMemory: true });
  account = { kind: "connectionString", connectionString: azurite.connectionString };
});
afterAll(() => azurite.close());
beforeEach(async () => {
  const escrow = createEscrowStore(account);
  for await (const { drupalUuid } of escrow.each({})) await escrow.clear(drupalUuid);
});

const anId = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
const anEntry = (number: number, changes: Partial<EscrowEntry> = {}): EscrowEntry => ({
  drupalUuid: anId(number),
  entraObjectId: null,
  system: "entra",
  reason: { code: "entraRefused", message: "no" },
  attempts: 1,
  since: "2026-11-24T08:00:00.000Z",
  at: "2026-11-24T08:00:00.000Z",
  nextAt: "2026-11-24T09:00:00.000Z",
  ...changes,
});

async function filled(...entries: EscrowEntry[]) {
  const escrow = createEscrowStore(account);
  for (const entry of entries) await escrow.put(entry);
  return escrow;
}

async function everyPage(filter: EscrowFilter, limit: number) {
  const escrow = createEscrowStore(account);
  const pages: string[][] = [];
  for (let after: string | null | undefined; after !== null; ) {
    const page = await escrow.page(filter, limit, after);
    pages.push(page.items.map(({ drupalUuid }) => drupalUuid));
    after = page.continuation;
  }
  return pages;
}

describe("escrow", () => {
  it("gives back what was put, replaces it, and clears it twice", async () => {
    const first = anEntry(1, { entraObjectId: anId(2), nextAt: null });
    const escrow = await filled(first);
    expect(await escrow.find(anId(1))).toEqual(first);
    const second = anEntry(1, { attempts: 2, at: "2026-11-24T09:00:00.000Z" });
    await escrow.put(second);
    expect(await escrow.find(anId(1))).toEqual(second);
    await escrow.clear(anId(1));
    await escrow.clear(anId(1));
    expect(await escrow.find(anId(1))).toBeNull();
  });

  it("reads rows of an earlier release, with the time at which their return is expected", async () => {
    const escrow = await filled();
    const columns = { system: "entra", code: "entraRefused", message: "no" };
    const row = { partitionKey: "user", ...columns, at: "2026-11-24T08:00:00.000Z" };
    await openTable(account, "escrow").run(async (table) => {
      await table.upsertEntity({ ...row, rowKey: anId(1), attempts: 2, since: row.at });
      const since = "2026-10-27T08:00:00.000Z";
      await table.upsertEntity({ ...row, rowKey: anId(2), attempts: 30, since });
    });
    expect(await escrow.find(anId(1))).toEqual(
      anEntry(1, { attempts: 2, nextAt: "2026-11-24T14:00:00.000Z" }),
    );
    expect((await escrow.find(anId(2)))?.nextAt).toBeNull();
    expect((await escrow.groups())[0]?.users).toBe(2);
  });

  it("is listed page by page, each row once, by the filters", async () => {
    const gone = { system: "drupal", reason: { code: "drupalRefused", message: "no" } } as const;
    await filled(anEntry(1), anEntry(2, gone), anEntry(3), anEntry(4), anEntry(5, gone));
    expect(await everyPage({}, 2)).toEqual([[anId(1), anId(2)], [anId(3), anId(4)], [anId(5)]]);
    expect(await everyPage({}, 5)).toHaveLength(1);
    expect(await everyPage({ code: "entraRefused" }, 2)).toEqual([[anId(1), anId(3)], [anId(4)]]);
    expect(await everyPage({ system: "drupal", code: "entraRefused" }, 2)).toEqual([[]]);
    expect(await everyPage({ code: "x' or code ne '" }, 2)).toEqual([[]]);
  });

  it("refuses the continuation of another filter", async () => {
    const escrow = await filled(anEntry(1), anEntry(2));
    const { continuation } = await escrow.page({}, 1);
    await expect(escrow.page({ code: "entraRefused" }, 1, continuation)).rejects.toMatchObject({
      code: "invalidContinuation",
    });
  });

  it("is grouped by cause: how many, since when, and when the next returns", async () => {
    const reason = { code: "drupalRefused", message: "field_x" };
    const escrow = await filled(
      anEntry(1, { nextAt: null }),
      anEntry(2, { since: "2026-11-20T08:00:00.000Z", nextAt: "2026-11-24T12:00:00.000Z" }),
      anEntry(3, {
        at: "2026-11-24T08:30:00.000Z",
        reason: { code: "entraRefused", message: "the latest words" },
      }),
      anEntry(4, { system: "drupal", reason, nextAt: null }),
    );
    expect(await escrow.groups()).toEqual([
      {
        system: "entra",
        code: "entraRefused",
        message: "the latest words",
        users: 3,
        oldest: "2026-11-20T08:00:00.000Z",
        nextAt: "2026-11-24T09:00:00.000Z",
      },
      {
        system: "drupal",
        code: "drupalRefused",
        message: "field_x",
        users: 1,
        oldest: "2026-11-24T08:00:00.000Z",
        nextAt: null,
      },
    ]);
  });

  it("names who is late by more than five minutes, and nobody who ended", async () => {
    const entraObjectId = anId(9);
    const escrow = await filled(
      anEntry(1, { entraObjectId }),
      anEntry(2, { nextAt: "2026-11-24T09:01:00.000Z" }),
      anEntry(3, { nextAt: null }),
    );
    const at = async (time: string) =>
      (await escrow.due(new Date(time))).map(({ drupalUuid }) => drupalUuid);
    expect(await at("2026-11-24T09:05:00.000Z")).toEqual([]);
    expect(await at("2026-11-24T09:05:00.001Z")).toEqual([anId(1)]);
    expect(await at("2026-12-24T09:00:00.000Z")).toEqual([anId(1), anId(2)]);
    expect(await escrow.due(new Date("2026-11-24T09:05:01Z"))).toMatchObject([{ entraObjectId }]);
  });
});
