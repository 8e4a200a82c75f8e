import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import * as z from "zod";
import { type Graph, jpeg, startGraph, textAt, valuesOf } from "./graph-client.ts";

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
});
const write = (method: string, path: string, json: unknown, origin = graph.url) =>
  graph.send(method, `/_page/users${path}`, { json, headers: { Origin: origin } });

test("the page and its parts are served without anything from elsewhere", async () => {
  const page = await graph.send("GET", "/", { token: null });
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
  const parts = [...page.text.matchAll(/(?:href|src)="(\/_page\/[^"]+)"/g)].map(([, path]) => path);
  expect(parts).toHaveLength(3);
  for (const path of parts) {
    const part = await graph.send("GET", path ?? "", { token: null });
    expect(part.status).toBe(200);
    expect(part.text).not.toMatch(/https?:\/\/|innerHTML/);
  }
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
    deleted: false,
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
  const created = await write("POST", "", { displayName: "Émile Ünal", department: "Sales" });
  expect(created.status, created.text).toBe(204);
  const id = String((await users()).users[0]?.id);
  const { last } = await graph.readAll("/users/delta?$select=department,accountEnabled");
  await write("PATCH", `/${id}`, { department: "Legal", accountEnabled: false });
  const round = await graph.send("GET", textAt(last, "@odata.deltaLink"));
  expect(valuesOf(round)).toEqual([{ id, department: "Legal", accountEnabled: false }]);
  await write("DELETE", `/${id}`, undefined);
  expect((await users()).users[0]).toMatchObject({ id, deleted: true });
  await write("POST", `/${id}/restore`, {});
  expect((await graph.send("GET", `/users/${id}`)).body.displayName).toBe("Émile Ünal");
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

test("a refused write says why", async () => {
  const id = await graph.create("ada");
  const answer = await write("PATCH", `/${id}`, { mail: "no mail" });
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
