// Bearer tokens: of the tenant, for this app, signed with its keys, and now.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  base64url,
  createLocalJWKSet,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  SignJWT,
} from "jose";
import { afterEach, describe, expect, it } from "vitest";
import { createAdminAccess } from "../../src/api/admin-access.ts";
import { answerOf, asked, configOf, OBJECT, TENANT } from "./asked.ts";

const OTHER = "33333333-cccc-4333-8333-333333333333";
const AUDIENCE = "api://sync";
const GLOBAL = "https://login.microsoftonline.com";

const tenants = await generateKeyPair("RS256", { extractable: true });
const strangers = await generateKeyPair("RS256", { extractable: true });
const jwk = { ...(await exportJWK(tenants.publicKey)), kid: "of-the-tenant", use: "sig" };
const keys = createLocalJWKSet({ keys: [jwk] });

const jwt = { ADMIN_AUTH: "jwt", ADMIN_AUDIENCE: AUDIENCE };
const now = Math.floor(Date.now() / 1000);
const good = {
  iss: `${GLOBAL}/${TENANT}/v2.0`,
  aud: AUDIENCE,
  tid: TENANT,
  oid: OBJECT,
  azp: OTHER,
  roles: ["Audit.Read"],
  nbf: now - 300,
  exp: now + 3600,
};
const sign = (claims: Record<string, unknown>, header: object = {}, key = tenants.privateKey) =>
  new SignJWT({ ...good, ...claims })
    .setProtectedHeader({ alg: "RS256", kid: "of-the-tenant", ...header })
    .sign(key);
const unsigned = (alg: string) =>
  `${base64url.encode(JSON.stringify({ alg }))}.${base64url.encode(JSON.stringify(good))}.`;

const { authorize } = createAdminAccess(configOf(jwt), keys);
const ask = (authorization: string, right: "Audit.Read" | "Sync.Operate" = "Audit.Read") =>
  answerOf(authorize(asked({ authorization }), right));

describe("a token of the tenant", async () => {
  it("is enough for what its roles allow, and tells who it was", async () => {
    const authorization = `Bearer ${await sign({})}`;
    expect(await authorize(asked({ authorization }), "Audit.Read")).toMatchObject({
      actor: OBJECT,
      rights: ["Audit.Read"],
    });
    expect(await ask(authorization, "Sync.Operate")).toBe("403 forbidden");
    const operator = await sign({ roles: ["Sync.Operate"] });
    expect(await ask(`Bearer ${operator}`, "Sync.Operate")).toBe("200");
    expect(await ask(`bearer ${operator}`, "Audit.Read")).toBe("200");
  });

  it("is an access token of either version, and no ID token", async () => {
    const { azp: _azp, ...anonymous } = good;
    const told = async (more: Record<string, unknown>) =>
      ask(
        `Bearer ${await new SignJWT({ ...anonymous, ...more })
          .setProtectedHeader({ alg: "RS256", kid: "of-the-tenant" })
          .sign(tenants.privateKey)}`,
      );
    expect(await told({})).toBe("401 unauthorized");
    expect(await told({ nonce: "n", preferred_username: "ada@contoso.example" })).toBe(
      "401 unauthorized",
    );
    expect(await told({ appid: OTHER })).toBe("200");
    expect(await told({ scp: "access_as_user" })).toBe("200");
  });

  const spki = new TextEncoder().encode(await exportSPKI(tenants.publicKey));
  const table: readonly (readonly [string, string | Promise<string>, string])[] = [
    ["of version 1.0", sign({ iss: `https://sts.windows.net/${TENANT}/` }), "200"],
    ["with the audience among others", sign({ aud: ["api://other", AUDIENCE] }), "200"],
    ["that ended just now, by a clock that is behind", sign({ exp: now - 20 }), "200"],
    ["that begins in a moment, by a clock that is ahead", sign({ nbf: now + 20 }), "200"],
    ["with no role", sign({ roles: undefined }), "403 forbidden"],
    ["with another role", sign({ roles: ["Other"] }), "403 forbidden"],
    ["with a role in another case", sign({ roles: ["audit.read"] }), "403 forbidden"],
    [
      "with a scope of the role's name",
      sign({ roles: undefined, scp: "Audit.Read" }),
      "403 forbidden",
    ],
    ["with its roles in one text", sign({ roles: "Audit.Read" }), "401 unauthorized"],
    ["that has ended", sign({ exp: now - 120 }), "401 unauthorized"],
    ["without an end", sign({ exp: undefined }), "401 unauthorized"],
    ["that has not begun", sign({ nbf: now + 120 }), "401 unauthorized"],
    ["for another app", sign({ aud: "api://other" }), "401 unauthorized"],
    ["for nobody", sign({ aud: undefined }), "401 unauthorized"],
    ["of another tenant", sign({ tid: OTHER }), "401 unauthorized"],
    ["of no tenant", sign({ tid: undefined }), "401 unauthorized"],
    ["of another tenant's issuer", sign({ iss: `${GLOBAL}/${OTHER}/v2.0` }), "401 unauthorized"],
    ["of everyone's issuer", sign({ iss: `${GLOBAL}/common/v2.0` }), "401 unauthorized"],
    [
      "of an issuer that only begins alike",
      sign({ iss: `${GLOBAL}/${TENANT}/v2.0/x` }),
      "401 unauthorized",
    ],
    [
      "of another cloud",
      sign({ iss: `https://login.microsoftonline.us/${TENANT}/v2.0` }),
      "401 unauthorized",
    ],
    ["of no issuer", sign({ iss: undefined }), "401 unauthorized"],
    ["of nobody", sign({ oid: undefined }), "401 unauthorized"],
    ["of somebody without an id", sign({ oid: "ada" }), "401 unauthorized"],
    ["signed with a stranger's key", sign({}, {}, strangers.privateKey), "401 unauthorized"],
    ["signed with a key that is not known", sign({}, { kid: "unknown" }), "401 unauthorized"],
    [
      "that brings its own key",
      sign({}, { jwk: await exportJWK(strangers.publicKey) }, strangers.privateKey),
      "401 unauthorized",
    ],
    ["that needs what we do not know", critical(), "401 unauthorized"],
    ["with its claims changed", altered(await sign({})), "401 unauthorized"],
    ["that is not signed", unsigned("none"), "401 unauthorized"],
    ["that is not signed, in capitals", unsigned("NONE"), "401 unauthorized"],
    ["signed with the public key as a secret", withSecret(spki), "401 unauthorized"],
    ["signed with another algorithm", sign384(), "401 unauthorized"],
    ["that is none", "x.y.z", "401 unauthorized"],
    ["that is empty", "", "401 unauthorized"],
    ["of 20 KiB", sign({ roles: ["Audit.Read", "x".repeat(20_000)] }), "401 unauthorized"],
  ];
  it.each(table)("%s", async (_, token, expected) => {
    expect(await ask(`Bearer ${await token}`)).toBe(expected);
  });

  it("is asked for by its scheme, and an App Service header does not stand in for it", async () => {
    expect(await ask(await sign({}))).toBe("401 unauthorized");
    expect(await ask(`Basic ${await sign({})}`)).toBe("401 unauthorized");
    const principal = { "x-ms-client-principal": base64url.encode("{}") };
    expect(await answerOf(authorize(asked(principal), "Audit.Read"))).toBe("401 unauthorized");
  });

  function altered(token: string): string {
    const [head, , signature] = token.split(".");
    const more = { ...good, roles: ["Sync.Operate", "Audit.Read"] };
    return `${head}.${base64url.encode(JSON.stringify(more))}.${signature}`;
  }
  function critical(): Promise<string> {
    return new SignJWT(good)
      .setProtectedHeader({ alg: "RS256", kid: "of-the-tenant", crit: ["later"], later: true })
      .sign(tenants.privateKey, { crit: { later: true } });
  }
  function withSecret(secret: Uint8Array): Promise<string> {
    return new SignJWT(good)
      .setProtectedHeader({ alg: "HS256", kid: "of-the-tenant" })
      .sign(secret);
  }
  async function sign384(): Promise<string> {
    const other = await generateKeyPair("RS384");
    return new SignJWT(good)
      .setProtectedHeader({ alg: "RS384", kid: "of-the-tenant" })
      .sign(other.privateKey);
  }
});

describe("national clouds", () => {
  const US = "https://login.microsoftonline.us";
  const CHINA = "https://login.chinacloudapi.cn";
  const PARTNER = "https://login.partner.microsoftonline.cn";
  it.each([
    [US, `${US}/${TENANT}/v2.0`, "200"],
    [US, `https://sts.windows.net/${TENANT}/`, "200"],
    [US, `${GLOBAL}/${TENANT}/v2.0`, "401 unauthorized"],
    [CHINA, `${PARTNER}/${TENANT}/v2.0`, "200"],
    [CHINA, `https://sts.chinacloudapi.cn/${TENANT}/`, "200"],
    [CHINA, `https://sts.windows.net/${TENANT}/`, "401 unauthorized"],
    [PARTNER, `${PARTNER}/${TENANT}/v2.0`, "200"],
    ["https://login.contoso.example", `https://login.contoso.example/${TENANT}/v2.0`, "200"],
    ["https://login.contoso.example", `https://sts.windows.net/${TENANT}/`, "401 unauthorized"],
  ])("have issuers of their own: at %s, %s is %s", async (authority, iss, expected) => {
    const config = configOf({ ...jwt, AZURE_AUTHORITY_HOST: authority });
    const access = createAdminAccess(config, keys);
    const authorization = `Bearer ${await sign({ iss })}`;
    expect(await answerOf(access.authorize(asked({ authorization }), "Audit.Read"))).toBe(expected);
  });
});

describe("while the tenant's keys cannot be had", () => {
  let server: Server | null = null;
  afterEach(() => server?.close());
  const serving = async (status: number, body: string): Promise<string> => {
    server = createServer((_, response) =>
      response.writeHead(status, { location: "https://login.contoso.example/" }).end(body),
    );
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    // server.address() is an AddressInfo for a TCP port.
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const askAt = async (authority: string) => {
    const local = { AZURE_FUNCTIONS_ENVIRONMENT: "Development", AZURE_AUTHORITY_HOST: authority };
    const access = createAdminAccess(configOf({ ...jwt, ...local }));
    const authorization = `Bearer ${await sign({ iss: `${authority}/${TENANT}/v2.0` })}`;
    return answerOf(access.authorize(asked({ authorization }), "Audit.Read"));
  };

  it.each([
    [500, "", "503 signingKeysUnavailable"],
    [302, "", "503 signingKeysUnavailable"],
    [200, "<html>", "503 signingKeysUnavailable"],
    [200, "{}", "503 signingKeysUnavailable"],
    [200, '{"keys":[]}', "401 unauthorized"],
    [200, JSON.stringify({ keys: [jwk] }), "200"],
  ])("nothing is said of a token: %i %s is %s", async (status, body, expected) => {
    expect(await askAt(await serving(status, body))).toBe(expected);
  });

  it("nothing is said of a token: nobody listens there", async () => {
    const authority = await serving(200, "");
    await new Promise((resolve) => server?.close(resolve));
    expect(await askAt(authority)).toBe("503 signingKeysUnavailable");
  });
});
