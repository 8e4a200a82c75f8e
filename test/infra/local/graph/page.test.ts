import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import * as z from "zod";
import { startProductDouble } from "../product-double.ts";
import { errorOf, type Graph, jpeg, startGraph, textAt, valuesOf } from "./graph-client.ts";

let graph: Graph;
beforeAll(async () => {
  graph = await startGraph();
});
afterAll(() => graph.simulator.close());
beforeEach(() => graph.send("POST", "/_control/reset"));

const users = async (query = "") => {
  const answer = await graph.send("GET", `/_page/users${query}`);
  return { version: textAt(answer, "version"), ...usersShape.parse(answer.body) };
};
const usersShape = z.object({
  total: z.number(),
  users: z.array(z.record(z.string(), z.unknown())),
  groups: z.array(z.record(z.string(), z.unknown())),
  counts: z.record(z.string(), z.number()),
});
const write = (method: string, path: string, json?: unknown) =>
  graph.send(method, `/_page/${path}`, {
    headers: { Origin: graph.url },
    ...(json === undefined ? {} : { json }),
  });
const GROUP = "11111111-1111-4111-a111-111111111111";

test("the page and its parts are served without anything from elsewhere", async () => {
  const page = await graph.send("GET", "/", { token: null });
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
  const linked = [...page.text.matchAll(/(?:href|src)="(\/_page\/[^"]+)"/g)];
  const scripts = await graph.send("GET", "/_page/users-page.js", { token: null });
  const imported = [...scripts.text.matchAll(/from "\.(\/[^"]+)"/g)];
  const parts = [
    ...linked.map(([, path]) => path),
    ...imported.map(([, name]) => `/_page${name ?? ""}`),
  ];
  expect(parts).toHaveLength(8);
  for (const path of parts) {
    const part = await graph.send("GET", path ?? "", { token: null });
    expect(part.status).toBe(200);
    expect(part.text).not.toMatch(/https?:\/\/|innerHTML/);
  }
  // What the policy would refuse: styles and handlers in the page itself.
  expect(page.text).not.toMatch(/ style=|<style| on[a-z]+=/);
  expect(page.text).not.toMatch(/https?:\/\/|<script(?! type="module" src="\/_page)/);
});

test("the users come with a version, and are not sent again while it stays", async () => {
  await graph.create("ada", { department: "R&D" });
  const first = await users();
  expect(first.users[0]).toMatchObject({
    displayName: "ada",
    userPrincipalName: "ada@contoso.example",
    department: "R&D",
    accountEnabled: true,
    deleted: null,
    groups: [],
  });
  const again = await graph.send("GET", `/_page/users?version=${first.version}`);
  expect(again.body).toEqual({ version: first.version, unchanged: true });
});

test("the user who changed last comes first", async () => {
  const ada = await graph.create("ada");
  await graph.create("bob");
  await new Promise((resolve) => setTimeout(resolve, 5));
  await graph.send("PATCH", `/users/${ada}`, { json: { city: "x" } });
  expect((await users()).users.map(({ displayName }) => displayName)).toEqual(["ada", "bob"]);
});

test("the search looks into name, UPN, mail and department", async () => {
  await graph.create("ada", { department: "Legal" });
  await graph.create("bob", { mail: "robert@contoso.example" });
  for (const [query, name] of [
    ["legal", "ada"],
    ["ROBERT", "bob"],
    ["bob@", "bob"],
  ]) {
    expect((await users(`?q=${query}`)).users.map(({ displayName }) => displayName)).toEqual([
      name,
    ]);
  }
});

test("what the page writes is what Graph answers, deltas included", async () => {
  const created = await write("POST", "users", { displayName: "Émile Ünal", department: "Sales" });
  expect(created.status, created.text).toBe(201);
  const id = textAt(created, "id");
  const { body } = await graph.send("GET", `/users/${id}`);
  expect(body).toMatchObject({
    displayName: "Émile Ünal",
    userPrincipalName: "emile.unal@contoso.example",
  });
  const select = "$select=department,accountEnabled,businessPhones";
  const { last } = await graph.readAll(`/users/delta?${select}`);
  const change = {
    department: "Legal",
    accountEnabled: false,
    businessPhones: ["+31 20 555 0100"],
  };
  await write("PATCH", `users/${id}`, change);
  const round = await graph.send("GET", textAt(last, "@odata.deltaLink"));
  expect(valuesOf(round)).toEqual([{ id, ...change }]);
});

test("a deleted user is in a list of its own, and comes back or goes for good", async () => {
  const ada = await graph.create("ada");
  const bob = await graph.create("bob");
  for (const id of [ada, bob]) await write("DELETE", `users/${id}`);
  expect((await users()).users).toEqual([]);
  const deleted = await users("?view=deleted");
  expect(deleted.counts).toMatchObject({ users: 0, deleted: 2 });
  expect(deleted.users.map(({ displayName }) => displayName)).toEqual(["bob", "ada"]);
  expect((await write("POST", `deleted/${ada}/restore`, {})).status).toBe(204);
  expect((await write("DELETE", `deleted/${bob}`)).status).toBe(204);
  expect((await users("?view=deleted")).users).toEqual([]);
  expect((await graph.send("GET", `/users/${ada}`)).status).toBe(200);
});

test("a restore that is refused says why, and takes another name", async () => {
  const ada = await graph.create("ada");
  await write("DELETE", `users/${ada}`);
  await graph.create("ada");
  const refused = await write("POST", `deleted/${ada}/restore`, {});
  expect([refused.status, errorOf(refused).details?.[0]?.target]).toEqual([
    400,
    "userPrincipalName",
  ]);
  const json = { newUserPrincipalName: "ada2@contoso.example" };
  expect((await write("POST", `deleted/${ada}/restore`, json)).status).toBe(204);
});

test("groups come with every list, are made by name, and take and lose members", async () => {
  const ada = await graph.create("ada");
  await graph.control({ groups: [{ id: GROUP, displayName: "Staff" }] });
  const { last } = await graph.readAll("/groups/delta?$select=members");
  const before = (await users()).version;
  const made = await write("POST", "groups", { displayName: "Éditeurs & co." });
  const id = textAt(made, "id");
  expect((await users()).version).not.toBe(before);
  expect((await write("PUT", `groups/${id}/members/${ada}`)).status).toBe(204);
  expect((await write("PUT", `groups/${id}/members/${ada}`)).status).toBe(400);
  await graph.control({ groups: [{ id: GROUP, displayName: "Staff", members: [id] }] });
  const list = await users();
  expect(list.users[0]?.groups).toEqual([id]);
  expect(list.groups).toEqual([
    expect.objectContaining({ displayName: "Éditeurs & co.", users: 1, memberOf: ["Staff"] }),
    expect.objectContaining({ displayName: "Staff", users: 0, groups: ["Éditeurs & co."] }),
  ]);
  const round = valuesOf(await graph.send("GET", textAt(last, "@odata.deltaLink")));
  expect(new Set(round.map((item) => item.id))).toEqual(new Set([id, GROUP]));
  expect((await write("DELETE", `groups/${id}/members/${ada}`)).status).toBe(204);
  expect((await write("DELETE", `groups/${id}/members/${ada}`)).status).toBe(404);
  expect((await write("DELETE", `groups/${id}`)).status).toBe(204);
  expect((await users()).groups).toHaveLength(1);
  expect((await write("POST", "groups", { displayName: "" })).status).toBe(400);
});

test("long lists come page by page", async () => {
  await graph.send("POST", "/_control/users", { json: { count: 70 } });
  const first = await users();
  const second = await users("?offset=50");
  const ids = new Set([...first.users, ...second.users].map(({ id }) => id));
  expect([first.users.length, first.total, ids.size]).toEqual([50, second.total, second.total]);
});

test("a picture given at the page is the user's photo", async () => {
  const id = await graph.create("ada");
  await graph.send("PUT", `/_page/users/${id}/photo`, {
    body: new Uint8Array(jpeg(96)),
    headers: { Origin: graph.url, "Content-Type": "image/jpeg" },
  });
  expect((await graph.send("GET", `/users/${id}/photo`)).body.id).toBe("96x96");
  const shown = await graph.send("GET", `/_page/users/${id}/photo`);
  expect(shown.headers.get("content-type")).toBe("image/jpeg");
});

test("the button asks the product for a cycle of pictures, and tells its word", async () => {
  const product = await startProductDouble();
  let productUrl: string | undefined;
  const started = await startGraph({ productUrl: () => productUrl });
  try {
    const press = () =>
      started.send("POST", "/_page/sync-pictures", { headers: { Origin: started.url }, json: {} });
    const before = (await started.send("GET", "/_page/users")).body;
    expect([before.canSync, (await press()).status]).toEqual([false, 404]);
    productUrl = product.url;
    // A page that was open before the host was up gets its button.
    const later = await started.send("GET", `/_page/users?version=${before.version}`);
    expect(later.body.canSync).toBe(true);
    const answer = await press();
    expect([answer.status, answer.body]).toEqual([202, { message: "Sync started" }]);
    expect(product.asked).toEqual(['POST /api/cycles application/json {"kind":"photos"}']);
    product.answer = { status: 409, body: JSON.stringify({ title: "A cycle is under way." }) };
    const refused = await press();
    expect([refused.status, refused.body]).toEqual([
      409,
      { error: { message: "A cycle is under way." } },
    ]);
    expect((await started.send("POST", "/_page/sync-pictures", { json: {} })).status).toBe(403);
  } finally {
    await started.simulator.close();
    await product.close();
  }
});

test("a refused write says why", async () => {
  const id = await graph.create("ada");
  const answer = await write("PATCH", `users/${id}`, { mail: "no mail" });
  expect([answer.status, JSON.stringify(answer.body)]).toEqual([
    400,
    expect.stringContaining("Invalid value specified for property 'mail'"),
  ]);
});

test("a page from elsewhere, or nowhere, cannot write", async () => {
  const id = await graph.create("ada");
  for (const headers of [{ Origin: "http://evil.example" }, { Origin: "null" }, {}]) {
    const answer = await graph.send("DELETE", `/_page/users/${id}`, { headers });
    expect(answer.status).toBe(403);
  }
  expect(graph.simulator.listUsers()).toHaveLength(1);
});
