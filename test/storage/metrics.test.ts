// Rows of counts against Azurite: one for each bucket and instance, read back by time, and gone after their week.
import { describe, expect, it } from "vitest";
import { type Counted, counted, NO_COUNTS } from "../../src/rules/metrics.ts";
import { createMetricsStore } from "../../src/storage/metrics.ts";
import { openTable } from "../../src/storage/tables.ts";
import { azuriteAccount } from "./azurite-account.ts";
import { recordAccount } from "./recording-proxy.ts";

const account = await azuriteAccount();
const store = createMetricsStore(account);
const at = (text: string) => Date.parse(text);
const written = (times: number) =>
  Array.from({ length: times }, (): Counted => ({ kind: "written", system: "entra" })).reduce(
    counted,
    NO_COUNTS,
  );
const always = () => true;
const rowsOf = async (from: string, to: string) => {
  const rows: string[] = [];
  await store.eachRow(new Date(from), new Date(to), ({ at: begins, instance, counts }) =>
    rows.push(`${new Date(begins).toISOString().slice(0, 16)} ${instance} ${counts.writes.entra}`),
  );
  return rows;
};
const everything = () => rowsOf("2026-01-01", "2027-01-01");

describe("counts in storage", () => {
  it("are one row for each bucket and instance, replaced whole", async () => {
    await store.save({ at: at("2026-11-24T23:45:00Z"), instance: "a", counts: written(1) });
    await store.save({ at: at("2026-11-24T23:45:00Z"), instance: "a", counts: written(3) });
    await store.save({ at: at("2026-11-24T23:45:00Z"), instance: "b-1", counts: written(2) });
    await store.save({ at: at("2026-11-25T00:00:00Z"), instance: "a", counts: written(4) });
    expect(await everything()).toEqual([
      "2026-11-24T23:45 a 3",
      "2026-11-24T23:45 b-1 2",
      "2026-11-25T00:00 a 4",
    ]);
  });

  it("are read by the time of their bucket, across midnight", async () => {
    expect(await rowsOf("2026-11-24T23:50:00Z", "2026-11-25T08:00:00Z")).toEqual([
      "2026-11-25T00:00 a 4",
    ]);
    expect(await rowsOf("2026-11-24T23:45:00Z", "2026-11-24T23:59:00Z")).toEqual([
      "2026-11-24T23:45 a 3",
      "2026-11-24T23:45 b-1 2",
    ]);
  });

  it("pass over rows that were put there by hand", async () => {
    await openTable(account, "metrics").run((table) =>
      table.upsertEntity({ partitionKey: "2026-11-25", rowKey: "0015-x", counts: "not JSON" }),
    );
    await openTable(account, "metrics").run((table) =>
      table.upsertEntity({ partitionKey: "by-hand", rowKey: "x" }),
    );
    expect(await everything()).toHaveLength(3);
  });

  it("go page by page, so that nobody holds the keys of all, however long nobody removed any", async () => {
    const days = ["2026-10-01", "2026-10-02"];
    const client = openTable(account, "metrics");
    for (const day of days)
      for (let from = 0; from < 1000; from += 100)
        await client.run((table) =>
          table.submitTransaction(
            Array.from({ length: 100 }, (_, at) => [
              "create",
              { partitionKey: day, rowKey: `1000-i${String(from + at).padStart(4, "0")}` },
            ]),
          ),
        );
    const limit = new Date("2026-11-01T00:00:00Z");
    const { connectionString } =
      account.kind === "connectionString" ? account : { connectionString: "" };
    const proxy = await recordAccount(connectionString);
    const listened = createMetricsStore(proxy.account);
    expect(await listened.removeBefore(limit, () => false)).toBe(0);
    expect(proxy.take()).toHaveLength(1);
    expect(await listened.removeBefore(limit, always)).toBe(2000);
    await proxy.close();
    expect(await store.removeBefore(limit, always)).toBe(0);
  });

  it("go by whole days before the limit, more than a transaction takes, until the time is up", async () => {
    for (let n = 0; n < 101; n += 1)
      await store.save({ at: at("2026-11-16T10:00:00Z"), instance: `i${n}`, counts: written(1) });
    expect(await store.removeBefore(new Date("2026-11-17T09:00:00Z"), () => false)).toBe(0);
    const answers = [true];
    const once = () => answers.pop() ?? false;
    expect(await store.removeBefore(new Date("2026-11-17T09:00:00Z"), once)).toBe(100);
    expect(await store.removeBefore(new Date("2026-11-17T09:00:00Z"), always)).toBe(1);
    expect(await store.removeBefore(new Date("2026-11-17T09:00:00Z"), always)).toBe(0);
    expect(await everything()).toHaveLength(3);
  });
});
