// Drupal's answers to good, bad and missing credentials, the flood lock, and OAuth.
import { afterAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { startDrupalSimulator } from "../../../../infra/local/drupal/start-drupal-simulator.ts";
import { ask, basic, control, names, patch, resources, SERVICE } from "./drupal-client.ts";

const simulator = await startDrupalSimulator({ people: 3 });
const { url } = simulator;
afterAll(() => simulator.close());
beforeEach(async () => {
  await ask(url, "POST", "/_control/reset");
});

const WRONG = basic("svc-sync", "wrong");
const USERS = "/jsonapi/user/user";
const newUser = { data: { type: "user--user", attributes: { name: "somebody" } } };
const attributeNames = (answer: Awaited<ReturnType<typeof ask>>): string[] => [
  ...new Set(resources(answer).flatMap((each) => Object.keys(each.attributes ?? {}))),
];
const me = async (as: string): Promise<unknown> =>
  z
    .object({
      meta: z.object({ links: z.object({ me: z.object({ meta: z.object({ id: z.string() }) }) }) }),
    })
    .safeParse((await ask(url, "GET", "/jsonapi", undefined, as)).body).data?.meta.links.me.meta.id;

test("a wrong password reads like an anonymous visitor: 200 with display names alone", async () => {
  const answer = await ask(url, "GET", USERS, undefined, WRONG);
  expect(answer.status).toBe(200);
  expect(attributeNames(answer)).toEqual(["display_name"]);
  expect(resources(answer)).toHaveLength(6);
});

test("a wrong password is refused with 403 on writing, missing credentials with 401 and a challenge", async () => {
  expect((await ask(url, "POST", USERS, newUser, WRONG)).status).toBe(403);
  const nobody = await ask(url, "POST", USERS, newUser, "");
  expect(nobody.status).toBe(401);
  expect(nobody.headers.get("www-authenticate")).toBe('Basic realm="Drupal simulator"');
});

test("only the index tells who is logged in", async () => {
  expect(await me(SERVICE)).toBe(simulator.simulation.site.users.byName("svc-sync")?.uuid);
  expect(await me(WRONG)).toBeUndefined();
});

test("five wrong passwords lock the account silently, also for the right password", async () => {
  for (let attempt = 0; attempt < 5; attempt += 1)
    await ask(url, "GET", "/jsonapi", undefined, WRONG);
  expect(await me(SERVICE)).toBeUndefined();
  expect((await ask(url, "POST", USERS, newUser)).status).toBe(403);
  expect(await me(basic("admin", "admin"))).toBeDefined();
  await control(url, { clock: { offsetMs: 6 * 3_600_000 + 1_000 } });
  expect(await me(SERVICE)).toBeDefined();
});

test("four wrong passwords and the right one leave no trace", async () => {
  for (let round = 0; round < 2; round += 1) {
    for (let attempt = 0; attempt < 4; attempt += 1)
      await ask(url, "GET", "/jsonapi", undefined, WRONG);
    expect(await me(SERVICE)).toBeDefined();
  }
});

test("fifty failures from one address lock every account for an hour", async () => {
  for (let attempt = 0; attempt < 50; attempt += 1)
    await ask(url, "GET", "/jsonapi", undefined, basic(`nobody${attempt}`, "x"));
  expect(await me(basic("admin", "admin"))).toBeUndefined();
  await control(url, { clearFlood: true });
  expect(await me(basic("admin", "admin"))).toBeDefined();
});

test("a blocked account is anonymous even with its right password", async () => {
  const admin = simulator.simulation.site.users.byName("admin");
  await patch(url, admin?.uuid ?? "", { status: false });
  expect(await me(basic("admin", "admin"))).toBeUndefined();
});

async function token(
  form: Readonly<Record<string, string>>,
): Promise<Awaited<ReturnType<typeof ask>>> {
  const body = new TextEncoder().encode(new URLSearchParams(form).toString());
  const type = { "Content-Type": "application/x-www-form-urlencoded" };
  return await ask(url, "POST", "/oauth/token", body, "", type);
}
const CLIENT = {
  grant_type: "client_credentials",
  client_id: "sync",
  client_secret: "sync-secret",
};
const bearer = async (): Promise<string> =>
  `Bearer ${z.object({ access_token: z.string() }).parse((await token(CLIENT)).body).access_token}`;

test("client credentials give a token that acts as the service account", async () => {
  const answer = await token({ ...CLIENT, scope: "sync:users" });
  expect(answer.body).toMatchObject({ token_type: "Bearer", expires_in: 300 });
  const as = await bearer();
  expect(await me(as)).toBe(simulator.simulation.site.users.byName("svc-sync")?.uuid);
  expect(names(await ask(url, "GET", `${USERS}?filter[name]=admin`, undefined, as))).toEqual([
    "admin",
  ]);
});

test("token errors are those of simple_oauth", async () => {
  expect((await token({ ...CLIENT, client_secret: "x" })).status).toBe(401);
  expect((await token({ ...CLIENT, scope: "nope" })).body).toMatchObject({
    error: "invalid_scope",
  });
  expect((await token({ ...CLIENT, grant_type: "password" })).body).toMatchObject({
    error: "unsupported_grant_type",
  });
});

test("a bad, expired or revoked token is 401 with a page as body and the reason in the challenge", async () => {
  const reason = async (as: string): Promise<string | null> => {
    const answer = await ask(url, "GET", USERS, undefined, as);
    expect(answer.status).toBe(401);
    expect(answer.body).toContain("<!DOCTYPE html>");
    return answer.headers.get("www-authenticate");
  };
  expect(await reason("Bearer abc.def.ghi")).toContain("Error while decoding from JSON");
  const as = await bearer();
  await control(url, { clock: { offsetMs: 301_000 } });
  expect(await reason(as)).toContain("Access token could not be verified");
  await control(url, { clock: { offsetMs: 0 } });
  const fresh = await bearer();
  const service = simulator.simulation.site.users.byName("svc-sync");
  await patch(url, service?.uuid ?? "", { timezone: "Europe/Berlin" });
  expect(await reason(fresh)).toContain("Access token has been revoked");
});
