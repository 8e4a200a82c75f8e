import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Answer, errorOf, type Graph, startGraph, textAt, valuesOf } from "./graph-client.ts";

let graph: Graph;
beforeAll(async () => {
  graph = await startGraph();
});
afterAll(() => graph.simulator.close());
beforeEach(() => graph.send("POST", "/_control/reset"));

const WEEK_MS = 7 * 24 * 3_600_000;

const link = (answer: Answer): string => textAt(answer, "@odata.deltaLink");
const begin = async (query = "$select=displayName,department"): Promise<string> =>
  link((await graph.readAll(`/users/delta?${query}`)).last);
const next = (deltaLink: string, headers: Record<string, string> = {}) =>
  graph.send("GET", deltaLink, { headers });
const patch = (id: string, json: unknown) => graph.send("PATCH", `/users/${id}`, { json });

describe("the initial round", () => {
  test("brings everyone in pages of 200, each with either a nextLink or a deltaLink", async () => {
    const many = await startGraph({ people: 450 });
    try {
      const first = await many.send("GET", "/users/delta?$select=displayName&$top=5");
      expect(valuesOf(first)).toHaveLength(200);
      expect(first.body).not.toHaveProperty("@odata.deltaLink");
      const { items, last, pages } = await many.readAll("/users/delta?$select=displayName");
      expect([items.length, pages]).toEqual([450, 3]);
      expect(last.body).not.toHaveProperty("@odata.nextLink");
      expect(Object.keys(items[0] ?? {}).sort()).toEqual(["displayName", "id"]);
    } finally {
      await many.simulator.close();
    }
  });

  test("leaves out what was never set, and names what was cleared as null", async () => {
    const id = await graph.create("ada", { department: "R&D" });
    await graph.create("bob");
    await patch(id, { department: null });
    const { items } = await graph.readAll("/users/delta?$select=displayName,department");
    expect(items.map(({ id: _id, ...rest }) => rest)).toEqual([
      { displayName: "ada", department: null },
      { displayName: "bob" },
    ]);
  });

  test("may hold a removed user", async () => {
    const id = await graph.create("ada");
    await graph.send("DELETE", `/users/${id}`);
    const { items } = await graph.readAll("/users/delta");
    expect(items).toEqual([{ id, "@removed": { reason: "changed" } }]);
  });

  test("hands over where it began, so a change while it ran is in the next round", async () => {
    await graph.control({ deltaPageSize: 1 });
    const ada = await graph.create("ada");
    await graph.create("bob");
    const first = await graph.send("GET", "/users/delta?$select=displayName");
    await patch(ada, { displayName: "Ada" });
    const { last } = await graph.readAll(textAt(first, "@odata.nextLink"));
    expect(valuesOf(await next(link(last)))).toEqual([{ id: ada, displayName: "Ada" }]);
  });
});

describe("a later round", () => {
  test("is empty with a new link when nothing changed", async () => {
    const deltaLink = await begin();
    const answer = await next(deltaLink);
    expect(valuesOf(answer)).toEqual([]);
    expect(link(answer)).not.toBe(deltaLink);
  });

  test("tracks the selected properties only", async () => {
    const id = await graph.create("ada", { department: "R&D" });
    const deltaLink = await begin();
    await patch(id, { jobTitle: "Engineer" });
    expect(valuesOf(await next(deltaLink))).toEqual([]);
    await patch(id, { department: "Legal" });
    expect(valuesOf(await next(deltaLink))).toEqual([
      { id, displayName: "ada", department: "Legal" },
    ]);
  });

  test("brings only what changed with Prefer: return=minimal", async () => {
    const id = await graph.create("ada", { department: "R&D" });
    const deltaLink = await begin();
    await patch(id, { department: "Legal" });
    expect(valuesOf(await next(deltaLink, { Prefer: "return=minimal" }))).toEqual([
      { id, department: "Legal" },
    ]);
  });

  test("tells soft delete, permanent delete and restore apart", async () => {
    const id = await graph.create("ada");
    let deltaLink = await begin();
    const round = async (): Promise<unknown[]> => {
      const answer = await next(deltaLink);
      deltaLink = link(answer);
      return valuesOf(answer);
    };
    await graph.send("DELETE", `/users/${id}`);
    expect(await round()).toEqual([{ id, "@removed": { reason: "changed" } }]);
    await graph.send("POST", `/directory/deletedItems/${id}/restore`);
    expect(await round()).toEqual([{ id, displayName: "ada" }]);
    await graph.send("DELETE", `/users/${id}`);
    await graph.send("DELETE", `/directory/deletedItems/${id}`);
    expect(await round()).toEqual([{ id, "@removed": { reason: "deleted" } }]);
  });

  test("reports a user as deleted for good 30 days after its soft delete", async () => {
    const id = await graph.create("ada");
    await graph.send("DELETE", `/users/${id}`);
    await graph.control({ clock: { offsetMs: 25 * 24 * 3_600_000 } });
    const deltaLink = await begin();
    await graph.control({ clock: { offsetMs: 31 * 24 * 3_600_000 } });
    expect(valuesOf(await next(deltaLink))).toEqual([{ id, "@removed": { reason: "deleted" } }]);
  });

  test("annotates the manager when it changed, and not with other changes", async () => {
    const [ada, bob] = [await graph.create("ada"), await graph.create("bob")];
    let deltaLink = await begin("$select=displayName,manager");
    const json = { "@odata.id": `${graph.url}/v1.0/users/${bob}` };
    await graph.send("PUT", `/users/${ada}/manager/$ref`, { json });
    const type = "#microsoft.graph.user";
    const set = await next(deltaLink);
    expect(valuesOf(set)).toEqual([
      { id: ada, displayName: "ada", "manager@delta": [{ "@odata.type": type, id: bob }] },
    ]);
    deltaLink = link(set);
    await patch(ada, { displayName: "Ada" });
    expect(valuesOf(await next(deltaLink))).toEqual([{ id: ada, displayName: "Ada" }]);
    await graph.send("DELETE", `/users/${ada}/manager/$ref`);
    expect(valuesOf(await next(deltaLink))[0]?.["manager@delta"]).toEqual([
      { "@odata.type": type, id: bob, "@removed": { reason: "deleted" } },
    ]);
  });

  test("pages its changes too", async () => {
    const ids = [await graph.create("ada"), await graph.create("bob"), await graph.create("cleo")];
    const deltaLink = await begin();
    await graph.control({ deltaPageSize: 2 });
    for (const id of ids) await patch(id, { department: "Legal" });
    const { items, pages } = await graph.readAll(deltaLink);
    expect(items.map(({ id }) => id)).toEqual(ids);
    expect(pages).toBe(2);
  });

  test("repeats items, sends empty pages and bare ids when it is made noisy", async () => {
    await graph.control({ deltaNoise: 0.8, seed: 7, deltaPageSize: 3 });
    const ids: string[] = [];
    for (const name of ["a", "b", "c", "d", "e", "f"]) ids.push(await graph.create(name));
    const { items, pages, last } = await graph.readAll("/users/delta?$select=displayName");
    expect(new Set(items.map(({ id }) => id)).size).toBe(6);
    expect(items.length).toBeGreaterThan(6);
    expect(pages).toBeGreaterThan(2);
    for (const id of ids) await patch(id, { city: "Delft" });
    const { items: bare } = await graph.readAll(link(last));
    expect(bare.length).toBeGreaterThan(0);
    expect(Object.keys(bare[0] ?? {})).toEqual(["id"]);
  });
});

describe("ways to ask", () => {
  test("$deltatoken=latest answers nothing but a link from now on", async () => {
    const id = await graph.create("ada");
    const answer = await graph.send("GET", "/users/delta?$deltatoken=latest&$select=displayName");
    expect(valuesOf(answer)).toEqual([]);
    await patch(id, { displayName: "Ada" });
    expect(valuesOf(await next(link(answer)))).toEqual([{ id, displayName: "Ada" }]);
  });

  test("a filter by id follows those users only", async () => {
    const [ada, bob] = [await graph.create("ada"), await graph.create("bob")];
    const filter = encodeURIComponent(`id eq '${ada}'`);
    const { items, last } = await graph.readAll(
      `/users/delta?$select=displayName&$filter=${filter}`,
    );
    expect(items.map(({ id }) => id)).toEqual([ada]);
    await patch(bob, { displayName: "Bob" });
    expect(valuesOf(await next(link(last)))).toEqual([]);
  });

  test.each([
    "$filter=displayName eq 'a'",
    `$filter=${Array.from({ length: 51 }, (_, i) => `id eq '${i}'`).join(" or ")}`,
    "$expand=manager",
    "$orderby=displayName",
    "$deltatoken=nonsense",
    "$skiptoken=nonsense",
    "$select=shoeSize",
  ])("refuses %s", async (query) => {
    const { status } = await graph.send("GET", `/users/delta?${query}`);
    expect([400, 501]).toContain(status);
  });

  test("refuses $select next to $skiptoken", async () => {
    await graph.control({ deltaPageSize: 1 });
    await graph.create("ada");
    await graph.create("bob");
    const first = await graph.send("GET", "/users/delta?$select=displayName");
    const answer = await next(`${textAt(first, "@odata.nextLink")}&$select=id`);
    expect(answer.status).toBe(400);
  });

  test("answers /microsoft.graph.delta() too", async () => {
    expect((await graph.send("GET", "/users/microsoft.graph.delta()")).status).toBe(200);
  });
});

describe("the life of a token", () => {
  test("ends after 7 days with 400 syncStateNotFound", async () => {
    const deltaLink = await begin();
    await graph.control({ clock: { offsetMs: WEEK_MS - 60_000 } });
    expect((await next(deltaLink)).status).toBe(200);
    await graph.control({ clock: { offsetMs: WEEK_MS + 60_000 } });
    const answer = await next(deltaLink);
    expect([answer.status, errorOf(answer).code]).toEqual([400, "syncStateNotFound"]);
  });

  test("ends with the directory it came from", async () => {
    const deltaLink = await begin();
    await graph.send("POST", "/_control/reset");
    expect(errorOf(await next(deltaLink)).code).toBe("syncStateNotFound");
  });

  test("can be ended with 410, whose Location begins a full round with the same selection", async () => {
    await graph.create("ada", { department: "R&D" });
    const deltaLink = await begin("$select=department");
    await graph.control({ deltaExpired: "gone" });
    const gone = await next(deltaLink);
    expect(gone.status).toBe(410);
    const { items } = await graph.readAll(gone.headers.get("location") ?? "");
    expect(items.map(({ department }) => department)).toEqual(["R&D"]);
  });
});

describe("replication", () => {
  test("keeps a change out of the rounds until readers can see it, then brings it once", async () => {
    const id = await graph.create("ada");
    const deltaLink = await begin();
    await graph.control({ staleReadMs: 60_000 });
    await patch(id, { department: "Legal" });
    const early = await next(deltaLink);
    expect(valuesOf(early)).toEqual([]);
    await graph.control({ clock: { offsetMs: 61_000 } });
    expect(valuesOf(await next(link(early)))).toEqual([
      { id, displayName: "ada", department: "Legal" },
    ]);
  });
});
