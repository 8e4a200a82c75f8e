import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Answer, errorOf, type Graph, startGraph, textAt, valuesOf } from "./graph-client.ts";

const INNER = "11111111-1111-4111-a111-111111111111";
const OUTER = "22222222-2222-4222-a222-222222222222";
const OTHER = "33333333-3333-4333-a333-333333333333";
const NOBODY = "99999999-9999-4999-a999-999999999999";
const SELECT = "$select=id,displayName,members";

let graph: Graph;
let ada: string;
let bob: string;
beforeAll(async () => {
  graph = await startGraph();
});
afterAll(() => graph.simulator.close());
beforeEach(async () => {
  await graph.send("POST", "/_control/reset");
  ada = await graph.create("ada");
  bob = await graph.create("bob");
  await graph.control({
    groups: [
      { id: INNER, displayName: "Editors", members: [ada] },
      { id: OUTER, displayName: "Staff", members: [INNER, bob] },
      { id: OTHER, displayName: "Others", members: [bob] },
    ],
  });
});

const user = (id: string) => ({ "@odata.type": "#microsoft.graph.user", id });
const group = (id: string) => ({ "@odata.type": "#microsoft.graph.group", id });
const gone = (member: Record<string, unknown>) => ({
  ...member,
  "@removed": { reason: "deleted" },
});
const only = (...ids: string[]): string =>
  `$filter=${encodeURIComponent(ids.map((id) => `id eq '${id}'`).join(" or "))}`;
const link = (answer: Answer): string => textAt(answer, "@odata.deltaLink");
const begin = async (query: string): Promise<string> =>
  link((await graph.readAll(`/groups/delta?${query}`)).last);
const changes = async (deltaLink: string) => valuesOf(await graph.send("GET", deltaLink));
const add = (id: string, member: string) =>
  graph.send("POST", `/groups/${id}/members/$ref`, {
    json: { "@odata.id": `${graph.url}/v1.0/directoryObjects/${member}` },
  });
const remove = (id: string, member: string) =>
  graph.send("DELETE", `/groups/${id}/members/${member}/$ref`);

describe("groups/delta", () => {
  test("brings members first, nested groups among them, then only who came or went", async () => {
    const { items, last } = await graph.readAll(`/groups/delta?${SELECT}`);
    expect(items.slice(0, 2)).toEqual([
      { id: INNER, displayName: "Editors", "members@delta": [user(ada)] },
      { id: OUTER, displayName: "Staff", "members@delta": [group(INNER), user(bob)] },
    ]);
    await add(INNER, bob);
    await remove(INNER, ada);
    await remove(OUTER, INNER);
    expect(await changes(link(last))).toEqual([
      { id: INNER, displayName: "Editors", "members@delta": [user(bob), gone(user(ada))] },
      { id: OUTER, displayName: "Staff", "members@delta": [gone(group(INNER))] },
    ]);
  });

  test("of some groups stays with them in every round, and does not miss one that is not there", async () => {
    const first = await graph.readAll(`/groups/delta?${SELECT}&${only(INNER, NOBODY)}`);
    expect(first.items.map(({ id }) => id)).toEqual([INNER]);
    await add(OUTER, ada);
    await remove(OTHER, bob);
    const second = await graph.send("GET", link(first.last));
    expect(valuesOf(second)).toEqual([]);
    await add(INNER, bob);
    await graph.control({ groups: [{ id: NOBODY, displayName: "Late" }] });
    expect(await changes(link(second))).toEqual([
      { id: INNER, displayName: "Editors", "members@delta": [user(bob)] },
      { id: NOBODY, displayName: "Late" },
    ]);
  });

  test("keeps the filter over the pages of a round", async () => {
    await graph.control({ deltaPageSize: 1 });
    const { items, pages } = await graph.readAll(`/groups/delta?${SELECT}&${only(OUTER, OTHER)}`);
    expect([items.map(({ id }) => id), pages]).toEqual([[OUTER, OUTER, OTHER], 3]);
  });

  test.each([
    ["more than 50 ids", only(...Array.from({ length: 51 }, () => INNER))],
    ["a filter by name", "$filter=displayName eq 'Editors'"],
    ["a filter with and", `$filter=id eq '${INNER}' and id eq '${OUTER}'`],
    ["$expand", "$expand=members"],
  ])("refuses %s", async (_what, query) => {
    const answer = await graph.send("GET", `/groups/delta?${query}`);
    expect(answer.status).toBe(query.startsWith("$expand") ? 501 : 400);
  });

  test("takes 50 ids, and no filter next to a token", async () => {
    const fifty = only(...Array.from({ length: 50 }, () => INNER));
    const { items, last } = await graph.readAll(`/groups/delta?${SELECT}&${fifty}`);
    expect(items).toHaveLength(1);
    const again = await graph.send("GET", `${link(last)}&${only(INNER)}`);
    expect(errorOf(again).code).toBe("Request_UnsupportedQuery");
  });

  test("tells a deleted group, and that it left the group that held it", async () => {
    const deltaLink = await begin(SELECT);
    await graph.send("DELETE", `/groups/${INNER}`);
    expect(await changes(deltaLink)).toEqual([
      { id: INNER, "@removed": { reason: "deleted" } },
      { id: OUTER, displayName: "Staff", "members@delta": [gone(group(INNER))] },
    ]);
    const { items } = await graph.readAll(`/groups/delta?${SELECT}&${only(INNER)}`);
    expect(items).toEqual([]);
  });

  test("keeps a soft-deleted member until it is gone for good", async () => {
    const deltaLink = await begin(SELECT);
    await graph.send("DELETE", `/users/${ada}`);
    expect(await changes(deltaLink)).toEqual([]);
    const { items } = await graph.readAll(`/groups/delta?${SELECT}&${only(INNER)}`);
    expect(items).toEqual([{ id: INNER, displayName: "Editors", "members@delta": [user(ada)] }]);
    await graph.send("DELETE", `/directory/deletedItems/${ada}`);
    expect(await changes(deltaLink)).toEqual([
      { id: INNER, displayName: "Editors", "members@delta": [gone(user(ada))] },
    ]);
  });

  test("brings former members as removed even in an initial round", async () => {
    await remove(OTHER, bob);
    const { items } = await graph.readAll(`/groups/delta?${SELECT}&${only(OTHER)}`);
    expect(items).toEqual([
      { id: OTHER, displayName: "Others", "members@delta": [gone(user(bob))] },
    ]);
  });

  test("without members selected does not tell who came", async () => {
    const deltaLink = await begin("$select=displayName");
    await add(INNER, bob);
    expect(await changes(deltaLink)).toEqual([]);
    await graph.send("PATCH", `/groups/${INNER}`, { json: { displayName: "Writers" } });
    expect(await changes(deltaLink)).toEqual([{ id: INNER, displayName: "Writers" }]);
  });

  test("leaves out what was never set, and with return=minimal what did not change", async () => {
    const deltaLink = await begin("$select=displayName,description,members");
    await graph.send("PATCH", `/groups/${INNER}`, { json: { description: "Write" } });
    await graph.send("PATCH", `/groups/${INNER}`, { json: { description: null } });
    await add(OUTER, ada);
    const headers = { Prefer: "return=minimal" };
    const minimal = await graph.send("GET", deltaLink, { headers });
    expect(valuesOf(minimal)).toEqual([
      { id: INNER, description: null },
      { id: OUTER, "members@delta": [user(ada)] },
    ]);
    expect(await changes(deltaLink)).toEqual([
      { id: INNER, displayName: "Editors", description: null },
      { id: OUTER, displayName: "Staff", "members@delta": [user(ada)] },
    ]);
  });

  test("spreads a large group over several items, and loses none who stay when others leave", async () => {
    const more = await Promise.all(["c", "d", "e"].map((name) => graph.create(name)));
    await graph.control({
      deltaPageSize: 1,
      groups: [{ id: INNER, displayName: "Editors", members: [ada, ...more] }],
    });
    const path = `/groups/delta?${SELECT}&${only(INNER)}`;
    const first = await graph.send("GET", path);
    await remove(INNER, ada);
    const { items } = await graph.readAll(textAt(first, "@odata.nextLink"));
    const members = items.flatMap((item) => item["members@delta"]);
    expect(members).toEqual(more.map(user));
  });

  test("with noise sends items again and empty pages, never less", async () => {
    await graph.control({ deltaNoise: 0.8, seed: 3, deltaPageSize: 1 });
    const { items, pages } = await graph.readAll(`/groups/delta?${SELECT}`);
    expect(items.length).toBeGreaterThan(4);
    expect(pages).toBeGreaterThan(4);
    expect(new Set(items.map(({ id }) => id))).toEqual(new Set([INNER, OUTER, OTHER]));
  });

  test("does not take a token of users/delta", async () => {
    const { last } = await graph.readAll("/users/delta");
    const answer = await graph.send("GET", link(last).replace("/users/", "/groups/"));
    expect(answer.status).toBe(400);
  });
});
