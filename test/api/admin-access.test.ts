// Who may use the admin routes: nobody by default, and never because of a header that anyone can send.
import { HttpRequest } from "@azure/functions";
import { createLocalJWKSet, exportJWK, exportSPKI, generateKeyPair, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { createAuthorize } from "../../src/api/admin-access.ts";
import { Problem } from "../../src/api/problem.ts";
import { readConfig } from "../../src/config.ts";

const TENANT = "11111111-1111-4111-8111-111111111111";
const OBJECT = "22222222-2222-4222-8222-222222222222";
const SECRET = "a-webhook-secret-that-is-long-enough";

const configOf = (env: Record<string, string>) =>
  readConfig({
    AzureWebJobsStorage: "UseDevelopmentStorage=true",
    DRUPAL_BASE_URL: "https://www.contoso.example",
    DRUPAL_USERNAME: "svc",
    DRUPAL_PASSWORD: "canary-password",
    WEBHOOK_SECRETS: SECRET,
    ENTRA_TENANT_ID: TENANT,
    ...env,
  });

const asked = (
  headers: Record<string, string> = {},
  url = "https://app.contoso.example/api/audit",
) => new HttpRequest({ method: "GET", url, headers });

async function statusOf(work: Promise<unknown>): Promise<number> {
  const error = await work.then(
    () => null,
    (one: unknown) => one,
  );
  if (error === null) return 200;
  if (!(error instanceof Problem)) throw error;
  return error.status;
}

describe("without a way to prove who asks", () => {
  it("nobody may", async () => {
    expect(await statusOf(createAuthorize(configOf({}))(asked(), "Audit.Read"))).toBe(503);
  });
});

describe("App Service Authentication", () => {
  const claims = (list: readonly (readonly [string, string])[], changes: object = {}) => {
    const principal = {
      auth_typ: "aad",
      claims: list.map(([typ, val]) => ({ typ, val })),
      role_typ: "roles",
      ...changes,
    };
    return { "x-ms-client-principal": Buffer.from(JSON.stringify(principal)).toString("base64") };
  };
  const reader = [
    ["tid", TENANT],
    ["oid", OBJECT],
    ["roles", "Audit.Read"],
  ] as const;
  const on = createAuthorize(configOf({ ADMIN_AUTH: "easyauth", WEBSITE_AUTH_ENABLED: "True" }));

  it("lets a reader read and an operator do both", async () => {
    expect(await on(asked(claims(reader)), "Audit.Read")).toMatchObject({ actor: OBJECT });
    expect(await statusOf(on(asked(claims(reader)), "Sync.Operate"))).toBe(403);
    const operator = [
      ["tid", TENANT],
      ["oid", OBJECT],
      ["roles", "Sync.Operate"],
    ] as const;
    expect(await statusOf(on(asked(claims(operator)), "Audit.Read"))).toBe(200);
  });

  it("is not believed while it is switched off: the header could be anyone's", async () => {
    const off = createAuthorize(configOf({ ADMIN_AUTH: "easyauth" }));
    expect(await statusOf(off(asked(claims(reader)), "Audit.Read"))).toBe(503);
  });

  const refused: Record<string, [Record<string, string>, number]> = {
    "no header": [{}, 401],
    "not base64 JSON": [{ "x-ms-client-principal": "%%%" }, 401],
    "17 KiB": [{ "x-ms-client-principal": "A".repeat(17 * 1024) }, 401],
    "another provider": [claims(reader, { auth_typ: "facebook" }), 401],
    "another tenant": [
      claims([
        ["tid", OBJECT],
        ["oid", OBJECT],
        ["roles", "Audit.Read"],
      ]),
      401,
    ],
    "no object id": [
      claims([
        ["tid", TENANT],
        ["roles", "Audit.Read"],
      ]),
      401,
    ],
    "a role in another claim": [
      claims([
        ["tid", TENANT],
        ["oid", OBJECT],
        ["groups", "Audit.Read"],
      ]),
      403,
    ],
    "a role in another case": [
      claims([
        ["tid", TENANT],
        ["oid", OBJECT],
        ["roles", "audit.read"],
      ]),
      403,
    ],
    "a longer role": [
      claims([
        ["tid", TENANT],
        ["oid", OBJECT],
        ["roles", "Audit.Readx"],
      ]),
      403,
    ],
    "roles in one text": [
      claims([
        ["tid", TENANT],
        ["oid", OBJECT],
        ["roles", "Audit.Read,Sync.Operate"],
      ]),
      403,
    ],
    "a name alone": [{ "x-ms-client-principal-name": "ada" }, 401],
  };
  for (const [what, [headers, status]] of Object.entries(refused)) {
    it(`answers ${status} to ${what}`, async () => {
      expect(await statusOf(on(asked(headers), "Audit.Read"))).toBe(status);
    });
  }
});

describe("a bearer token", async () => {
  const { publicKey, privateKey } = await generateKeyPair("RS256", { extractable: true });
  const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), alg: "RS256" }] });
  const authorize = createAuthorize(
    configOf({ ADMIN_AUTH: "jwt", ADMIN_AUDIENCE: "api://sync" }),
    keys,
  );
  const issuer = `https://login.microsoftonline.com/${TENANT}/v2.0`;
  const good = { tid: TENANT, oid: OBJECT, roles: ["Audit.Read"], aud: "api://sync", iss: issuer };
  const sign = (payload: object, expires = "5m") =>
    new SignJWT({ ...good, ...payload })
      .setProtectedHeader({ alg: "RS256" })
      .setExpirationTime(expires)
      .sign(privateKey);
  const ask = (token: string) =>
    statusOf(authorize(asked({ authorization: `Bearer ${token}` }), "Audit.Read"));

  it("is enough when it is ours, fresh, for us and of the tenant", async () => {
    expect(await ask(await sign({}))).toBe(200);
  });

  it("is refused when anything about it is not", async () => {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const spki = new TextEncoder().encode(await exportSPKI(publicKey));
    const tokens = [
      await sign({ aud: "api://other" }),
      await sign({ iss: "https://login.microsoftonline.com/common/v2.0" }),
      await sign({ tid: OBJECT }),
      await sign({ oid: undefined }),
      await sign({}, "-1m"),
      `${encode({ alg: "none" })}.${encode(good)}.`,
      await new SignJWT(good)
        .setProtectedHeader({ alg: "HS256" })
        .setExpirationTime("5m")
        .sign(spki),
      "",
      "x.y.z",
    ];
    expect(await Promise.all(tokens.map(ask))).toEqual(tokens.map(() => 401));
    expect(await ask(await sign({ roles: ["Other"] }))).toBe(403);
  });
});

describe("development", () => {
  const env = { ADMIN_AUTH: "development", AZURE_FUNCTIONS_ENVIRONMENT: "Development" };
  const authorize = createAuthorize(configOf(env));
  const from = (url: string, headers: Record<string, string> = {}) =>
    statusOf(authorize(asked(headers, url), "Sync.Operate"));

  it("is for this machine, by its own name, and not for pages of other sites", async () => {
    expect(await from("http://127.0.0.1:7071/api/audit")).toBe(200);
    expect(await from("http://localhost:7071/api/audit")).toBe(200);
    expect(await from("http://[::1]:7071/api/audit")).toBe(200);
    expect(await from("http://rebound.contoso.example/api/audit")).toBe(403);
    expect(await from("http://127.0.0.1.contoso.example/api/audit")).toBe(403);
    expect(await from("http://127.0.0.1:7071/api/audit", { "sec-fetch-site": "cross-site" })).toBe(
      403,
    );
  });
});

describe("the app settings", () => {
  it("have every fault told at once, and no value", () => {
    const read = () =>
      configOf({
        DRUPAL_BASE_URL: "http://www.contoso.example",
        WEBHOOK_SECRETS: "canary",
        ADMIN_AUTH: "open",
        REQUEST_TIMEOUT_MS: "1",
      });
    expect(read).toThrow(/4 fault/);
    expect(read).toThrow(
      /DRUPAL_BASE_URL: must be https[\s\S]*WEBHOOK_SECRETS: each secret[\s\S]*ADMIN_AUTH[\s\S]*REQUEST_TIMEOUT_MS/,
    );
    expect(read).not.toThrow(/canary/);
  });

  it("refuse development outside the Development environment, and half an identity", () => {
    expect(() => configOf({ ADMIN_AUTH: "development" })).toThrow(
      /only for AZURE_FUNCTIONS_ENVIRONMENT=Development/,
    );
    expect(() =>
      configOf({
        AzureWebJobsStorage: "",
        AzureWebJobsStorage__blobServiceUri: "https://x.blob.core.windows.net",
      }),
    ).toThrow(/AzureWebJobsStorage/);
    expect(() => configOf({ DRUPAL_AUTH: "oauth", DRUPAL_CLIENT_ID: "x" })).toThrow(
      /DRUPAL_CLIENT_SECRET: is required/,
    );
  });
});
