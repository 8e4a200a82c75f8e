// The sync configuration against Azurite: cached for the sync, guarded for those who change it, and no version forgotten.
import { beforeEach, describe, expect, it } from "vitest";
import { ConcurrencyError, RejectedError } from "../../src/rules/errors.ts";
import { openContainerClient } from "../../src/storage/blobs.ts";
import { createConfigurationStore } from "../../src/storage/configuration.ts";
import { azuriteAccount } from "./azurite-account.ts";

const account = await azuriteAccount();

const container = () => openContainerClient(account, "configuration");
const blobs = async () => {
  const names: string[] = [];
  for await (const blob of container().listBlobsFlat()) names.push(blob.name);
  return names;
};
beforeEach(async () => {
  await container().createIfNotExists();
  for (const name of await blobs()) await container().deleteBlob(name);
});

const putByHand = (text: string) =>
  container().getBlockBlobClient("sync-configuration.json").upload(text, Buffer.byteLength(text));
const removeCurrent = () => container().getBlobClient("sync-configuration.json").delete();
const clock = { now: Date.parse("2026-11-24T08:00:00Z") };
const store = () => createConfigurationStore(account, () => new Date(clock.now));
const note = (second: number, actor = "grace") => ({
  actor,
  at: new Date(Date.UTC(2026, 10, 24, 9, 0, second, 7)),
});

describe("the configuration that the sync runs by", () => {
  it("is the defaults until there is one, and stops the sync when it is not valid", async () => {
    const source = store();
    expect((await source.current()).guests).toBe(false);
    const put = async (document: object) => {
      await putByHand(JSON.stringify(document));
      clock.now += 11_000;
    };
    await put({ guests: true });
    expect((await source.current()).guests).toBe(true);
    await put({ gests: true });
    await expect(source.current()).rejects.toMatchObject({ code: "configurationInvalid" });
    await putByHand("{");
    await expect(source.current()).rejects.toMatchObject({ code: "configurationUnreadable" });
  });

  it("is remembered for ten seconds, but not past a save of this instance", async () => {
    const [mine, other] = [store(), store()];
    await mine.current();
    await other.current();
    await mine.save({ guests: true }, null, note(0));
    expect((await mine.current()).guests).toBe(true);
    expect((await other.current()).guests).toBe(false);
    clock.now += 10_001;
    expect((await other.current()).guests).toBe(true);
  });

  it("is not the defaults again when its document disappears", async () => {
    await store().save({ guests: true }, null, note(0));
    await removeCurrent();
    await expect(store().current()).rejects.toMatchObject({ code: "configurationMissing" });
    await store().save({ guests: true }, null, note(1));
    expect((await store().current()).guests).toBe(true);
  });
});

describe("the store of those who change it", () => {
  it("answers an empty document without a version until the first save", async () => {
    expect(await store().read()).toEqual({ document: {}, etag: null });
    const saved = await store().save({ guests: true }, null, note(0));
    expect(await store().read()).toEqual({ document: { guests: true }, etag: saved.etag });
  });

  it("lets only the reader of the current version save, and keeps no version that was refused", async () => {
    const first = await store().save({ guests: true }, null, note(0));
    const second = await store().save({ guests: false }, first.etag, note(1));
    const refused = [null, first.etag, '"0x0"'].map((etag, index) =>
      store().save({ directions: {} }, etag, note(10 + index)),
    );
    const outcomes = await Promise.allSettled(refused);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ reason: expect.any(ConcurrencyError) });
    expect(await store().read()).toMatchObject({ etag: second.etag });
    expect((await store().history(10)).versions).toHaveLength(2);
    await store().save({}, "*", note(20));
    expect(await store().read()).toMatchObject({ document: {} });
  });

  it("refuses to save over any version where there is none", async () => {
    await expect(store().save({}, "*", note(0))).rejects.toBeInstanceOf(ConcurrencyError);
    expect(await blobs()).toEqual([]);
  });

  it("lets one of several savers at once win, and keeps the winner's version alone", async () => {
    const { etag } = await store().save({}, null, note(0));
    const saves = await Promise.allSettled(
      [1, 2, 3, 4].map((index) => store().save({ guests: index % 2 === 0 }, etag, note(index))),
    );
    expect(saves.filter((one) => one.status === "fulfilled")).toHaveLength(1);
    const winner = saves.find((one) => one.status === "fulfilled");
    expect((await store().history(10)).versions.map((one) => one.id)).toEqual([
      winner?.value.version,
      expect.stringContaining("20261124T090000.007Z-"),
    ]);
  });

  it("can replace what is not even JSON, and keeps that too", async () => {
    await putByHand("{ guests: true");
    const found = await store().read();
    expect(found.document).toBe("{ guests: true");
    await store().save({ guests: true }, found.etag, note(0));
    const { versions } = await store().history(10);
    const byHand = versions.find((one) => one.actor === "unknown");
    expect(await store().version(byHand?.id ?? "")).toMatchObject({ document: "{ guests: true" });
    expect(versions).toHaveLength(2);
  });
});

describe("the history", () => {
  it("is empty where nobody saved anything", async () => {
    expect(await store().history(10)).toEqual({ versions: [], continuation: null });
    expect(await store().version("20261124T090000.007Z-0123456789ab")).toBeNull();
  });

  it("has each version with its document, who saved it and when, newest first, page by page", async () => {
    let etag: string | null = null;
    const ids: string[] = [];
    for (const index of [0, 1, 2, 3, 4]) {
      const document = { account: { domain: `d${index}.example` } };
      const saved = await store().save(document, etag, note(index, `Zoë ${index}`));
      etag = saved.etag;
      ids.unshift(saved.version);
    }
    const first = await store().history(2);
    expect(first.versions).toEqual([
      { id: ids[0], at: "2026-11-24T09:00:04.007Z", actor: "Zoë 4" },
      { id: ids[1], at: "2026-11-24T09:00:03.007Z", actor: "Zoë 3" },
    ]);
    const second = await store().history(2, first.continuation);
    const third = await store().history(2, second.continuation);
    expect([...second.versions, ...third.versions].map((one) => one.id)).toEqual(ids.slice(2));
    expect(third.continuation).toBeNull();
    expect(await store().version(ids[4] ?? "")).toEqual({
      id: ids[4],
      at: "2026-11-24T09:00:00.007Z",
      actor: "Zoë 0",
      document: { account: { domain: "d0.example" } },
    });
  });

  it("knows no version by a path, and no continuation but its own", async () => {
    await store().save({}, null, note(0));
    for (const id of ["", "../sync-configuration", "20261124T090000.007Z-0123456789ab"])
      expect(await store().version(id)).toBeNull();
    await expect(store().history(1, "x")).rejects.toBeInstanceOf(RejectedError);
  });
});
