// A search over both systems: pairs are one person, the nearest come first, and a side that is away hides nobody else.
import { beforeEach, describe, expect, it } from "vitest";
import { AccessError, TransientError } from "../../src/rules/errors.ts";
import { newLink } from "../../src/rules/link.ts";
import type { EntraUser } from "../../src/rules/users.ts";
import { folded } from "../../src/rules/values.ts";
import { type SearchPorts, searchUsers } from "../../src/sync/search-users.ts";
import { aDrupalUser, anEntraUser, World } from "../doubles/world.ts";

let world: World;
let asked: string[];
/** What a side fails with. */
let away: { drupal?: Error; entra?: Error };

beforeEach(() => {
  world = new World();
  asked = [];
  away = {};
});

function answer<T>(system: "drupal" | "entra", what: string, value: T): Promise<T> {
  asked.push(`${system} ${what}`);
  const failure = away[system];
  return failure === undefined ? Promise.resolve(value) : Promise.reject(failure);
}

const begins = (text: string, ...values: unknown[]) =>
  values.some((value) => typeof value === "string" && folded(value).startsWith(folded(text)));

function ports(): SearchPorts {
  const { links, quarantine, now } = world.worker();
  const drupal = () => [...world.drupal.values()];
  const entra = () => [...world.entra.values()];
  const first = <User>(users: User[], most: number) => ({
    users: users.slice(0, most),
    hasMore: users.length > most,
  });
  const pick = <User>(all: ReadonlyMap<string, User>, ids: readonly string[]) =>
    new Map(
      ids.flatMap((id) => {
        const user = all.get(id);
        return user === undefined ? [] : [[id, user] as const];
      }),
    );
  const names = (user: EntraUser) => [user.userPrincipalName, ...Object.values(user.attributes)];
  return {
    links,
    gate: { quarantine, now },
    people: {
      drupal: {
        startingWith: (text, most) => {
          const found = drupal().filter((user) => begins(text, user.name, user.mail));
          return answer("drupal", "search", first(found, most));
        },
      },
      entra: {
        startingWith: (text, most) => {
          const found = entra().filter((user) => begins(text, ...names(user)));
          return answer("entra", "search", first(found, most));
        },
      },
    },
    many: {
      drupal: { getUsers: (ids) => answer("drupal", "read", pick(world.drupal, ids)) },
      entra: { getUsers: (ids) => answer("entra", "read", pick(world.entra, ids)) },
    },
  };
}

function inDrupal(name: string, changes: Parameters<typeof aDrupalUser>[0] = {}) {
  const user = aDrupalUser({ name, ...changes });
  world.drupal.set(user.uuid, user);
  return user;
}

function inEntra(name: string, displayName: string, changes: Partial<EntraUser> = {}) {
  const userPrincipalName = `${name}@contoso.example`;
  const attributes = { displayName, mail: userPrincipalName };
  const user = anEntraUser({ userPrincipalName, attributes, ...changes });
  world.entra.set(user.objectId, user);
  return user;
}

function link(drupalUuid: string, entraObjectId: string, linkedAt: string | null = "2026-11-24") {
  const joined = { ...newLink(drupalUuid), entraObjectId, linkedAt };
  world.links.set(drupalUuid, { link: joined, version: "1" });
  world.holders.set(entraObjectId, drupalUuid);
}

const search = (text: string, limit = 10) => searchUsers({ text, limit }, ports());
const found = async (text: string, limit = 10) =>
  (await search(text, limit)).items.map(({ name }) => name);

describe("a search", () => {
  it("shows a pair as one person whom both sides found, without asking again", async () => {
    const ours = inDrupal("ada.lovelace", { enabled: false });
    const theirs = inEntra("ada", "Ada Lovelace");
    link(ours.uuid, theirs.objectId);
    expect(await search("ada")).toEqual({
      items: [
        {
          name: "Ada Lovelace",
          drupalName: "ada.lovelace",
          mail: "ada@contoso.example",
          drupalUuid: ours.uuid,
          entraObjectId: theirs.objectId,
          userPrincipalName: "ada@contoso.example",
          isEnabled: { drupal: false, entra: true },
          linked: true,
        },
      ],
      hasMore: false,
      isPartial: false,
      failures: [],
    });
    expect(asked.toSorted()).toEqual(["drupal search", "entra search"]);
  });

  it("reads the other half of pairs that one side found, all in one request", async () => {
    for (const number of [1, 2]) {
      const ours = inDrupal(`only.${number}`);
      link(ours.uuid, inEntra(`upn${number}`, `Other ${number}`).objectId);
    }
    const { items } = await search("only");
    expect(items.map((one) => [one.name, one.userPrincipalName, one.linked])).toEqual([
      ["Other 1", "upn1@contoso.example", true],
      ["Other 2", "upn2@contoso.example", true],
    ]);
    expect(asked.filter((one) => one === "entra read")).toHaveLength(1);
    expect(asked).not.toContain("drupal read");
  });

  it("keeps namesakes apart who are not linked, or for whom an account is only reserved", async () => {
    const ours = inDrupal("ada.lovelace");
    const theirs = inEntra("ada", "Ada Lovelace");
    link(ours.uuid, theirs.objectId, null);
    const { items } = await search("ada");
    expect(items.map((one) => [one.drupalUuid, one.entraObjectId, one.linked])).toEqual([
      [null, theirs.objectId, false],
      [ours.uuid, null, false],
    ]);
    expect(items[0]?.isEnabled).toEqual({ drupal: null, entra: true });
  });

  it("puts who is called exactly so before all who only begin so, then goes by names", async () => {
    for (const at of [3, 1, 2]) inDrupal(`an.${at}`, { mail: `an@contoso.example.${at}` });
    inDrupal("zuse", { mail: "AN@contoso.example" });
    inEntra("an", "Yves");
    expect(await found("an@contoso.example", 4)).toEqual(["Yves", "zuse", "an.1", "an.2"]);
  });

  it("says that there are more than it shows", async () => {
    for (let at = 10; at < 14; at += 1) inDrupal(`person.${at}`);
    expect(await search("person", 4)).toMatchObject({ hasMore: false });
    expect(await search("person", 3)).toMatchObject({ hasMore: true });
    for (let at = 100; at < 160; at += 1) inDrupal(`crowd.${at}`);
    expect(await search("crowd.159", 3)).toMatchObject({ hasMore: false });
    expect((await search("crowd", 25)).items).toHaveLength(25);
    expect(await search("crowd", 25)).toMatchObject({ hasMore: true });
  });

  it("counts a pair once, however many pairs there are", async () => {
    for (let at = 10; at < 15; at += 1) {
      const ours = inDrupal(`pair.${at}`);
      link(ours.uuid, inEntra(`pair.${at}`, `Pair ${at}`).objectId);
    }
    expect(await found("pair", 5)).toHaveLength(5);
    expect(await search("pair", 5)).toMatchObject({ hasMore: false });
  });
});

describe("an id", () => {
  it("of either system finds the pair", async () => {
    const ours = inDrupal("ada.lovelace");
    const theirs = inEntra("ada", "Ada Lovelace");
    link(ours.uuid, theirs.objectId);
    for (const id of [ours.uuid.toUpperCase(), theirs.objectId])
      expect((await search(id)).items, id).toMatchObject([
        { drupalUuid: ours.uuid, entraObjectId: theirs.objectId, linked: true },
      ]);
    expect(asked).not.toContain("drupal search");
  });

  it("of someone who has one account finds that one, and nobody's finds nobody", async () => {
    const ours = inDrupal("ada.lovelace");
    const theirs = inEntra("grace", "Grace Hopper");
    expect(await found(ours.uuid)).toEqual(["ada.lovelace"]);
    expect(await found(theirs.objectId)).toEqual(["Grace Hopper"]);
    expect(await search(crypto.randomUUID())).toEqual({
      items: [],
      hasMore: false,
      isPartial: false,
      failures: [],
    });
  });

  it("of a pair of which one account is gone shows the other, and both ids", async () => {
    const theirs = inEntra("ada", "Ada Lovelace");
    const gone = crypto.randomUUID();
    link(gone, theirs.objectId);
    expect((await search(gone)).items).toMatchObject([
      { name: "Ada Lovelace", drupalUuid: gone, isEnabled: { drupal: null, entra: true } },
    ]);
  });
});

describe("a side that is away", () => {
  const unreachable = (system: "drupal" | "entra") =>
    new TransientError("no answer", { system, code: `${system}Unreachable` });

  it("does not hide the other one, and is asked once", async () => {
    const ours = inDrupal("ada.lovelace");
    const theirs = inEntra("ada", "Ada Lovelace");
    link(ours.uuid, theirs.objectId);
    for (const system of ["drupal", "entra"] as const) {
      asked = [];
      away = { [system]: unreachable(system) };
      const answered = await search("ada");
      expect(answered).toMatchObject({
        items: [{ drupalUuid: ours.uuid, entraObjectId: theirs.objectId, linked: true }],
        isPartial: true,
        failures: [{ system, code: `${system}Unreachable`, message: "no answer" }],
      });
      expect(answered.items[0]?.isEnabled[system]).toBeNull();
      expect(asked.filter((one) => one.startsWith(system))).toEqual([`${system} search`]);
    }
  });

  it("is told beside the other one when both are", async () => {
    away = { drupal: unreachable("drupal"), entra: unreachable("entra") };
    const { items, failures } = await search("ada");
    expect(items).toEqual([]);
    expect(failures.map(({ system }) => system).toSorted()).toEqual(["drupal", "entra"]);
  });

  it("is closed when it refuses us, and not asked while it is", async () => {
    inEntra("ada", "Ada Lovelace");
    const options = { system: "drupal", code: "drupalCredentialsRefused" } as const;
    away = { drupal: new AccessError("refused", options) };
    expect(await search("ada")).toMatchObject({ failures: [{ code: options.code }] });
    expect([...world.closed.keys()]).toEqual(["drupal"]);
    away = {};
    asked = [];
    expect(await search("ada")).toMatchObject({
      items: [{ name: "Ada Lovelace" }],
      failures: [{ system: "drupal", code: "quarantine" }],
    });
    expect(asked).toEqual(["entra search"]);
  });

  it("is no failure of ours: one that has no name is not swallowed", async () => {
    away = { drupal: new Error("a bug") };
    await expect(search("ada")).rejects.toThrow("a bug");
    away = { drupal: new TransientError("", { system: "storage", code: "storageUnavailable" }) };
    await expect(search("ada")).rejects.toMatchObject({ code: "storageUnavailable" });
  });
});
