import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Answer,
  EVENTUAL,
  errorOf,
  type Graph,
  startGraph,
  valuesOf,
} from "./graph-client.ts";

let graph: Graph;
beforeAll(async () => {
  graph = await startGraph();
  await graph.create("ada", {
    displayName: "Ada Lovelace",
    department: "R&D",
    mail: "ada@contoso.example",
    otherMails: ["ada@home.example"],
    businessPhones: ["+31 15 1"],
    usageLocation: "NL",
    onPremisesExtensionAttributes: { extensionAttribute3: "blue" },
  });
  await graph.create("bob", {
    displayName: "Bob Wade",
    department: "Finance",
    accountEnabled: false,
    companyName: "Contoso",
    identities: [
      { signInType: "federated", issuer: "my.tenant", issuerAssignedId: "j.smith@yahoo.example" },
    ],
  });
  await graph.create("cleo", {
    displayName: "Cleo O'Hara",
    mail: "cleo@fabrikam.example",
    userType: "Guest",
    userPrincipalName: "cleo_fabrikam.example#EXT#@contoso.onmicrosoft.example",
  });
});
afterAll(() => graph.simulator.close());

const list = (query: Record<string, string>, advanced = false): Promise<Answer> => {
  const more = advanced ? { $count: "true" } : {};
  const search = new URLSearchParams({ $select: "displayName", ...query, ...more });
  return graph.send("GET", `/users?${search}`, advanced ? { headers: EVENTUAL } : {});
};
const names = (answer: Answer): unknown[] =>
  valuesOf(answer).map(({ displayName }) => String(displayName).split(" ")[0]);

describe("$filter", () => {
  test.each([
    ["displayName eq 'ada lovelace'", ["Ada"]],
    ["displayName eq 'Cleo O''Hara'", ["Cleo"]],
    ["accountEnabled eq false", ["Bob"]],
    ["startsWith(displayName,'B') or startsWith(displayName,'C')", ["Bob", "Cleo"]],
    ["department in ('R&D','Finance') and accountEnabled eq true", ["Ada"]],
    ["(department eq 'R&D' or department eq 'Finance') and userType eq 'Member'", ["Ada", "Bob"]],
    ["department ge 'G'", ["Ada"]],
    ["mail eq 'CLEO@fabrikam.example'", ["Cleo"]],
    ["otherMails/any(m:m eq 'ADA@home.example')", ["Ada"]],
    ["businessPhones/any(p:startsWith(p,'+31'))", ["Ada"]],
    ["proxyAddresses/any(p:p eq 'smtp:ada@contoso.example')", ["Ada"]],
    [
      "identities/any(c:c/issuerAssignedId eq 'j.smith@yahoo.example' and c/issuer eq 'my.tenant')",
      ["Bob"],
    ],
    ["createdDateTime ge 2020-01-01T00:00:00Z", ["Ada", "Bob", "Cleo"]],
    ["userPrincipalName eq 'nobody@contoso.example'", []],
  ])("finds by %s", async ($filter, expected) => {
    const answer = await list({ $filter });
    expect(answer.status, answer.text).toBe(200);
    expect(names(answer).sort()).toEqual(expected);
  });

  test.each([
    ["department ne 'R&D'", ["Bob", "Cleo"]],
    ["not(department eq 'R&D')", ["Bob", "Cleo"]],
    ["NOT startsWith(displayName,'A')", ["Bob", "Cleo"]],
    ["endsWith(mail,'@contoso.example')", ["Ada"]],
    ["endsWith(userPrincipalName,'#EXT#@contoso.onmicrosoft.example')", ["Cleo"]],
    ["department eq null", ["Cleo"]],
    ["companyName eq 'contoso'", ["Bob"]],
    ["otherMails/$count eq 0", ["Bob", "Cleo"]],
    ["onPremisesExtensionAttributes/extensionAttribute3 eq 'BLUE'", ["Ada"]],
  ])("needs the header and $count=true for %s", async ($filter, expected) => {
    const plain = await list({ $filter });
    expect([plain.status, errorOf(plain).code]).toEqual([400, "Request_UnsupportedQuery"]);
    const counted = await graph.send(
      "GET",
      `/users?${new URLSearchParams({ $filter, $count: "true" })}`,
    );
    expect(counted.status).toBe(400);
    const answer = await list({ $filter }, true);
    expect(answer.status, answer.text).toBe(200);
    expect(names(answer).sort()).toEqual(expected);
    expect(answer.body["@odata.count"]).toBe(expected.length);
  });

  test.each([
    "contains(displayName,'a')",
    "displayName gt 'a'",
    "accountEnabled eq 'true'",
    "startsWith(usageLocation,",
    "displayName eq Ada",
    "shoeSize eq '44'",
    "endsWith(displayName,'a')",
    "identities/any(c:c/issuer eq 'my.tenant')",
    "otherMails eq 'a@b.example'",
    "displayName eq 'a' displayName eq 'b'",
    "onPremisesExtensionAttributes eq 'x'",
  ])("refuses %s", async ($filter) => {
    const answer = await list({ $filter }, true);
    expect([answer.status, errorOf(answer).code]).toEqual([400, "Request_UnsupportedQuery"]);
  });

  test("reads a plus sign as a space, so it must be encoded", async () => {
    const id = await graph.create("plus", { otherMails: ["a+b@home.example"] });
    const filter = "otherMails/any(m:m%20eq%20'a+b@home.example')";
    expect(valuesOf(await graph.send("GET", `/users?$filter=${filter}`))).toEqual([]);
    const encoded = await graph.send(
      "GET",
      `/users?$filter=${filter.replace("+", "%2B")}&$select=id`,
    );
    expect(valuesOf(encoded)).toEqual([{ id }]);
    await graph.send("DELETE", `/users/${id}`);
  });

  test("does not ignore an option that lacks its dollar sign", async () => {
    expect((await graph.send("GET", "/users?filter=displayName eq 'x'")).status).toBe(501);
  });
});

describe("$search", () => {
  test.each([
    ['"displayName:wa"', ["Bob"]],
    ['"displayName:wa" OR "displayName:lov"', ["Ada", "Bob"]],
    ['"displayName:ade"', []],
    ['"mail:cleo"', ["Cleo"]],
    ['"displayName:o" AND "mail:cleo"', ["Cleo"]],
  ])("finds by %s with the header alone", async ($search, expected) => {
    const path = `/users?${new URLSearchParams({ $search, $select: "displayName" })}`;
    const plain = await graph.send("GET", path);
    expect(errorOf(plain).code).toBe("Request_UnsupportedQuery");
    const answer = await graph.send("GET", path, { headers: EVENTUAL });
    expect(names(answer).sort()).toEqual(expected);
  });
});

describe("$orderby and $count", () => {
  test("sorts by displayName and userPrincipalName by default", async () => {
    expect(names(await list({ $orderby: "displayName desc" }))).toEqual(["Cleo", "Bob", "Ada"]);
    expect(names(await list({ $orderby: "userPrincipalName" }))).toEqual(["Ada", "Bob", "Cleo"]);
  });

  test("sorts by createdDateTime, or next to a filter, only as an advanced query", async () => {
    const both = { $orderby: "displayName", $filter: "accountEnabled eq true" };
    for (const query of [{ $orderby: "createdDateTime" }, both]) {
      expect((await list(query)).status).toBe(400);
      expect((await list(query, true)).status).toBe(200);
    }
    expect((await list({ $orderby: "department" }, true)).status).toBe(400);
  });

  test("ignores ?$count=true without the header, and refuses /users/$count", async () => {
    const ignored = await graph.send("GET", "/users?$count=true");
    expect(ignored.status).toBe(200);
    expect(ignored.body).not.toHaveProperty("@odata.count");
    expect((await graph.send("GET", "/users/$count")).status).toBe(400);
    const counted = await graph.send("GET", "/users/$count", { headers: EVENTUAL });
    expect([counted.status, counted.text, counted.headers.get("content-type")]).toEqual([
      200,
      "3",
      "text/plain",
    ]);
  });
});

describe("paging", () => {
  test.each(["0", "1000", "-1", "x"])("refuses $top=%s", async (top) => {
    const answer = await graph.send("GET", `/users?$top=${top}`);
    expect(errorOf(answer).message).toContain("Must be between 1 and 999 inclusive");
  });

  test("refuses $skip", async () => {
    expect((await graph.send("GET", "/users?$skip=10")).status).toBe(400);
  });

  test("answers 100 by default and links on the client's own origin until all are read", async () => {
    const many = await startGraph({ people: 250 });
    try {
      const first = await many.send("GET", "/users?$select=id");
      expect(valuesOf(first)).toHaveLength(100);
      expect(String(first.body["@odata.nextLink"])).toMatch(
        new RegExp(`^${many.url}/v1.0/users\\?\\$select=id&\\$skiptoken=`),
      );
      for (const query of ["$select=id", "$select=id&$orderby=displayName&$top=70"]) {
        const { items } = await many.readAll(`/users?${query}`);
        expect(new Set(items.map(({ id }) => id)).size, query).toBe(250);
        expect(items).toHaveLength(250);
      }
      const { items, pages } = await many.readAll(
        "/users?$filter=accountEnabled eq true&$count=true&$top=60",
        { headers: EVENTUAL },
      );
      expect(pages).toBe(Math.ceil(items.length / 60));
    } finally {
      await many.simulator.close();
    }
  });

  test("refuses a page token it did not make", async () => {
    const answer = await graph.send("GET", "/users?$skiptoken=abc");
    expect(errorOf(answer).code).toBe("Directory_ExpiredPageToken");
  });

  test("lists 100,000 users in pages of 999 within seconds", async () => {
    const many = await startGraph({ people: 100_000 });
    try {
      const startedAt = Date.now();
      const { items } = await many.readAll("/users?$top=999&$select=id,mail");
      expect(items).toHaveLength(100_000);
      expect(Date.now() - startedAt).toBeLessThan(8000);
    } finally {
      await many.simulator.close();
    }
  });
});
