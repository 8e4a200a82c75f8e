// Links against Azurite: guarded saves, reservations, pages over all of them, and the index of those that wait for someone.
import { describe, expect, it } from "vitest";
import type { OpenConflict } from "../../src/rules/conflicts.ts";
import { AlreadyExistsError, ConcurrencyError, RejectedError } from "../../src/rules/errors.ts";
import { type Link, newLink } from "../../src/rules/link.ts";
import type { LinkPage } from "../../src/storage/link-reader.ts";
import { createLinkStore } from "../../src/storage/links.ts";
import { openTable } from "../../src/storage/tables.ts";
import { azuriteAccount } from "./azurite-account.ts";

const account = await azuriteAccount();

const uuid = () => crypto.randomUUID();
const at = "2026-11-24T08:00:00.000Z";
const prints = { drupal: "a", entra: "b" };
const conflict: OpenConflict = {
  code: "manual",
  message: "both sides changed: an operator decides",
  drupal: "field_department",
  entra: "department",
  openedAt: at,
  prints,
};
const conflicting = (link: Link): Link => ({ ...link, conflicts: { "a<>b": conflict } });

describe("the link store", () => {
  it("gives back what was saved, and lets only the reader of the latest version save", async () => {
    const links = createLinkStore(account);
    const link: Link = {
      ...newLink(uuid()),
      entraObjectId: uuid(),
      linkedAt: at,
      madeByUs: { drupal: true, entra: false },
      blocks: { drupal: "parked", entra: "ours" },
      served: { drupalToEntra: true, entraToDrupal: true },
      deletedByUs: { drupal: null, entra: at },
      base: { ">displayName": prints },
      known: { mail: { at, seenAt: null, print: "p", before: ["o"] } },
      windows: {
        "a<>b": {
          drupal: { unchangedAt: at, changedAt: null },
          entra: { unchangedAt: null, changedAt: at },
        },
      },
      settled: { "a<>b": { take: "drupal", prints, actor: "someone", at } },
      flips: { "a<>b": [{ at, system: "drupal", before: "x", after: "y" }] },
      interrupted: ["a<>b"],
      grantedRoles: ["editor"],
      drupalGoneAt: at,
      deleteDue: { system: "drupal", at },
      isCancelled: true,
      isProtected: true,
      entraMissingSince: at,
      restoredAt: at,
      takenApart: {
        entraObjectId: uuid(),
        at: "2026-11-24T08:00:00.000Z",
        madeByUs: true,
        block: "ours",
      },
      pending: {
        operationId: uuid(),
        at,
        system: "drupal",
        operation: "create",
        name: "ada",
        takesOverFrom: uuid(),
        changes: [{ attribute: "roles", before: null, after: ["a"], why: "changedInEntra" }],
        after: { mail: "p" },
        over: { mail: "o" },
        origin: { cause: "cycle", cycleId: uuid(), actor: null },
        former: [{ "a<>b": prints }],
        base: { "a<>b": prints },
      },
      lease: { owner: "me", until: at },
    };
    const version = await links.save(link, null);
    expect(await links.get(link.drupalUuid)).toEqual({ link, version });
    const next = await links.save({ ...link, grantedRoles: [] }, version);
    await expect(links.save(link, version)).rejects.toBeInstanceOf(ConcurrencyError);
    expect((await links.get(link.drupalUuid))?.version).toBe(next);
  });

  it("lets one of two first savers win", async () => {
    const links = createLinkStore(account);
    const link = newLink(uuid());
    const saves = await Promise.allSettled([links.save(link, null), links.save(link, null)]);
    expect(saves.map((one) => one.status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const rejected = saves.find((one) => one.status === "rejected");
    expect(rejected?.reason).toBeInstanceOf(ConcurrencyError);
  });

  it("keeps a link that is larger than a column, without cutting a character in two", async () => {
    const links = createLinkStore(account);
    const many = Object.fromEntries(
      Array.from({ length: 2000 }, (_, index) => [
        `row${index}`,
        { drupal: "𝒜".repeat(index % 7), entra: "é" },
      ]),
    );
    const link = { ...newLink(uuid()), base: many };
    const version = await links.save(link, null);
    expect((await links.get(link.drupalUuid))?.link).toEqual(link);
    await links.save(newLink(link.drupalUuid), version);
    expect((await links.get(link.drupalUuid))?.link).toEqual(newLink(link.drupalUuid));
  });

  it("reads a row of the first release: what is ours stays ours, an announced create stays announced", async () => {
    const drupalUuid = uuid();
    const pending = {
      operationId: "op",
      at,
      operation: "create",
      userPrincipalName: "ada@contoso.example",
      takesOverFrom: null,
      changes: [],
      after: { mail: "p" },
    };
    const first = {
      ...{ drupalUuid, entraObjectId: null, linkedAt: null, createdByUs: true, disabledByUs: true },
      base: { displayName: "abc" },
      recent: { mail: { at, after: "p", before: [] } },
      ...{ drupalGoneAt: null, lease: null, pending },
    };
    await openTable(account, "links").run((table) =>
      table.createEntity({
        partitionKey: drupalUuid.slice(0, 2),
        rowKey: drupalUuid,
        link: JSON.stringify(first),
      }),
    );
    const { userPrincipalName: name, ...rest } = pending;
    expect((await createLinkStore(account).get(drupalUuid))?.link).toEqual({
      ...newLink(drupalUuid),
      madeByUs: { drupal: false, entra: true },
      blocks: { drupal: "none", entra: "ours" },
      served: { drupalToEntra: true, entraToDrupal: false },
      inScope: { drupalToEntra: true, entraToDrupal: false },
      pending: { ...rest, system: "entra", name, base: {}, over: {}, former: [], origin: null },
    });
  });

  it("reserves an Entra account for one Drupal user, unless that one is replaced by name", async () => {
    const links = createLinkStore(account);
    const [entraId, first, second] = [uuid(), uuid(), uuid()];
    await links.claim(entraId, first);
    await links.claim(entraId, first);
    await expect(links.claim(entraId, second)).rejects.toBeInstanceOf(AlreadyExistsError);
    await links.claim(entraId, second, first);
    expect(await links.holderOf(entraId)).toBe(second);
    expect(await links.holderOf(uuid())).toBeNull();
  });

  it("gives a reservation back to everyone, but only its holder's", async () => {
    const links = createLinkStore(account);
    const [entraId, holder, other] = [uuid(), uuid(), uuid()];
    await links.claim(entraId, holder);
    await links.release(entraId, other);
    expect(await links.holderOf(entraId)).toBe(holder);
    await links.release(entraId, holder);
    await links.release(entraId, holder);
    expect(await links.holderOf(entraId)).toBeNull();
    await links.claim(entraId, other);
  });
});

describe("the link reader", () => {
  const idsOf = async (read: (continuation: string | null) => Promise<LinkPage>) => {
    const pages: string[][] = [];
    let continuation: string | null = null;
    do {
      const page: LinkPage = await read(continuation);
      pages.push(page.links.map((link) => link.drupalUuid));
      continuation = page.continuation;
    } while (continuation !== null);
    return pages;
  };

  it("pages over every link in the order of keys, each once", async () => {
    const links = createLinkStore(account);
    const mine = ["aa", "aa", "aa", "ab", "ac"].map((start) => start + uuid().slice(2)).toSorted();
    for (const id of mine) await links.save(newLink(id), null);
    const pages = await idsOf((continuation) => links.page(2, continuation));
    expect(pages.slice(0, -1).every((page) => page.length === 2)).toBe(true);
    expect(pages.flat()).toEqual(pages.flat().toSorted());
    expect(pages.flat().filter((id) => mine.includes(id))).toEqual(mine);
    expect(await links.page(1000)).toMatchObject({ continuation: null });
  });

  it("finds the links with open conflicts, for as long as they are open", async () => {
    const links = createLinkStore(account);
    const ids = [uuid(), uuid(), uuid()].toSorted();
    const saved = await Promise.all(
      ids.map(async (id) => links.save(conflicting(newLink(id)), null)),
    );
    const open = () => idsOf((continuation) => links.conflicts(1, continuation));
    expect(await open()).toEqual(ids.map((id) => [id]));
    expect((await links.conflicts(3)).continuation).toBeNull();

    const [first = "", second = ""] = ids;
    const still = await links.save(
      { ...conflicting(newLink(first)), linkedAt: at },
      saved[0] ?? "",
    );
    expect((await open()).flat()).toEqual(ids);
    await links.save(newLink(first), still);
    const loaded = await links.get(second);
    const closed = await links.save(newLink(second), loaded?.version ?? "");
    expect((await open()).flat()).toEqual(ids.slice(2));
    await links.save(conflicting(newLink(second)), closed);
    expect((await open()).flat()).toEqual(ids.slice(1));
    await Promise.all(
      ids.slice(1).map(async (id) => links.save(newLink(id), (await links.get(id))?.version ?? "")),
    );
    expect(await open()).toEqual([[]]);
  });

  it("passes over an index row whose link has no conflict, as a crash or a lost race leaves it", async () => {
    const links = createLinkStore(account);
    const link = newLink(uuid());
    const version = await links.save(link, null);
    await links.save({ ...link, linkedAt: at }, version);
    await expect(links.save(conflicting(link), version)).rejects.toBeInstanceOf(ConcurrencyError);
    const row = { partitionKey: link.drupalUuid.slice(0, 2), rowKey: link.drupalUuid };
    const index = openTable(account, "linkconflicts");
    expect(await index.run((table) => table.getEntity(row.partitionKey, row.rowKey))).toBeDefined();
    expect(await links.conflicts(10)).toEqual({ links: [], continuation: null });
    await index.remove(row.partitionKey, row.rowKey);
  });

  it("never loses a conflict that opens while another worker closes the one before", async () => {
    const links = createLinkStore(account);
    const link = newLink(uuid());
    const version = await links.save(conflicting(link), null);
    const key = [link.drupalUuid.slice(0, 2), link.drupalUuid] as const;
    const index = openTable(account, "linkconflicts");
    const before = await index.run((table) => table.getEntity(...key));
    const closed = await links.save(link, version);
    await links.save(conflicting(link), closed);
    // The first worker's removal arrives only now.
    await expect(index.remove(...key, before.etag)).rejects.toBeInstanceOf(ConcurrencyError);
    expect((await links.conflicts(10)).links).toHaveLength(1);
    await links.save(link, (await links.get(link.drupalUuid))?.version ?? "");
  });

  it.each([
    ["nothing", ""],
    ["what is not ours", "abc"],
    [
      "a filter of its own",
      Buffer.from(JSON.stringify(["links", "aa' or 'a' eq 'a", uuid()])).toString("base64url"),
    ],
    [
      "another listing's",
      Buffer.from(JSON.stringify(["linkconflicts", "aa", uuid()])).toString("base64url"),
    ],
  ])("refuses %s for a continuation", async (_what, continuation) => {
    const refused = createLinkStore(account).page(1, continuation);
    await expect(refused).rejects.toBeInstanceOf(RejectedError);
    await expect(refused).rejects.toMatchObject({ code: "invalidContinuation" });
  });
});
