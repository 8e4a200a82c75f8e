// The index of links: in memory, and read from Azurite.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drupalUuidFor } from "../../src/rules/drupal-names.ts";
import { type Link, newLink } from "../../src/rules/link.ts";
import { createCompactLinks } from "../../src/storage/compact-links.ts";
import { createIdTable } from "../../src/storage/id-table.ts";
import { createLinkIndexSource } from "../../src/storage/link-indexes.ts";
import type { IndexRow } from "../../src/storage/link-row.ts";
import { createLinkStore } from "../../src/storage/links.ts";
import { openTable } from "../../src/storage/tables.ts";
import { azuriteAccount } from "./azurite-account.ts";

const account = await azuriteAccount();
const uuid = () => crypto.randomUUID();
const at = "2026-11-24T08:00:00.000Z";
const DRUPAL = "aGVsbG8gd29ybGQh";
const ENTRA = "R3JhY2UgSG9wcGVy.c2FtZQ";
const OTHER = "QWRhIExvdmVsYWNl.c2FtZQ";
const OTHER_MANAGER = "R3JhY2UgSG9wcGVy.ZWxzZQ";

const row = (changes: Partial<IndexRow> = {}): IndexRow => ({
  drupalUuid: uuid(),
  entraObjectId: uuid(),
  isJoined: true,
  rest: { drupal: DRUPAL, entra: ENTRA },
  rested: null,
  ...changes,
});
const indexOf = (...rows: readonly IndexRow[]) => {
  const index = createCompactLinks();
  for (const one of rows) index.add(one);
  return index;
};

describe("a table of ids", () => {
  it("finds what a map would find, and gives ids back", () => {
    // Few different digits, so that ids share their slots.
    const id = fc
      .array(fc.constantFrom("0", "1", "f"), { minLength: 32, maxLength: 32 })
      .map((hex) => hex.join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"));
    fc.assert(
      fc.property(fc.uniqueArray(id, { minLength: 1, maxLength: 3000 }), id, (ids, absent) => {
        const table = createIdTable();
        for (const [index, one] of ids.entries()) table.put(one, index);
        for (const [index, one] of ids.entries()) expect(table.find(one)).toBe(index);
        expect(table.find(absent)).toBe(ids.indexOf(absent));
        expect(table.idOf(ids.length - 1)).toBe(ids.at(-1));
      }),
      { numRuns: 20 },
    );
  });

  it("takes ids in either case, and finds nothing for what is none", () => {
    const table = createIdTable();
    const id = "ABCDEF01-2345-4789-ABCD-EF0123456789";
    table.put(id, 0);
    expect(table.find(id.toLowerCase())).toBe(0);
    expect(["", "x", id.slice(1), `${id}0`, id.replace("A", "g")].map(table.find)).toEqual(
      Array(5).fill(-1),
    );
    expect(() => table.put("ada@example.org", 1)).toThrow(TypeError);
  });
});

describe("the index of links", () => {
  it("finds a link by the ids of both sides, among more than a piece of the index holds", () => {
    const rows = Array.from({ length: 20_000 }, () => row());
    const index = indexOf(...rows);
    for (const { drupalUuid, entraObjectId } of [...rows.slice(0, 9), ...rows.slice(-9)])
      for (const found of [
        index.find("drupal", drupalUuid),
        index.find("entra", entraObjectId ?? ""),
      ])
        expect(found).toMatchObject({ drupalUuid, isJoined: true });
    expect(index.joined).toBe(20_000);
    expect([index.find("drupal", uuid()), index.find("entra", uuid())]).toEqual([null, null]);
  });

  it("finds an Entra user without link under the UUID that their account would get", () => {
    const objectId = uuid();
    const drupalUuid = drupalUuidFor(objectId);
    const index = indexOf(row({ drupalUuid, entraObjectId: null, isJoined: false }));
    expect(index.find("entra", objectId)).toMatchObject({ drupalUuid, isJoined: false });
    index.mark("entra", objectId);
    expect(index.joined).toBe(0);
  });

  it("prefers the joined of two links that name the same account, in whatever order they come", () => {
    const entraObjectId = uuid();
    const [holder, reserved] = [row({ entraObjectId }), row({ entraObjectId, isJoined: false })];
    for (const index of [indexOf(holder, reserved), indexOf(reserved, holder)])
      expect(index.find("entra", entraObjectId)?.drupalUuid).toBe(holder.drupalUuid);
  });

  it("compares prints: the manager's part only where the page tells it, and nothing that is not known", () => {
    const [known, unknown] = [row(), row({ rest: { drupal: null, entra: null } })];
    const index = indexOf(known, unknown);
    const link = index.find("drupal", known.drupalUuid);
    const stranger = index.find("drupal", unknown.drupalUuid);
    expect(
      [DRUPAL, "aGVsbG8gd29ybGQ_", "bGVsbG8gd29ybGQh", "", "short", null].map((print) =>
        link?.isAtRest("drupal", print),
      ),
    ).toEqual([true, true, false, false, false, false]);
    const entra = (print: string | null, isManagerKnown: boolean) =>
      link?.isAtRest("entra", print, isManagerKnown);
    expect([entra(ENTRA, true), entra(OTHER_MANAGER, true), entra(OTHER, true)]).toEqual([
      ...[true, false, false],
    ]);
    expect([entra(ENTRA, false), entra(OTHER_MANAGER, false), entra(OTHER, false)]).toEqual([
      ...[true, true, false],
    ]);
    expect([entra("R3JhY2UgSG9wcGVy", true), entra(null, false)]).toEqual([false, false]);
    expect(stranger?.isAtRest("drupal", DRUPAL)).toBe(false);
    expect(stranger?.isAtRest("entra", ENTRA, false)).toBe(false);
  });

  it("names the joined links whose account a listing did not show, on each side for itself", () => {
    const [a, b, c] = [row(), row(), row()];
    const index = indexOf(
      a,
      b,
      c,
      row({ isJoined: false }),
      row({ entraObjectId: null, isJoined: false }),
    );
    index.mark("drupal", a.drupalUuid);
    index.mark("entra", b.entraObjectId ?? "");
    for (const stranger of [uuid(), "nobody"]) index.mark("entra", stranger);
    expect([...index.unmarked("drupal")]).toEqual([b.drupalUuid, c.drupalUuid]);
    expect([...index.unmarked("entra")]).toEqual([a.drupalUuid, c.drupalUuid]);
  });

  it("does not take another account for the one that a link is joined to", () => {
    const objectId = uuid();
    const taken = row({ drupalUuid: drupalUuidFor(objectId) });
    const index = indexOf(taken);
    index.mark("entra", objectId);
    expect([...index.unmarked("entra")]).toEqual([taken.drupalUuid]);
  });
});

describe("the source of link indexes", () => {
  const source = createLinkIndexSource(account);
  const links = createLinkStore(account);
  const linked = (changes: Partial<Link> = {}): Link => ({
    ...newLink(uuid()),
    entraObjectId: uuid(),
    linkedAt: at,
    rest: { drupal: DRUPAL, entra: ENTRA },
    ...changes,
  });
  const save = async (link: Link): Promise<Link> => {
    await links.save(link, null);
    if (link.entraObjectId !== null) await links.claim(link.entraObjectId, link.drupalUuid);
    return link;
  };

  it("reads all links of every partition", async () => {
    const saved = await Promise.all(
      Array.from({ length: 60 }, (_, index) => {
        const start = (index * 4).toString(16).padStart(2, "0");
        return save(linked({ drupalUuid: start + uuid().slice(2) }));
      }),
    );
    const reserved = await save(linked({ linkedAt: null }));
    const index = await source.all();
    expect(index.joined).toBe(60);
    for (const { drupalUuid, entraObjectId } of saved) {
      const found = index.find("entra", entraObjectId ?? "");
      expect(found).toMatchObject({ drupalUuid, isJoined: true });
      expect(found?.isAtRest("entra", ENTRA)).toBe(true);
    }
    expect(index.find("drupal", reserved.drupalUuid)).toMatchObject({ isJoined: false });
  });

  it("takes nobody for at rest whose write was announced and not recorded yet", async () => {
    const pending = {
      ...({ operationId: "o", at, system: "entra", operation: "update", name: null } as const),
      ...{
        takesOverFrom: null,
        changes: [],
        after: {},
        over: {},
        base: {},
        origin: null,
        former: [],
      },
    };
    const link = await save(linked({ pending }));
    const found = (await source.all()).find("drupal", link.drupalUuid);
    expect(found).toMatchObject({ isJoined: true });
    expect(found?.isAtRest("drupal", DRUPAL)).toBe(false);
    expect(found?.isAtRest("entra", ENTRA)).toBe(false);
  });

  it("reads a row of an earlier release as not at rest, and as joined where it may be", async () => {
    const { drupalUuid, entraObjectId, ...rest } = linked();
    await openTable(account, "links").run((table) =>
      table.createEntity({
        ...{ partitionKey: drupalUuid.slice(0, 2), rowKey: drupalUuid },
        entraObjectId: entraObjectId ?? "",
        link: JSON.stringify({ ...rest, drupalUuid, entraObjectId }),
      }),
    );
    const found = (await source.of("drupal", [drupalUuid])).find("drupal", drupalUuid);
    expect(found).toMatchObject({ isJoined: true });
    expect(found?.isAtRest("drupal", DRUPAL)).toBe(false);
  });

  it("reads some users only, by the ids of either side", async () => {
    const [one, other] = await Promise.all([save(linked()), save(linked())]);
    const objectId = uuid();
    const own = await save(linked({ drupalUuid: drupalUuidFor(objectId), entraObjectId: null }));
    const drupal = await source.of("drupal", [one.drupalUuid, one.drupalUuid, uuid()]);
    expect(drupal.find("drupal", one.drupalUuid)?.isAtRest("drupal", DRUPAL)).toBe(true);
    expect(drupal.find("drupal", other.drupalUuid)).toBeNull();
    expect(drupal.joined).toBe(0);
    const entra = await source.of("entra", [other.entraObjectId ?? "", objectId, uuid()]);
    expect(entra.find("entra", other.entraObjectId ?? "")?.drupalUuid).toBe(other.drupalUuid);
    expect(entra.find("entra", objectId)?.drupalUuid).toBe(own.drupalUuid);
    expect(entra.find("entra", one.entraObjectId ?? "")).toBeNull();
  });
});
