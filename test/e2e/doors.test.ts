// Who may, through the real doors: with tokens of a tenant, with App Service's header, as a page of another site.
import { base64url, exportJWK, exportSPKI, generateKeyPair } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { SpawnedHost } from "../../infra/local/host/spawn-host.ts";
import { httpFunctions, OPEN_TO_ANYONE } from "../functions/http-functions.ts";
import { type CycleClient, cycleClient } from "./cycle-client.ts";
import { type RawRequest, rawRequest } from "./raw-request.ts";
import { type Stack, startStack } from "./stack.ts";
import { startTenantKeys } from "./tenant-keys.ts";

const TENANT = "11111111-aaaa-4111-8111-111111111111";
const OTHER = "33333333-cccc-4333-8333-333333333333";
const READER = "44444444-dddd-4444-8444-444444444444";
const OPERATOR = "55555555-eeee-4555-8555-555555555555";
const AUDIENCE = "api://sync";
const CONTENT = { "content-type": "application/json" };
const ORDER = JSON.stringify({ direction: "drupalToEntra" });

type Keys = Awaited<ReturnType<typeof startTenantKeys>>;
let stack: Stack;
let keys: Keys;
let strangers: Keys;
/** Hosts of one storage, each with its way to prove who asks. */
let withTokens: SpawnedHost;
let behindAppService: SpawnedHost;
let withoutAppService: SpawnedHost;
let developers: CycleClient;

beforeAll(async () => {
  keys = await startTenantKeys(TENANT, AUDIENCE);
  strangers = await startTenantKeys(TENANT, AUDIENCE);
  stack = await startStack();
  developers = cycleClient(stack);
  const easyauth = { ADMIN_AUTH: "easyauth", ENTRA_TENANT_ID: TENANT };
  withTokens = await stack.startHost({
    ADMIN_AUTH: "jwt",
    ADMIN_AUDIENCE: AUDIENCE,
    ENTRA_TENANT_ID: TENANT,
    AZURE_AUTHORITY_HOST: keys.url,
  });
  behindAppService = await stack.startHost({ ...easyauth, WEBSITE_AUTH_ENABLED: "True" });
  withoutAppService = await stack.startHost(easyauth);
});
afterAll(async () => {
  await stack.close();
  await keys.close();
  await strangers.close();
});

const problem = z.strictObject({
  type: z.literal("about:blank"),
  title: z.string(),
  status: z.int(),
  code: z.string(),
});

/** `200`, or the status and code of a problem that says nothing else. */
async function ask(host: SpawnedHost, path: string, sent: RawRequest = {}): Promise<string> {
  const { status, headers, text } = await rawRequest(host.url, path, sent);
  if (status < 400) return String(status);
  // The host's own answer where no function has such a route.
  if (text === "") return `${status}`;
  expect(headers.get("content-type")).toMatch(/^application\/problem\+json/);
  const { code, ...told } = problem.parse(JSON.parse(text));
  expect(told.status).toBe(status);
  return `${status} ${code}`;
}

const bearer = async (token: string | Promise<string>) => ({
  authorization: `Bearer ${await token}`,
});
const reader = () => keys.sign({ oid: READER, roles: ["Audit.Read"] });
const operator = () => keys.sign({ oid: OPERATOR, roles: ["Sync.Operate"] });
const post = (headers: RawRequest["headers"], body = ORDER): RawRequest => ({
  method: "POST",
  headers: { ...CONTENT, ...headers },
  body,
});
const principal = (claims: Readonly<Record<string, string>>) => {
  const list = Object.entries(claims).map(([typ, val]) => ({ typ, val }));
  const text = JSON.stringify({ auth_typ: "aad", role_typ: "roles", claims: list });
  return { "x-ms-client-principal": Buffer.from(text).toString("base64") };
};
const signedIn = principal({ tid: TENANT, oid: OPERATOR, roles: "Sync.Operate" });

describe("every door", () => {
  const guarded = httpFunctions
    .filter(({ name }) => !OPEN_TO_ANYONE.includes(name))
    .flatMap(({ methods, route }) => methods.map((method) => ({ method, route })));
  const sent = (method: string, headers: RawRequest["headers"] = {}): RawRequest =>
    method === "GET" ? { method, headers } : { ...post(headers, "{}"), method };
  const doors = guarded.map(({ method, route }) => ({
    method,
    path: `/api/${route.replaceAll(/\{\w+\}/g, OTHER)}`,
  }));

  it("is closed to nobody, and its writes to readers: nothing is done, and nothing told", async () => {
    expect(doors.length).toBeGreaterThan(15);
    const token = await bearer(reader());
    for (const { method, path } of doors) {
      const none = await ask(withTokens, path, sent(method));
      expect([method, path, none]).toEqual([method, path, "401 unauthorized"]);
      if (method === "GET") continue;
      const read = await ask(withTokens, path, sent(method, token));
      expect([method, path, read]).toEqual([method, path, "403 forbidden"]);
    }
    expect(await developers.cycles()).toEqual([]);
    expect((await stack.api("/configuration")).headers.get("etag")).toBeNull();
  });

  it("is closed on a header that App Service did not set, as it is off", async () => {
    for (const { method, path } of doors) {
      const answer = await ask(withoutAppService, path, sent(method, signedIn));
      expect([method, path, answer]).toEqual([method, path, "503 authNotConfigured"]);
    }
    expect(await developers.cycles()).toEqual([]);
  });

  it("has a name, and no other way to it", async () => {
    const paths = [
      ["/api/audit", "401 unauthorized"],
      ["/API/Audit", "401 unauthorized"],
      ["/api/audit/", "401 unauthorized"],
      ["/api/audit?code=x", "401 unauthorized"],
      ["/api/webhooks/drupal/../audit", "404"],
      ["/api/webhooks/../audit", "401 unauthorized"],
      ["/api/webhooks/drupal/%2e%2e/%2e%2e/audit", "401 unauthorized"],
      ["/api/webhooks/drupal/..%2f..%2faudit", "404"],
      ["/api/health/%2e%2e/audit", "401 unauthorized"],
      ["/api/health/..\\audit", "401 unauthorized"],
      ["/api//audit", "404"],
      ["//api/audit", "404"],
      ["/api/audit.", "404"],
      ["/api/audit%20", "404"],
      ["/api/audit%00", "404"],
      ["/api/%61udit", "401 unauthorized"],
      ["/api/session;/audit", "404"],
    ] as const;
    for (const [path, expected] of paths)
      expect([path, await ask(withTokens, path)]).toEqual([path, expected]);
  });
});

describe("a token", () => {
  it("of an operator starts a cycle, and the cycle says whose order it was", async () => {
    const token = await bearer(operator());
    const { status, text } = await rawRequest(withTokens.url, "/api/cycles", post(token));
    expect(status).toBe(202);
    const { id } = z.looseObject({ id: z.guid() }).parse(JSON.parse(text));
    expect(await developers.atRest(id)).toMatchObject({ status: "complete", actor: OPERATOR });
    const change = { ...post({ ...token, "if-none-match": "*" }, "{}"), method: "PUT" };
    expect(await ask(withTokens, "/api/configuration", change)).toBe("200");
    const rows = (await stack.audit()).filter(
      ({ resourceType }) => resourceType === "configuration",
    );
    expect(rows).toMatchObject([{ actor: OPERATOR }]);
  });

  it("that is not right opens nothing, and its own address of keys is not asked", async () => {
    const known = await developers.cycles();
    const stranger = await generateKeyPair("RS256", { extractable: true });
    const good = { oid: OPERATOR, roles: ["Sync.Operate"] };
    const past = Math.floor(Date.now() / 1000) - 600;
    const [, payload] = (await operator()).split(".");
    const secret = new TextEncoder().encode(await exportSPKI(keys.publicKey));
    const jku = `${strangers.url}/${TENANT}/discovery/v2.0/keys`;
    const tokens = {
      expired: keys.sign({ ...good, exp: past }),
      "not yet valid": keys.sign({ ...good, nbf: past + 1200 }),
      "without an end": keys.sign({ ...good, exp: undefined }),
      "wrong audience": keys.sign({ ...good, aud: "api://other" }),
      "wrong tenant": keys.sign({ ...good, tid: OTHER }),
      "wrong issuer": keys.sign({ ...good, iss: `${keys.url}/${OTHER}/v2.0` }),
      "no object id": keys.sign({ ...good, oid: undefined }),
      "unknown key": keys.sign(good, { kid: "unknown" }),
      "a stranger's key": keys.sign(good, {}, stranger.privateKey),
      "a stranger's key that it brings": keys.sign(
        good,
        { jwk: await exportJWK(stranger.publicKey) },
        stranger.privateKey,
      ),
      "a stranger's address of keys": strangers.sign(
        { ...good, iss: `${keys.url}/${TENANT}/v2.0` },
        { jku },
      ),
      "alg none": `${base64url.encode('{"alg":"none"}')}.${payload}.`,
      "HS256 with the public key": keys.sign(good, { alg: "HS256" }, secret),
      garbage: "x.y.z",
    };
    for (const [what, token] of Object.entries(tokens)) {
      const answer = await ask(withTokens, "/api/cycles", post(await bearer(token)));
      expect([what, answer]).toEqual([what, "401 unauthorized"]);
    }
    const noRole = await bearer(keys.sign({ oid: OPERATOR }));
    expect(await ask(withTokens, "/api/cycles", post(noRole))).toBe("403 forbidden");
    expect(await ask(withTokens, "/api/audit", { headers: noRole })).toBe("403 forbidden");
    expect(strangers.asked).toEqual([]);
    expect(await developers.cycles()).toEqual(known);
  });

  it("of a reader reads, in answers that no other site can embed", async () => {
    const { status, headers } = await rawRequest(withTokens.url, "/api/audit", {
      headers: await bearer(reader()),
    });
    expect(status).toBe(200);
    expect(Object.fromEntries(headers)).toMatchObject({
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "no-referrer",
    });
  });
});

describe("App Service's header", () => {
  it("is no signature of a webhook", async () => {
    expect(await ask(behindAppService, "/api/webhooks/drupal", post(signedIn))).toBe(
      "401 signatureInvalid",
    );
  });

  it("is not believed twice in one request", async () => {
    const [text = ""] = Object.values(signedIn);
    const twice = { headers: { "x-ms-client-principal": [text, text] } };
    expect(await ask(behindAppService, "/api/audit", twice)).toBe("401 unauthorized");
  });
});

describe("a page", () => {
  const evil = "https://evil.example";
  const requested = { "x-requested-with": "drupal-entra-user-sync" };

  it("of the app itself gives orders with the cookie of a session, and no other page does", async () => {
    const { url } = behindAppService;
    const own = { origin: url, "sec-fetch-site": "same-origin", ...requested };
    const known = (await developers.cycles()).length;
    const give = (headers: RawRequest["headers"]) =>
      ask(behindAppService, "/api/cycles", post({ ...signedIn, ...headers }));
    const refused = {
      "another site": { ...own, origin: evil, "sec-fetch-site": "cross-site" },
      "another site, as a form would": { origin: evil, "content-type": "text/plain" },
      "a sandbox": { ...own, origin: "null" },
      "another port": { ...own, origin: "http://127.0.0.1:1", "sec-fetch-site": "same-site" },
      "no origin": requested,
      "no header of the page": { origin: url },
      "another header": { ...own, "x-requested-with": "XMLHttpRequest" },
      "no JSON": { ...own, "content-type": "application/x-www-form-urlencoded" },
    };
    for (const [what, headers] of Object.entries(refused))
      expect([what, await give(headers)]).toEqual([what, "403 crossSiteRequest"]);
    expect(await developers.cycles()).toHaveLength(known);
    expect(await give(own)).toBe("202");
    const [newest] = await developers.cycles();
    expect(newest).toMatchObject({ actor: OPERATOR });
    await developers.atRest(newest?.id ?? "");
  });

  it("of another site neither reads nor writes on a developer's machine; curl does both", async () => {
    const known = (await developers.cycles()).length;
    const host = stack.host;
    expect(await ask(host, "/api/audit")).toBe("200");
    expect(await ask(host, "/api/audit", { headers: { origin: evil } })).toBe(
      "403 crossSiteRequest",
    );
    expect(await ask(host, "/api/audit", { headers: { "sec-fetch-site": "cross-site" } })).toBe(
      "403 crossSiteRequest",
    );
    expect(await ask(host, "/api/cycles", post({ origin: evil }))).toBe("403 crossSiteRequest");
    expect(await ask(host, "/api/cycles", post({ origin: host.url }))).toBe("403 crossSiteRequest");
    expect(await ask(host, "/api/audit", { headers: { host: "rebound.contoso.example" } })).toBe(
      "403 forbidden",
    );
    expect(await developers.cycles()).toHaveLength(known);
    expect(await ask(host, "/api/cycles", post({ origin: host.url, ...requested }))).toBe("202");
    const [newest] = await developers.cycles();
    expect(await developers.atRest(newest?.id ?? "")).toMatchObject({ actor: "developer" });
  });

  it("learns who is signed in, and where to sign in", async () => {
    const session = async (host: SpawnedHost, headers: Record<string, string> = {}) =>
      JSON.parse((await rawRequest(host.url, "/api/session", { headers })).text);
    expect(await session(withTokens, await bearer(reader()))).toMatchObject({
      auth: "jwt",
      signedIn: true,
      actor: READER,
      rights: ["Audit.Read"],
    });
    expect(await session(withTokens)).toMatchObject({ signedIn: false, rights: [] });
    expect(await session(behindAppService)).toMatchObject({
      auth: "easyauth",
      signedIn: false,
      signInUrl: expect.stringContaining("/.auth/login/aad"),
    });
    expect(await session(withoutAppService, signedIn)).toMatchObject({
      auth: "none",
      signedIn: false,
    });
  });
});
