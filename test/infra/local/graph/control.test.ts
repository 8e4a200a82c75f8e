import { request } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { errorOf, type Graph, newUser, startGraph, textAt, valuesOf } from "./graph-client.ts";

let graph: Graph;
const lines: string[] = [];
beforeAll(async () => {
  graph = await startGraph({ log: (line) => lines.push(line) });
});
afterAll(() => graph.simulator.close());
beforeEach(() => graph.send("POST", "/_control/reset"));

describe("tokens", () => {
  test.each([
    ["no token", null, "Access token is empty."],
    ["an unknown token", "other", "Invalid access token."],
  ])("refuse a request with %s", async (_what, token, message) => {
    const answer = await graph.send("GET", "/users", { token });
    expect(answer.status).toBe(401);
    expect(errorOf(answer)).toMatchObject({ code: "InvalidAuthenticationToken", message });
    expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer /);
  });

  test("end when they expire", async () => {
    await graph.control({ tokens: [{ token: "short", expiresInSeconds: 60 }] });
    expect((await graph.send("GET", "/users", { token: "short" })).status).toBe(200);
    await graph.control({ clock: { offsetMs: 61_000 } });
    const answer = await graph.send("GET", "/users", { token: "short" });
    expect(errorOf(answer).message).toBe("Access token has expired or is not yet valid.");
  });

  test.each([
    ["User.Read.All", "GET", "/users", 200],
    ["User.Read.All", "GET", "/users/delta", 200],
    ["User.Read.All", "PATCH", "/users/{id}", 403],
    ["User.Read.All", "POST", "/users", 403],
    ["User.Read.All", "DELETE", "/users/{id}", 403],
    ["User.ReadWrite.All", "PATCH", "/users/{id}", 204],
    ["User.ReadWrite.All", "DELETE", "/users/{id}", 204],
    ["Directory.ReadWrite.All", "PATCH", "/users/{id}", 204],
    ["Directory.ReadWrite.All", "DELETE", "/users/{id}", 403],
    ["User.DeleteRestore.All", "DELETE", "/users/{id}", 204],
    ["GroupMember.Read.All", "GET", "/groups", 200],
    ["GroupMember.Read.All", "GET", "/users", 403],
    ["ProfilePhoto.Read.All", "GET", "/users/{id}/photos", 200],
    ["ProfilePhoto.Read.All", "PUT", "/users/{id}/photo/$value", 403],
    ["Domain.Read.All", "GET", "/domains", 200],
    ["User.Read.All", "GET", "/users/{id}/memberOf", 403],
  ])("with %s may or may not %s %s", async (role, method, path, status) => {
    const id = await graph.create("ada");
    await graph.control({ tokens: [{ token: "limited", roles: [role] }] });
    const json = { POST: newUser("bob"), PATCH: { department: "R&D" } }[method];
    const answer = await graph.send(method, path.replace("{id}", id), {
      token: "limited",
      ...(json === undefined ? {} : { json }),
    });
    expect(answer.status).toBe(status);
    if (status === 403) expect(errorOf(answer).code).toBe("Authorization_RequestDenied");
  });

  test("with a narrow permission write that property and no other", async () => {
    const id = await graph.create("ada");
    const roles = ["User.EnableDisableAccount.All", "User.Read.All"];
    await graph.control({ tokens: [{ token: "narrow", roles }] });
    const patch = (json: unknown) => graph.send("PATCH", `/users/${id}`, { json, token: "narrow" });
    expect((await patch({ accountEnabled: false })).status).toBe(204);
    expect((await patch({ accountEnabled: true, department: "x" })).status).toBe(403);
  });
});

describe("replication", () => {
  test("hides a new user from reads, then from lists, while its UPN is taken at once", async () => {
    await graph.control({ replicationMs: 60_000 });
    const id = await graph.create("ada");
    const path = `/users/${id}`;
    expect(errorOf(await graph.send("GET", path)).code).toBe("Request_ResourceNotFound");
    expect((await graph.send("PATCH", path, { json: { city: "x" } })).status).toBe(404);
    expect((await graph.send("POST", "/users", { json: newUser("ada") })).status).toBe(400);
    await graph.control({ clock: { offsetMs: 61_000 } });
    expect((await graph.send("GET", path)).status).toBe(200);
    const filter = "/users?$filter=userPrincipalName eq 'ada@contoso.example'";
    expect(valuesOf(await graph.send("GET", filter))).toEqual([]);
    await graph.control({ clock: { offsetMs: 121_000 } });
    expect(valuesOf(await graph.send("GET", filter))).toHaveLength(1);
  });

  test("shows the old value for a while after a change, in reads and filters", async () => {
    const id = await graph.create("ada", { department: "old" });
    await graph.control({ staleReadMs: 60_000 });
    await graph.send("PATCH", `/users/${id}`, { json: { department: "new" } });
    const read = async () =>
      (await graph.send("GET", `/users/${id}?$select=department`)).body.department;
    const found = async (value: string) =>
      valuesOf(await graph.send("GET", `/users?$filter=department eq '${value}'`)).length;
    expect([await read(), await found("old"), await found("new")]).toEqual(["old", 1, 0]);
    await graph.control({ clock: { offsetMs: 61_000 } });
    expect([await read(), await found("old"), await found("new")]).toEqual(["new", 0, 1]);
  });
});

describe("faults", () => {
  const city = (): unknown => graph.simulator.listUsers()[0]?.city;
  const patch = (id: string) =>
    graph.send("PATCH", `/users/${id}`, { json: { city: "Delft" } }).then(
      ({ status }) => status,
      () => "no answer",
    );

  test.each([
    ["status", 503, null],
    ["dropBeforeCommit", "no answer", null],
    ["statusAfterCommit", 503, "Delft"],
    ["dropAfterCommit", "no answer", "Delft"],
  ])("%s", async (kind, outcome, applied) => {
    const id = await graph.create("ada");
    await graph.control({ faults: [{ method: "PATCH", kind, times: 1 }] });
    expect(await patch(id)).toBe(outcome);
    expect(city()).toBe(applied);
    expect(await patch(id)).toBe(204);
  });

  test.each([
    ["hang", null],
    ["hangAfterCommit", "Delft"],
  ])("%s never answers", async (kind, applied) => {
    const id = await graph.create("ada");
    await graph.control({ faults: [{ method: "PATCH", kind }] });
    const answered = await new Promise((resolve) => {
      const url = `${graph.url}/v1.0/users/${id}`;
      const headers = { Authorization: "Bearer local", "Content-Type": "application/json" };
      const sent = request(url, { method: "PATCH", headers }, () => resolve(true));
      sent.on("error", () => resolve(true));
      sent.end(JSON.stringify({ city: "Delft" }));
      setTimeout(() => {
        resolve(false);
        sent.destroy();
      }, 150);
    });
    expect([answered, city()]).toEqual([false, applied]);
  });

  test("strike by path and carry code and Retry-After as ordered", async () => {
    const id = await graph.create("ada");
    const fault = { path: "/users/delta$", kind: "status", status: 429, retryAfterSeconds: 7 };
    await graph.control({ faults: [fault, { path: "x", kind: "status", code: "never" }] });
    expect((await graph.send("GET", `/users/${id}`)).status).toBe(200);
    const answer = await graph.send("GET", "/users/delta");
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([429, "7"]);
    expect(errorOf(answer).code).toBe("TooManyRequests");
  });

  test("at a rate are the same again for the same seed", async () => {
    const run = async (seed: number): Promise<number[]> => {
      await graph.control({ seed, faults: [{ kind: "status", rate: 0.5 }] });
      const statuses: number[] = [];
      for (let count = 0; count < 20; count += 1) {
        statuses.push((await graph.send("GET", "/users")).status);
      }
      return statuses;
    };
    const first = await run(42);
    expect(new Set(first)).toEqual(new Set([200, 503]));
    expect(await run(42)).toEqual(first);
    expect(await run(43)).not.toEqual(first);
  });
});

describe("the control route", () => {
  test.each([
    ["an unknown key", { latency: 5 }],
    ["an unknown key inside", { quota: { write: 5 } }],
    ["an unknown fault", { faults: [{ kind: "explode" }] }],
    ["a broken pattern", { faults: [{ kind: "status", path: "(" }] }],
    ["an unknown permission", { tokens: [{ token: "x", roles: ["User.Everything"] }] }],
  ])("refuses %s and changes nothing", async (_what, json) => {
    expect((await graph.send("PATCH", "/_control", { json })).status).toBe(400);
    expect((await graph.send("GET", "/users")).status).toBe(200);
  });

  test("tells its state, counts requests by route and remembers the last", async () => {
    const id = await graph.create("ada");
    await graph.send("GET", `/users/${id}`);
    const state = await graph.send("GET", "/_control");
    expect(state.body).toMatchObject({ users: 1, deletedUsers: 0 });
    const { body } = await graph.send("GET", "/_control/requests");
    expect(body.counts).toEqual({ "POST /users": 1, "GET /users/{user}": 1 });
    expect(body.last).toEqual([
      expect.objectContaining({ method: "POST", path: "/v1.0/users", status: 201 }),
      expect.objectContaining({ method: "GET", path: `/v1.0/users/${id}`, status: 200 }),
    ]);
  });

  test("seeds further people, and forgets everyone on reset", async () => {
    await graph.send("POST", "/_control/users", { json: { count: 30 } });
    await graph.send("POST", "/_control/users", { json: { count: 30 } });
    const upns = graph.simulator.listUsers().map(({ userPrincipalName }) => userPrincipalName);
    expect(new Set(upns).size).toBeGreaterThan(50);
    await graph.send("POST", "/_control/reset");
    expect(graph.simulator.listUsers()).toEqual([]);
  });

  test("is closed to other host names than loopback", async () => {
    const status = await new Promise((resolve) => {
      const headers = { Host: "evil.example" };
      request(`${graph.url}/_control`, { headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      }).end();
    });
    expect(status).toBe(403);
  });

  test("adds latency to Graph's answers", async () => {
    await graph.control({ latencyMs: 80 });
    const startedAt = Date.now();
    await graph.send("GET", "/users");
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(75);
  });
});

describe("the simulator", () => {
  test("tells each write in one line without names, and no read", async () => {
    lines.length = 0;
    const id = await graph.create("ada");
    await graph.send("GET", `/users/${id}`);
    await graph.send("PATCH", "/users/ada@contoso.example", { json: { city: "x" } });
    expect(lines).toEqual(["POST /users 201", "PATCH /users/{user} 204"]);
  });

  test("answers 50 requests at once", async () => {
    const id = await graph.create("ada");
    const statuses = await Promise.all(
      Array.from({ length: 50 }, async () => (await graph.send("GET", `/users/${id}`)).status),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  test("seeds four of five people with the mails of people(), and each special kind", async () => {
    const seeded = await startGraph({ people: 100 });
    try {
      const users = seeded.simulator.listUsers();
      const { people } = await import("../../../../infra/local/people.ts");
      const mails = new Set(people(100).map(({ mail }) => mail));
      const shared = users.filter(({ mail }) => typeof mail === "string" && mails.has(mail));
      expect(users).toHaveLength(100);
      expect(shared.length).toBeGreaterThan(70);
      expect(shared.length).toBeLessThan(82);
      const count = (property: string, value: unknown): number =>
        users.filter((user) => user[property] === value).length;
      expect(count("accountEnabled", false)).toBeGreaterThan(0);
      expect(count("userType", "Guest")).toBeGreaterThan(0);
      expect(count("onPremisesSyncEnabled", true)).toBeGreaterThan(0);
      expect(count("mail", null)).toBe(1);
      const again = await startGraph({ people: 100 });
      expect(again.simulator.listUsers().map(({ id }) => id)).toEqual(users.map(({ id }) => id));
      await again.simulator.close();
      const groups = await seeded.send("GET", "/groups");
      expect(textAt(groups, "@odata.context")).toContain("#groups");
      const names = valuesOf(groups).map(({ displayName }) => displayName);
      expect(names).toEqual(["Editors", "Librarians", "All staff"]);
      for (const { id } of valuesOf(groups)) {
        const members = valuesOf(await seeded.send("GET", `/groups/${id}/members`));
        expect(members.length).toBeGreaterThan(2);
      }
    } finally {
      await seeded.simulator.close();
    }
  });
});
