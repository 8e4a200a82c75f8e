import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { errorOf, type Graph, newUser, startGraph, textAt, valuesOf } from "./graph-client.ts";

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

describe("changing a user", () => {
  const read = async (id: string, ...names: string[]) => {
    const answer = await graph.send("GET", `/users/${id}?$select=${names.join(",")}`);
    const { "@odata.context": _context, ...rest } = answer.body;
    return rest;
  };
  const patch = (id: string, json: unknown, token = "local") =>
    graph.send("PATCH", `/users/${id}`, { json, token });

  test("answers 204, keeps what is not sent and clears what is null", async () => {
    const id = await graph.create("ada", { department: "R&D", jobTitle: "Engineer" });
    const answer = await patch(id, { department: null, city: "Delft" });
    expect([answer.status, answer.text]).toEqual([204, ""]);
    expect(await read(id, "department", "jobTitle", "city")).toEqual({
      department: null,
      jobTitle: "Engineer",
      city: "Delft",
    });
  });

  test.each(["displayName", "mail", "usageLocation", "userPrincipalName", "accountEnabled"])(
    "does not let %s be null",
    async (property) => {
      const id = await graph.create("ada");
      expect((await patch(id, { [property]: null })).status).toBe(400);
    },
  );

  test("replaces collections as a whole", async () => {
    const id = await graph.create("ada", { otherMails: ["a@x.example", "b@x.example"] });
    await patch(id, { otherMails: ["c@x.example"], businessPhones: ["+31 15 000"] });
    expect(await read(id, "otherMails", "businessPhones")).toEqual({
      otherMails: ["c@x.example"],
      businessPhones: ["+31 15 000"],
    });
  });

  test("merges extension attributes but replaces employeeOrgData", async () => {
    const id = await graph.create("ada");
    await patch(id, {
      onPremisesExtensionAttributes: { extensionAttribute1: "one", extensionAttribute2: "two" },
      employeeOrgData: { division: "West", costCenter: "12" },
    });
    await patch(id, {
      onPremisesExtensionAttributes: { extensionAttribute1: null },
      employeeOrgData: { division: "East" },
    });
    const values = await read(id, "onPremisesExtensionAttributes", "employeeOrgData");
    expect(values.onPremisesExtensionAttributes).toMatchObject({
      extensionAttribute1: null,
      extensionAttribute2: "two",
    });
    expect(values.employeeOrgData).toEqual({ division: "East", costCenter: null });
  });

  test("keeps identities unique and the UPN identity in place", async () => {
    const ada = await graph.create("ada");
    const bob = await graph.create("bob");
    const mail = { signInType: "emailAddress", issuer: "contoso.example", issuerAssignedId: "a@b" };
    const upn = (name: string) => ({
      signInType: "userPrincipalName",
      issuer: "contoso.onmicrosoft.example",
      issuerAssignedId: `${name}@contoso.example`,
    });
    expect((await patch(ada, { identities: [mail] })).status).toBe(400);
    expect((await patch(ada, { identities: [upn("ada"), mail] })).status).toBe(204);
    expect((await patch(bob, { identities: [upn("bob"), mail] })).status).toBe(400);
    expect((await read(ada, "identities")).identities).toEqual([upn("ada"), mail]);
  });

  test("refuses a user mastered on-premises, whatever is changed but usageLocation", async () => {
    const id = await graph.create("ada");
    await graph.control({ onPremises: [{ id, state: "synced" }] });
    const refused = await patch(id, { department: "R&D" });
    expect(errorOf(refused).message).toMatch(/on-premises mastered Directory Sync objects/);
    expect((await patch(id, { usageLocation: "BE" })).status).toBe(204);
  });

  test("refuses sensitive properties of an administrator, and nothing of the same request is applied", async () => {
    const id = await graph.create("ada");
    await graph.control({
      privilegedUserIds: [id],
      tokens: [{ token: "admin", entraRole: "Global Administrator" }],
    });
    const refused = await patch(id, { accountEnabled: false, department: "R&D" });
    expect([refused.status, errorOf(refused).code]).toEqual([403, "Authorization_RequestDenied"]);
    expect(await read(id, "department")).toEqual({ department: null });
    expect((await patch(id, { department: "R&D" })).status).toBe(204);
    expect((await patch(id, { accountEnabled: false }, "admin")).status).toBe(204);
    expect((await graph.send("DELETE", `/users/${id}`)).status).toBe(403);
  });

  test("treats members of a role-assignable group as administrators", async () => {
    const id = await graph.create("ada");
    const group = { displayName: "Admins", isAssignableToRole: true, members: [id] };
    await graph.control({ groups: [group] });
    expect((await patch(id, { mobilePhone: "1" })).status).toBe(403);
  });

  test("lets an application neither write employeeHireDate nor, without an Entra role, a password", async () => {
    const id = await graph.create("ada");
    await graph.control({ tokens: [{ token: "helpdesk", entraRole: "User Administrator" }] });
    const profile = { passwordProfile: { password: "New-Password-9" } };
    expect((await patch(id, { employeeHireDate: "2026-01-01T00:00:00Z" })).status).toBe(403);
    expect((await patch(id, profile)).status).toBe(403);
    expect((await patch(id, profile, "helpdesk")).status).toBe(204);
  });

  test("takes directory extensions once they are registered", async () => {
    const id = await graph.create("ada");
    const name = "extension_0123456789abcdef0123456789abcdef_drupalUuid";
    expect((await patch(id, { [name]: "x" })).status).toBe(400);
    await graph.control({ extensionProperties: [{ name }] });
    expect((await patch(id, { [name]: "u-1" })).status).toBe(204);
    expect((await patch(id, { [name]: "x".repeat(257) })).status).toBe(400);
    expect(await read(id, name)).toEqual({ [name]: "u-1" });
    const found = await graph.send("GET", `/users?$filter=${name} eq 'U-1'&$select=id`);
    expect(valuesOf(found)).toEqual([{ id }]);
  });
});

describe("the manager", () => {
  test("is set, read and removed by reference", async () => {
    const [ada, bob] = [await graph.create("ada"), await graph.create("bob")];
    const reference = { "@odata.id": `https://graph.microsoft.com/v1.0/users/${bob}` };
    expect((await graph.send("GET", `/users/${ada}/manager`)).status).toBe(404);
    const put = await graph.send("PUT", `/users/${ada}/manager/$ref`, { json: reference });
    expect(put.status).toBe(204);
    const manager = await graph.send("GET", `/users/${ada}/manager?$select=id`);
    expect(manager.body).toMatchObject({ "@odata.type": "#microsoft.graph.user", id: bob });
    expect((await graph.send("DELETE", `/users/${ada}/manager/$ref`)).status).toBe(204);
    expect((await graph.send("GET", `/users/${ada}/manager`)).status).toBe(404);
  });

  test("must exist", async () => {
    const ada = await graph.create("ada");
    const json = { "@odata.id": `https://graph.microsoft.com/v1.0/users/nobody@contoso.example` };
    expect((await graph.send("PUT", `/users/${ada}/manager/$ref`, { json })).status).toBe(404);
  });
});

describe("the tenant", () => {
  test("names its verified domains, the default one first", async () => {
    const domains = await graph.send("GET", "/domains");
    expect(valuesOf(domains).map(({ id, isDefault }) => [id, isDefault])).toEqual([
      ["contoso.example", true],
      ["contoso.onmicrosoft.example", false],
    ]);
    const organization = await graph.send("GET", "/organization");
    expect(valuesOf(organization)[0]?.verifiedDomains).toHaveLength(2);
  });

  test("answers 405 for another method on a known path and 501 for what is not modelled", async () => {
    expect((await graph.send("PUT", "/users")).status).toBe(405);
    const refused = await graph.send("GET", "/me");
    expect([refused.status, errorOf(refused).code]).toEqual([501, "NotModelled"]);
  });
});
