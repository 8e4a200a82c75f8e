// Who may use the admin routes: nobody by default, and never because of a header that anyone can send.
import { describe, expect, it } from "vitest";
import { createAdminAccess } from "../../src/api/admin-access.ts";
import { answerOf, asked, clientPrincipal, configOf, OBJECT, TENANT } from "./asked.ts";

const MAPPED = "http://schemas.microsoft.com/identity/claims";
const MAPPED_ROLE = "http://schemas.microsoft.com/ws/2008/06/identity/claims/role";
const OTHER = "33333333-cccc-4333-8333-333333333333";

const who = [
  ["tid", TENANT],
  ["oid", OBJECT],
] as const;
const reader = [...who, ["roles", "Audit.Read"]] as const;
const operator = [...who, ["roles", "Sync.Operate"]] as const;

describe("without a way to prove who asks", () => {
  const nobody = createAdminAccess(configOf({}));

  it("nobody may, whatever they send", async () => {
    expect(await answerOf(nobody.authorize(asked(), "Audit.Read"))).toBe("503 authNotConfigured");
    const sent = { ...clientPrincipal(operator), authorization: "Bearer a.b.c" };
    expect(await answerOf(nobody.authorize(asked(sent), "Audit.Read"))).toBe(
      "503 authNotConfigured",
    );
  });
});

describe("App Service Authentication", () => {
  const { authorize } = createAdminAccess(
    configOf({ ADMIN_AUTH: "easyauth", WEBSITE_AUTH_ENABLED: "True" }),
  );

  it("lets a reader read and an operator do both, and tells who it was", async () => {
    expect(await authorize(asked(clientPrincipal(reader)), "Audit.Read")).toMatchObject({
      actor: OBJECT,
    });
    expect(await answerOf(authorize(asked(clientPrincipal(reader)), "Sync.Operate"))).toBe(
      "403 forbidden",
    );
    for (const right of ["Audit.Read", "Sync.Operate"] as const)
      expect(await answerOf(authorize(asked(clientPrincipal(operator)), right))).toBe("200");
  });

  it.each(["", "false", "0", "yes"])(
    "is not believed while it is switched off (%j): the header could be anyone's",
    async (setting) => {
      const off = createAdminAccess(
        configOf({ ADMIN_AUTH: "easyauth", WEBSITE_AUTH_ENABLED: setting }),
      );
      expect(await answerOf(off.authorize(asked(clientPrincipal(operator)), "Audit.Read"))).toBe(
        "503 authNotConfigured",
      );
    },
  );

  const raw = (text: string) => ({ "x-ms-client-principal": text });
  const good = clientPrincipal(operator)["x-ms-client-principal"] ?? "";
  const named8Bit = [...operator, ["name", "J\xf6rg"]].map(([typ, val]) => ({ typ, val }));
  const latin1 = Buffer.from(JSON.stringify({ auth_typ: "aad", claims: named8Bit }), "latin1");
  const table: readonly (readonly [string, Record<string, string>, string])[] = [
    ["claims under the names of .NET", named(`${MAPPED}/tenantid`, TENANT), "200"],
    ["an object id in capitals", clientPrincipal(swap("oid", OBJECT.toUpperCase())), "200"],
    [
      "12 KiB, of someone in many groups",
      clientPrincipal([...operator, ["groups", "y".repeat(9000)]]),
      "200",
    ],
    ["no header", {}, "401 unauthorized"],
    ["an empty header", raw(""), "401 unauthorized"],
    ["what is not base64", raw("%%%"), "401 unauthorized"],
    ["base64 of the other alphabet", raw(`${good}-_`), "401 unauthorized"],
    ["base64 with a blank in it", raw(`${good.slice(0, 8)} ${good.slice(8)}`), "401 unauthorized"],
    ["the header twice, joined by a comma", raw(`${good}, ${good}`), "401 unauthorized"],
    ["base64 of no JSON", raw(Buffer.from("operator").toString("base64")), "401 unauthorized"],
    ["base64 of null", raw(Buffer.from("null").toString("base64")), "401 unauthorized"],
    ["text that is not UTF-8", raw(latin1.toString("base64")), "401 unauthorized"],
    ["33 KiB", clientPrincipal([...operator, ["x", "y".repeat(25_000)]]), "401 unauthorized"],
    [
      "200 groups, the most that a token holds",
      clientPrincipal([
        ...operator,
        ...Array.from({ length: 200 }, () => ["groups", crypto.randomUUID()] as const),
      ]),
      "200",
    ],
    ["1 MiB", raw("A".repeat(1024 * 1024)), "401 unauthorized"],
    [
      "claims that are no list",
      clientPrincipal([], { claims: { roles: "Sync.Operate" } }),
      "401 unauthorized",
    ],
    [
      "a claim that is no text",
      clientPrincipal([...who, ["roles", ["Audit.Read"]]]),
      "401 unauthorized",
    ],
    ["no claims", clientPrincipal([], { claims: undefined }), "401 unauthorized"],
    ["another provider", clientPrincipal(reader, { auth_typ: "facebook" }), "401 unauthorized"],
    [
      "another provider in capitals",
      clientPrincipal(reader, { auth_typ: "AAD" }),
      "401 unauthorized",
    ],
    ["no provider", clientPrincipal(reader, { auth_typ: undefined }), "401 unauthorized"],
    ["another tenant", clientPrincipal(swap("tid", OTHER)), "401 unauthorized"],
    ["a second tenant", clientPrincipal([...reader, ["tid", OTHER]]), "401 unauthorized"],
    [
      "a second tenant under another name",
      clientPrincipal([...reader, [`${MAPPED}/tenantid`, OTHER]]),
      "401 unauthorized",
    ],
    ["no tenant", clientPrincipal(reader.filter(([typ]) => typ !== "tid")), "401 unauthorized"],
    ["no object id", clientPrincipal(reader.filter(([typ]) => typ !== "oid")), "401 unauthorized"],
    ["a second object id", clientPrincipal([...reader, ["oid", OTHER]]), "401 unauthorized"],
    ["an object id that is none", clientPrincipal(swap("oid", "ada")), "401 unauthorized"],
    ["a name alone", { "x-ms-client-principal-name": "ada" }, "401 unauthorized"],
    ["an id alone", { "x-ms-client-principal-id": OBJECT }, "401 unauthorized"],
    [
      "a token alone: the platform reads it, not the app",
      { authorization: "Bearer a.b.c" },
      "401 unauthorized",
    ],
    ["no role", clientPrincipal(who), "403 forbidden"],
    [
      "a role in another claim",
      clientPrincipal([...who, ["groups", "Audit.Read"]]),
      "403 forbidden",
    ],
    [
      "a role in a claim that only the header calls roles",
      clientPrincipal([...who, ["groups", "Audit.Read"]], { role_typ: "groups" }),
      "403 forbidden",
    ],
    ["a role in another case", clientPrincipal([...who, ["roles", "audit.read"]]), "403 forbidden"],
    ["a longer role", clientPrincipal([...who, ["roles", "Audit.Readx"]]), "403 forbidden"],
    ["a role with a blank", clientPrincipal([...who, ["roles", "Audit.Read "]]), "403 forbidden"],
    [
      "roles in one text",
      clientPrincipal([...who, ["roles", "Audit.Read,Sync.Operate"]]),
      "403 forbidden",
    ],
    ["roles as JSON", clientPrincipal([...who, ["roles", '["Audit.Read"]']]), "403 forbidden"],
  ];
  it.each(table)("takes %s for what it is", async (_, headers, expected) => {
    expect(await answerOf(authorize(asked(headers), "Audit.Read"))).toBe(expected);
  });

  function swap(type: string, value: string) {
    return reader.map(([typ, val]) => [typ, typ === type ? value : val] as const);
  }
  function named(type: string, tenant: string) {
    return clientPrincipal([
      [type, tenant],
      [`${MAPPED}/objectidentifier`, OBJECT],
      [MAPPED_ROLE, "Audit.Read"],
    ]);
  }
});

describe("development", () => {
  const { authorize } = createAdminAccess(
    configOf({ ADMIN_AUTH: "development", AZURE_FUNCTIONS_ENVIRONMENT: "Development" }),
  );
  const from = (url: string, headers: Record<string, string> = {}) =>
    answerOf(authorize(asked(headers, `${url}/api/audit`), "Sync.Operate"));

  it.each([
    ["127.0.0.1", "200"],
    ["127.0.0.1:50211", "200"],
    ["::1", "200"],
    ["[::1]:50211", "200"],
    ["192.0.2.7", "403 forbidden"],
    ["192.0.2.7:50211, 127.0.0.1", "403 forbidden"],
    ["[2001:db8::7]:50211", "403 forbidden"],
    ["somewhere", "403 forbidden"],
  ])("is for this machine's own peers: %s", async (peer, answer) => {
    expect(await from("http://localhost:7071", { "x-forwarded-for": peer })).toBe(answer);
  });

  it.each([
    ["http://127.0.0.1:7071", "200"],
    ["http://localhost:7071", "200"],
    ["http://[::1]:7071", "200"],
    ["http://rebound.contoso.example", "403 forbidden"],
    ["http://127.0.0.1.contoso.example", "403 forbidden"],
    ["http://localhost.contoso.example", "403 forbidden"],
    ["http://0.0.0.0:7071", "403 forbidden"],
    ["http://192.168.0.1:7071", "403 forbidden"],
  ])("is for this machine, by its own name: %s is %s", async (url, expected) => {
    expect(await from(url)).toBe(expected);
  });
});
