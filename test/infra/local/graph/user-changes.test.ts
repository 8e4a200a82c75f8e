import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { errorOf, type Graph, startGraph, valuesOf } from "./graph-client.ts";

let graph: Graph;
beforeAll(async () => {
  graph = await startGraph();
});
afterAll(() => graph.simulator.close());
beforeEach(() => graph.send("POST", "/_control/reset"));

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
