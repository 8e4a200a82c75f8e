import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { errorOf, type Graph, newUser, startGraph, textAt } from "./graph-client.ts";

let graph: Graph;
beforeAll(async () => {
  graph = await startGraph();
});
afterAll(() => graph.simulator.close());
beforeEach(() => graph.send("POST", "/_control/reset"));

const post = (name: string, more: Record<string, unknown> = {}) =>
  graph.send("POST", "/users", { json: newUser(name, more) });

describe("creating a user", () => {
  test("answers 201 with the default set of properties, unset ones null", async () => {
    const answer = await post("ada", { department: "R&D" });
    expect(answer.status).toBe(201);
    expect(textAt(answer, "@odata.context")).toBe(`${graph.url}/v1.0/$metadata#users/$entity`);
    const { "@odata.context": _context, id: _id, ...body } = answer.body;
    expect(body).toEqual({
      businessPhones: [],
      displayName: "ada",
      givenName: null,
      jobTitle: null,
      mail: null,
      mobilePhone: null,
      officeLocation: null,
      preferredLanguage: null,
      surname: null,
      userPrincipalName: "ada@contoso.example",
    });
  });

  test.each(["accountEnabled", "displayName", "mailNickname", "userPrincipalName"])(
    "insists on %s",
    async (property) => {
      const answer = await post("ada", { [property]: undefined });
      expect(answer.status).toBe(400);
      expect(errorOf(answer).message).toBe(
        `Property ${property} value is required but is empty or missing.`,
      );
    },
  );

  test.each(["short1A", "alllowercaseletters", "a1".repeat(130), "NOLOWER1"])(
    "refuses the password %s",
    async (password) => {
      const answer = await post("ada", { passwordProfile: { password } });
      expect(answer.status).toBe(400);
      expect(errorOf(answer).message).toMatch(/password complexity/);
    },
  );

  test("accepts a simple password when the policy is switched off", async () => {
    const answer = await post("ada", {
      passwordProfile: { password: "alllowercaseletters" },
      passwordPolicies: "DisableStrongPassword, DisablePasswordExpiration",
    });
    expect(answer.status).toBe(201);
  });

  test.each(["a+b", "a&b", "a b", "é", "a%b", "a/b", "x".repeat(65)])(
    "refuses the UPN local part %s",
    async (local) => {
      const answer = await post("ada", { userPrincipalName: `${local}@contoso.example` });
      expect(answer.status).toBe(400);
      expect(errorOf(answer).details?.[0]).toMatchObject({ target: "userPrincipalName" });
    },
  );

  test.each(["o'neill", "a.b-c_d", "a!b#c^d~e"])("accepts the UPN local part %s", async (local) => {
    const answer = await post("ada", { userPrincipalName: `${local}@contoso.example` });
    expect(answer.status).toBe(201);
  });

  test("refuses a UPN in another form of case as a duplicate", async () => {
    await post("ada");
    const answer = await post("ADA", { userPrincipalName: "ADA@Contoso.Example" });
    expect(errorOf(answer).details?.[0]).toMatchObject({
      code: "ObjectConflict",
      target: "userPrincipalName",
    });
  });

  test("refuses a mail that another user had before, since it stays one of its addresses", async () => {
    const id = await graph.create("ada", { mail: "first@contoso.example" });
    await graph.send("PATCH", `/users/${id}`, { json: { mail: "second@contoso.example" } });
    const answer = await post("bob", { mail: "FIRST@contoso.example" });
    expect(errorOf(answer).details?.[0]).toMatchObject({ target: "proxyAddresses" });
    const read = await graph.send("GET", `/users/${id}?$select=mail,proxyAddresses`);
    expect(read.body.proxyAddresses).toEqual([
      "SMTP:second@contoso.example",
      "smtp:first@contoso.example",
    ]);
  });

  test.each([
    ["an unknown property", { shoeSize: 44 }],
    ["a number for a text", { department: 7 }],
    ["a text for a boolean", { accountEnabled: "true" }],
    ["an empty text", { department: "" }],
    ["a mail with accents", { mail: "zoë@contoso.example" }],
    ["a country of three letters", { usageLocation: "NLD" }],
    ["two business phones", { businessPhones: ["1", "2"] }],
    [
      "too many other mails",
      { otherMails: Array.from({ length: 251 }, (_, i) => `a${i}@b.example`) },
    ],
    ["an extension attribute 16", { onPremisesExtensionAttributes: { extensionAttribute16: "x" } }],
    ["a nickname with a comma", { mailNickname: "naveen.mills,.jr." }],
    ["a date that is none", { employeeHireDate: "yesterday" }],
  ])("refuses %s and creates nobody", async (_what, more) => {
    const answer = await post("ada", more);
    expect([answer.status, errorOf(answer).code]).toEqual([400, "Request_BadRequest"]);
    expect(graph.simulator.listUsers()).toEqual([]);
  });

  test("refuses what is not JSON, or does not say so", async () => {
    const broken = await graph.send("POST", "/users", {
      body: "{",
      headers: { "Content-Type": "application/json" },
    });
    const untyped = await graph.send("POST", "/users", {
      body: JSON.stringify(newUser("ada")),
      headers: { "Content-Type": "text/plain" },
    });
    expect([broken.status, untyped.status]).toEqual([400, 400]);
  });
});

describe("reading a user", () => {
  test("finds it by id, by UPN in any case, and in the quoted form", async () => {
    const id = await graph.create("o'neill");
    for (const key of [
      `/users/${id}`,
      `/users/${id.toUpperCase()}`,
      `/users/${encodeURIComponent("O'Neill@contoso.example")}`,
      `/users('o''neill@contoso.example')`,
    ]) {
      expect((await graph.send("GET", key)).body.id, key).toBe(id);
    }
  });

  test("finds a guest only when # is encoded, since the rest would be cut off", async () => {
    const upn = "a_b.example#EXT#@contoso.onmicrosoft.example";
    const id = await graph.create("guest", { userPrincipalName: upn });
    expect((await graph.send("GET", `/users/${encodeURIComponent(upn)}`)).body.id).toBe(id);
    expect((await graph.send("GET", `/users/${upn}`)).status).toBe(404);
  });

  test("answers exactly the selected properties, in any case of letters", async () => {
    const id = await graph.create("ada", { department: "R&D" });
    const answer = await graph.send(
      "GET",
      `/users/${id}?$select=DEPARTMENT,userType,createdDateTime`,
    );
    const { "@odata.context": context, createdDateTime, ...rest } = answer.body;
    expect(rest).toEqual({ department: "R&D", userType: "Member" });
    expect(context).toContain("#users(department,userType,createdDateTime)/$entity");
    expect(createdDateTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  test("refuses to select what a user does not have, and what is not modelled", async () => {
    const id = await graph.create("ada");
    const unknown = await graph.send("GET", `/users/${id}?$select=shoeSize`);
    expect([unknown.status, errorOf(unknown).message]).toEqual([
      400,
      expect.stringContaining("Could not find a property named 'shoeSize'"),
    ]);
    const refused = await graph.send("GET", `/users/${id}?$select=signInActivity`);
    expect([refused.status, errorOf(refused).code]).toEqual([501, "NotModelled"]);
    expect((await graph.send("GET", `/users/${id}?$expand=manager`)).status).toBe(501);
  });

  test("wants the quoted form for a UPN that begins with a dollar sign", async () => {
    expect((await graph.send("GET", "/users/$x@contoso.example")).status).toBe(400);
    expect((await graph.send("GET", "/users('$x@contoso.example')")).status).toBe(404);
  });

  test("never answers a password", async () => {
    const id = await graph.create("ada");
    const answer = await graph.send("GET", `/users/${id}?$select=passwordProfile`);
    expect(answer.body.passwordProfile).toBeNull();
  });

  test("echoes client-request-id, in the headers and in the envelope of an error", async () => {
    const headers = { "client-request-id": "3b2a6a53-6d8e-4f53-9f1c-8d1b5a0a7a11" };
    const answer = await graph.send("GET", "/users/nobody@contoso.example", { headers });
    expect(answer.headers.get("client-request-id")).toBe(headers["client-request-id"]);
    expect(errorOf(answer).innerError["client-request-id"]).toBe(headers["client-request-id"]);
    expect(errorOf(answer).innerError["request-id"]).toBe(answer.headers.get("request-id"));
    expect(errorOf(answer).innerError.date).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
  });
});
