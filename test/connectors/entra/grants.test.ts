// Grants over real sockets, against the Graph simulator: right after every change, and nearly free when nothing changed.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createGrantSource } from "../../../src/connectors/entra/grants.ts";
import { createEntraUsers } from "../../../src/connectors/entra/users.ts";
import {
  parseSyncConfiguration,
  type SyncConfiguration,
} from "../../../src/rules/configuration.ts";
import { TransientError } from "../../../src/rules/errors.ts";
import { type SimulatedGraph, startSimulatedGraph } from "./simulated-graph.ts";

let graph: SimulatedGraph;
let ada: string;
let bob: string;
const [outer, inner, other, app, role] = Array.from({ length: 5 }, () => crypto.randomUUID());

beforeAll(async () => {
  graph = await startSimulatedGraph();
});
afterAll(() => graph.close());

const id = (value: string | undefined): string => value ?? "";
const group = (groupId: string | undefined, members: readonly string[]) => ({
  id: id(groupId),
  displayName: `Group ${id(groupId).slice(0, 4)}`,
  members,
});

beforeEach(async () => {
  await fetch(`${graph.url}/_control/reset`, { method: "POST" });
  const create = async (name: string) => {
    const users = createEntraUsers(graph.client(), () => new Date());
    const { objectId } = await users.createUser({
      userPrincipalName: `${name}@contoso.example`,
      mailNickname: name,
      values: { displayName: name, accountEnabled: true },
    });
    return objectId;
  };
  [ada, bob] = [await create("ada"), await create("bob")];
  await graph.control({
    groups: [group(outer, [id(inner), bob]), group(inner, [ada]), group(other, [])],
    servicePrincipals: [{ id: id(app), appRoles: [{ id: id(role), value: "Editor" }] }],
  });
});

const configured = (rows: object[], servicePrincipal?: string): SyncConfiguration => {
  const map = rows.map((row, index) => ({ drupal: `role_${index}`, ...row }));
  const parsed = parseSyncConfiguration({
    roles: { map, ...(servicePrincipal === undefined ? {} : { servicePrincipal }) },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.configuration;
};
const byGroup = () => configured([{ entraGroups: [outer] }]);
const byAppRole = () => configured([{ appRoles: [role] }], id(app));

let time = 0;
const source = (token?: string) =>
  createGrantSource(graph.client(token), () => new Date(Date.UTC(2026, 0, 1) + time));
const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

describe("groups", () => {
  it("hold their members and those of groups inside them, whatever the case of the id", async () => {
    const grants = await source().current(byGroup(), false);
    expect(grants(ada)).toEqual(new Set([inner, outer]));
    expect(grants(bob.toUpperCase())).toEqual(new Set([outer]));
    expect(grants(crypto.randomUUID())).toEqual(new Set());
  });

  it("are not asked for at all when none is configured", async () => {
    const before = await graph.served();
    const grants = await source().current(configured([]), true);
    expect(grants(ada)).toEqual(new Set());
    expect(await graph.served()).toBe(before);
  });

  it("are asked for changes only: one request a round, at most once a minute unless it must be fresh", async () => {
    const grants = source();
    await grants.current(byGroup(), false);
    const before = await graph.served();
    await grants.current(byGroup(), false);
    expect((await graph.served()) - before).toBe(0);
    await grants.current(byGroup(), true);
    // One round for the tracked group, one for the group inside it.
    expect((await graph.served()) - before).toBe(2);
    time += 60_000;
    await grants.current(byGroup(), false);
    expect((await graph.served()) - before).toBe(4);
  });

  it("show who came, who went, and groups that were put inside", async () => {
    const grants = source();
    await grants.current(byGroup(), false);
    await graph.control({ groups: [group(outer, [id(inner), id(other)]), group(inner, [])] });
    await graph.control({ groups: [group(other, [ada])] });
    const stale = await grants.current(byGroup(), false);
    expect(stale(bob)).toEqual(new Set([outer]));
    const fresh = await grants.current(byGroup(), true);
    expect(fresh(ada)).toEqual(new Set([other, outer]));
    expect(fresh(bob)).toEqual(new Set());
  });

  it("that contain each other end", async () => {
    await graph.control({ groups: [group(inner, [ada, id(outer)])] });
    const grants = await source().current(byGroup(), false);
    expect(grants(bob)).toEqual(new Set([inner, outer]));
  });

  it("that are deleted themselves, or were never there, tell nothing about anybody", async () => {
    const grants = source();
    expect((await grants.current(byGroup(), false))(ada)).toEqual(new Set([inner, outer]));
    const headers = { Authorization: "Bearer local" };
    await fetch(`${graph.url}/v1.0/groups/${outer}`, { method: "DELETE", headers });
    expect((await grants.current(byGroup(), true))(ada)).toBeNull();
  });

  it("that are deleted inside another hold nobody", async () => {
    const grants = source();
    await grants.current(byGroup(), false);
    const headers = { Authorization: "Bearer local" };
    await fetch(`${graph.url}/v1.0/groups/${inner}`, { method: "DELETE", headers });
    expect((await grants.current(byGroup(), true))(ada)).toEqual(new Set());
  });

  it("come in many small pages, with replays and empty pages, as well", async () => {
    await graph.control({ deltaPageSize: 1, deltaNoise: 0.5 });
    const grants = source();
    const first = await grants.current(byGroup(), false);
    expect(first(ada)).toEqual(new Set([inner, outer]));
    await graph.control({ groups: [group(inner, [bob])] });
    const next = await grants.current(byGroup(), true);
    expect(next(ada)).toEqual(new Set());
    expect(next(bob)).toEqual(new Set([inner, outer]));
  });

  it("beyond fifty take several rounds", async () => {
    const ids = Array.from({ length: 120 }, () => crypto.randomUUID());
    await graph.control({ groups: ids.map((one) => group(one, [ada])) });
    const rows = [0, 1, 2].map((part) => ({
      entraGroups: ids.slice(part * 40, part * 40 + 40),
    }));
    const grants = source();
    const before = await graph.served();
    expect((await grants.current(configured(rows), false))(ada)).toEqual(new Set(ids));
    expect((await graph.served()) - before).toBeLessThanOrEqual(4);
  });

  it("that are configured later are read before they are believed", async () => {
    const grants = source();
    await grants.current(byGroup(), false);
    await graph.control({ groups: [group(other, [ada])] });
    const both = configured([{ entraGroups: [outer, other] }]);
    const all = await Promise.all([grants.current(both, false), grants.current(both, false)]);
    for (const find of all) expect(find(ada)).toEqual(new Set([inner, outer, other]));
  });
});

describe("a refresh", () => {
  it("is shared by all who wait for it", async () => {
    const grants = source();
    const before = await graph.served();
    await Promise.all(Array.from({ length: 20 }, () => grants.current(byGroup(), true)));
    // The first, and one for all who came while it ran: two rounds read anew, then two asked for changes.
    expect((await graph.served()) - before).toBeLessThanOrEqual(4);
  });

  it("begins anew when Graph forgot where we were", async () => {
    const grants = source();
    await grants.current(byGroup(), false);
    await graph.control({ groups: [group(inner, [bob])] });
    const before = await graph.served();
    for (const deltaExpired of ["syncStateNotFound", "gone"]) {
      await graph.control({ deltaExpired });
      const find = await grants.current(byGroup(), true);
      expect(find(ada), deltaExpired).toEqual(new Set());
      expect(find(bob), deltaExpired).toEqual(new Set([inner, outer]));
    }
    expect(await graph.served()).toBeGreaterThan(before);
  });

  it("that begins anew forgets members whose leaving it never heard of", async () => {
    const grants = source();
    await grants.current(byGroup(), false);
    // Another life of the directory: its log knows nothing of the former members.
    await fetch(`${graph.url}/_control/reset`, { method: "POST" });
    await graph.control({ groups: [group(outer, [])] });
    const find = await grants.current(byGroup(), true);
    expect([find(ada), find(bob)]).toEqual([new Set(), new Set()]);
  });

  it("that fails leaves nothing half done", async () => {
    const client = graph.client();
    let isBroken = false;
    // Changes come through, and then the group that they mention cannot be read.
    const api: typeof client.api = (path) => {
      if (isBroken && path.includes("$filter"))
        throw new TransientError("down", { system: "entra", code: "entraUnavailable" });
      return client.api(path);
    };
    const grants = createGrantSource({ ...client, api }, () => new Date(0));
    await grants.current(byGroup(), false);
    await graph.control({
      groups: [group(other, [bob]), group(outer, [id(inner), id(other)])],
    });
    isBroken = true;
    expect(await failure(grants.current(byGroup(), true))).toMatchObject({ kind: "transient" });
    // Bob moved into an inner group: he is not seen to have lost the outer one.
    expect((await grants.current(byGroup(), false))(bob)).toEqual(new Set([outer]));
    isBroken = false;
    expect((await grants.current(byGroup(), true))(bob)).toEqual(new Set([other, outer]));
  });

  it("without the right stops the job and names what to grant", async () => {
    await graph.control({ tokens: [{ token: "users", roles: ["User.Read.All"] }] });
    expect(await failure(source("users").current(byGroup(), false))).toMatchObject({
      kind: "access",
      code: "graphPermissionMissing",
      message: expect.stringContaining("GroupMember.Read.All"),
    });
    expect(await failure(source("users").current(byAppRole(), false))).toMatchObject({
      kind: "access",
      code: "graphPermissionMissing",
      message: expect.stringContaining("Application.Read.All"),
    });
  });
});

describe("app roles", () => {
  const assign = (...principals: string[]) =>
    graph.control({
      appRoleAssignments: principals.map((principalId) => ({
        servicePrincipalId: app,
        appRoleId: role,
        principalId,
      })),
    });

  it("are held by users and by the members of groups that they are assigned to", async () => {
    await assign(bob, id(inner));
    const grants = source();
    const find = await grants.current(byAppRole(), false);
    expect(find(bob)).toEqual(new Set([role]));
    expect(find(ada)).toEqual(new Set([inner, role]));
    await assign(id(inner));
    expect((await grants.current(byAppRole(), false))(bob)).toEqual(new Set([role]));
    expect((await grants.current(byAppRole(), true))(bob)).toEqual(new Set());
  });

  it("of an application that does not exist are unknown, and not taken from everyone", async () => {
    const wrong = configured([{ appRoles: [role] }], crypto.randomUUID());
    expect((await source().current(wrong, false))(ada)).toBeNull();
  });
});
