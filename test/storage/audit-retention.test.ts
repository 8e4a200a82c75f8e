// Retention of the audit log against Azurite: every row of an old entry goes, no row of a newer one, wherever a run ends.
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Azurite, startAzurite } from "../../infra/local/azurite.ts";
import type { AuditEntry } from "../../src/rules/audit-entry.ts";
import { eachAtOnce } from "../../src/storage/at-once.ts";
import { createAuditLog } from "../../src/storage/audit-log.ts";
import { createAuditRetention } from "../../src/storage/audit-retention.ts";
import { listTables, openTable, type StorageAccount } from "../../src/storage/tables.ts";

let azurite: Azurite;
let account: StorageAccount;
beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), "azurite-"));
  azurite = await startAzurite({ directory, inMemory: true });
  account = { kind: "connectionString", connectionString: azurite.connectionString };
});
afterAll(() => azurite.close());

const LIMIT = new Date("2026-11-24T12:00:00Z");
const always = () => true;

interface Row {
  readonly table: string;
  readonly partitionKey: string;
  readonly rowKey: string;
}
async function rows(): Promise<Row[]> {
  const all: Row[] = [];
  for (const name of (await listTables(account, "audit")).toSorted())
    await openTable(account, name).run(async (table) => {
      for await (const { partitionKey = "", rowKey = "" } of table.listEntities())
        all.push({ table: name, partitionKey, rowKey });
    });
  return all;
}
const deleteRows = (gone: readonly Row[]) =>
  eachAtOnce(gone, 8, async ({ table, partitionKey, rowKey }) => {
    await openTable(account, table).run((client) => client.deleteEntity(partitionKey, rowKey));
  });
beforeEach(async () => deleteRows(await rows()));

const users = Array.from({ length: 7 }, () => crypto.randomUUID());
const cycleId = crypto.randomUUID();

/** Entries of one day: of several users, some failed, some of a cycle, some about nobody. */
async function write(day: string, count: number, audit = createAuditLog(account)): Promise<void> {
  const entryOf = (index: number): AuditEntry => ({
    id: crypto.randomUUID(),
    at: `${day}T08:00:00.${String(index % 1000).padStart(3, "0")}Z`,
    operation: "update",
    resourceType: "user",
    status: index % 3 === 0 ? "failure" : "success",
    cause: "webhook",
    ...(index % 5 === 0 ? {} : { drupalUuid: users[index % users.length] }),
    ...(index % 4 === 0 ? { cycleId } : {}),
    changes: [],
    durationMs: 1,
  });
  const entries = Array.from({ length: count }, (_, index) => entryOf(index));
  for (let from = 0; from < count; from += 50)
    await Promise.all(entries.slice(from, from + 50).map((entry) => audit.append(entry)));
}

describe("retention of the audit log", () => {
  it("deletes the rows of old entries under every key, and touches no newer one", async () => {
    await write("2026-11-24", 20);
    await write("2026-11-25", 20);
    const kept = await rows();
    await write("2026-11-23", 120);
    await write("2025-01-01", 12);
    const removed = await createAuditRetention(account)(LIMIT, always);
    expect(removed).toEqual({ entries: 132, isComplete: true });
    expect(await rows()).toEqual(kept);
    expect(await createAuditRetention(account)(LIMIT, always)).toEqual({
      entries: 0,
      isComplete: true,
    });
  });

  it("goes on after a run that was killed in the middle of an entry's rows", async () => {
    await write("2026-11-23", 150);
    const all = await rows();
    // A killed run leaves own rows whose sisters are gone, in part or all, and never the other way round.
    const sisters = all.filter(({ partitionKey }) => !partitionKey.startsWith("all-"));
    const own = all.filter(({ partitionKey }) => partitionKey.startsWith("all-"));
    const done = new Set(own.slice(0, 40).map(({ rowKey }) => rowKey));
    const half = sisters.filter(({ rowKey }, index) => done.has(rowKey) || index % 2 === 0);
    await deleteRows([...half, ...own.slice(0, 40)]);
    const removed = await createAuditRetention(account)(LIMIT, always);
    expect(removed).toEqual({ entries: 110, isComplete: true });
    expect(await rows()).toEqual([]);
  });

  it("begins with the oldest day, stops when its time is up with nothing left over, and ends another day", async () => {
    await write("2026-11-22", 120);
    await write("2026-11-20", 120);
    let asked = 0;
    const retention = createAuditRetention(account);
    const first = await retention(LIMIT, () => ++asked <= 1);
    expect(first).toEqual({ entries: 100, isComplete: false });
    const left = await rows();
    const ownKeys = new Set(
      left.filter((row) => row.partitionKey.startsWith("all-")).map((row) => row.rowKey),
    );
    expect(left.filter((row) => !ownKeys.has(row.rowKey))).toEqual([]);
    const perDay = Map.groupBy(
      left.filter((row) => row.partitionKey.startsWith("all-")),
      (row) => row.partitionKey,
    );
    expect([...perDay.values()].map((day) => day.length)).toEqual([120, 20]);
    expect(await retention(LIMIT, always)).toEqual({ entries: 140, isComplete: true });
    expect(await rows()).toEqual([]);
  });

  it("may run twice at once", async () => {
    await write("2026-11-23", 120);
    const runs = [createAuditRetention(account), createAuditRetention(account)];
    const removed = await Promise.all(runs.map((run) => run(LIMIT, always)));
    expect(removed.every(({ isComplete }) => isComplete)).toBe(true);
    expect(await rows()).toEqual([]);
  });

  it("removes the tables of months that are over, also in two runs at once, and one is made again when it is needed", async () => {
    await write("2026-11-24", 3);
    const audit = createAuditLog(account);
    await write("2026-10-31", 130, audit);
    await write("2026-02-28", 3);
    const runs = [createAuditRetention(account), createAuditRetention(account)];
    await Promise.all(runs.map((run) => run(LIMIT, always)));
    // A run that was second may have opened, and so made, a table that the first had removed.
    await createAuditRetention(account)(LIMIT, always);
    expect(await listTables(account, "auditmonth")).toEqual(["auditmonth202611"]);
    const write31 = () => write("2026-10-31", 1, audit);
    await write31().catch(write31); // as the queue does
    const page = await audit.page({ scope: { kind: "all" }, where: {}, limit: 10 });
    expect(page.entries).toHaveLength(4);
  });

  it("is not stopped by a row that was put there by hand", async () => {
    await write("2026-11-23", 3);
    const own = (await rows()).find((row) => row.partitionKey.startsWith("all-"));
    const { table = "", partitionKey = "" } = own ?? {};
    await openTable(account, table).run((client) =>
      client.upsertEntity({ partitionKey, rowKey: "by-hand", entry: "not JSON" }),
    );
    expect((await createAuditRetention(account)(LIMIT, always)).entries).toBe(4);
    expect(await rows()).toEqual([]);
  });
});
