// GET session: who is signed in, told to anyone about themselves.
import { describe, expect, it } from "vitest";
import { createAdminAccess } from "../../src/api/admin-access.ts";
import { sessionSchema } from "../../src/api/session-answer.ts";
import { answerOf, asked, clientPrincipal, configOf, OBJECT, TENANT } from "./asked.ts";

const nobody = { signedIn: false, actor: null, name: null, rights: [] };
const noPages = { signInUrl: null, signOutUrl: null };

describe("a session", () => {
  const development = { ADMIN_AUTH: "development", AZURE_FUNCTIONS_ENVIRONMENT: "Development" };
  const easyauth = { ADMIN_AUTH: "easyauth", WEBSITE_AUTH_ENABLED: "true" };
  const session = async (
    env: Record<string, string>,
    headers: Record<string, string> = {},
    url?: string,
  ) => sessionSchema.parse(await createAdminAccess(configOf(env)).session(asked(headers, url)));

  it("tells what a reader may, and where to sign in and out", async () => {
    const headers = clientPrincipal([
      ["tid", TENANT],
      ["oid", OBJECT],
      ["name", "Ada Lovelace"],
      ["roles", "Audit.Read"],
    ]);
    const page = "%2Fapi%2Fdashboard";
    expect(await session(easyauth, headers)).toEqual({
      auth: "easyauth",
      signedIn: true,
      actor: OBJECT,
      name: "Ada Lovelace",
      rights: ["Audit.Read"],
      signInUrl: `/.auth/login/aad?post_login_redirect_uri=${page}`,
      signOutUrl: `/.auth/logout?post_logout_redirect_uri=${page}`,
    });
  });

  it("tells that nobody is signed in, and does not refuse them", async () => {
    expect(await session(easyauth)).toMatchObject({ auth: "easyauth", ...nobody });
    expect(await session({})).toEqual({ auth: "none", ...nobody, ...noPages });
    const jwt = { ADMIN_AUTH: "jwt", ADMIN_AUDIENCE: "api://sync" };
    expect(await session(jwt)).toEqual({ auth: "jwt", ...nobody, ...noPages });
  });

  it("offers no sign-in that is not there: App Service Authentication is off", async () => {
    const forged = clientPrincipal([
      ["tid", TENANT],
      ["oid", OBJECT],
      ["roles", "Sync.Operate"],
    ]);
    expect(await session({ ADMIN_AUTH: "easyauth" }, forged)).toEqual({
      auth: "none",
      ...nobody,
      ...noPages,
    });
  });

  it("is the developer's on this machine, and no other site's", async () => {
    const url = "http://localhost:7071/api/session";
    const own = await session(development, {}, url);
    expect(own).toMatchObject({ actor: "developer", rights: ["Audit.Read", "Sync.Operate"] });
    const evil = { origin: "https://evil.example" };
    expect(await session(development, evil, url)).toMatchObject(nobody);
  });

  it("is not called signed out while its token cannot be judged", async () => {
    const env = {
      ADMIN_AUTH: "jwt",
      ADMIN_AUDIENCE: "api://sync",
      AZURE_FUNCTIONS_ENVIRONMENT: "Development",
      AZURE_AUTHORITY_HOST: "http://127.0.0.1:1",
    };
    // {"alg":"RS256"}.{}.
    const headers = { authorization: "Bearer eyJhbGciOiJSUzI1NiJ9.e30.AA" };
    expect(await answerOf(session(env, headers))).toBe("503 signingKeysUnavailable");
  });
});
