// Roles of Drupal accounts over real sockets: found by machine name without the right to see them, given and taken.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  connect,
  FIELDS,
  failure,
  GRACE,
  jsonApi,
  PLAIN,
  proxyOf,
  requests,
  reset,
  type Simulator,
  served,
  startFieldsSite,
} from "./simulated-drupal.ts";

let drupal: Simulator;
beforeAll(async () => {
  drupal = await startFieldsSite();
});
beforeEach(() => reset(drupal.url));
afterAll(() => drupal.close());

const users = () => connect(drupal.url);

describe("roles", () => {
  const rolesOf = async () => (await users().getUser(GRACE, {}))?.roles;

  it("are given and taken by machine name; again changes nothing", async () => {
    for (const role of ["editor_role", "content_editor", "editor_role"])
      await users().assignRole(GRACE, role);
    expect(await rolesOf()).toEqual(["editor_role", "content_editor"]);
    for (const role of ["editor_role", "editor_role"]) await users().removeRole(GRACE, role);
    expect(await rolesOf()).toEqual(["content_editor"]);
  });

  it("are found once for some minutes, with and without the right to see them", async () => {
    for (const account of ["svc-sync", "svc-roles"]) {
      const connected = connect(drupal.url, account);
      await connected.assignRole(GRACE, "editor_role");
      const before = await requests(drupal.url);
      await connected.removeRole(GRACE, "editor_role");
      expect((await requests(drupal.url)) - before, account).toBe(1);
    }
    expect(await rolesOf()).toEqual([]);
  });

  it("change while other fields of the account are broken", async () => {
    const references = { field_manager: PLAIN, field_team: "Engineering" };
    await users().updateUser(GRACE, references, FIELDS);
    await users().assignRole(GRACE, "editor_role");
    drupal.simulation.site.users.remove(PLAIN);
    drupal.simulation.site.taxonomy.remove(1);
    await users().assignRole(GRACE, "content_editor");
    expect(await rolesOf()).toEqual(["editor_role", "content_editor"]);
    await users().removeRole(GRACE, "editor_role");
    expect(await rolesOf()).toEqual(["content_editor"]);
  });

  it("that the site does not have are refused", async () => {
    expect(await failure(users().assignRole(GRACE, "nope"))).toMatchObject({
      kind: "rejected",
      code: "roleUnknown",
      attribute: "roles",
    });
  });

  it("that are not told apart ask for the right to see them", async () => {
    const everything = jsonApi(200, {
      data: [],
      meta: {
        omitted: {
          links: Object.fromEntries(
            ["help", "item--a", "item--b"].map((name) => [
              name,
              { href: `${drupal.url}/jsonapi/user_role/user_role/${crypto.randomUUID()}` },
            ]),
          ),
        },
      },
    });
    const proxy = proxyOf(drupal.url, (_method, path) =>
      path.includes("user_role") ? everything : null,
    );
    await served(proxy, async (url) => {
      expect(await failure(connect(url).assignRole(GRACE, "editor_role"))).toMatchObject({
        kind: "rejected",
        code: "rolesUnreadable",
        message: expect.stringContaining("administer permissions"),
      });
    });
    expect(await rolesOf()).toEqual([]);
  });

  it("that were made anew are asked for again the next time", async () => {
    const connected = users();
    await connected.assignRole(GRACE, "editor_role");
    await connected.removeRole(GRACE, "editor_role");
    const { site } = drupal.simulation;
    const anew = site.roles.map((role) =>
      role.id === "editor_role" ? { ...role, uuid: crypto.randomUUID() } : role,
    );
    drupal.simulation.site = { ...site, roles: anew };
    expect(await failure(connected.assignRole(GRACE, "editor_role"))).toMatchObject({
      kind: "transient",
      code: "roleReplaced",
    });
    await connected.assignRole(GRACE, "editor_role");
    expect(await rolesOf()).toEqual(["editor_role"]);
  });

  it("of an account that is gone are not found", async () => {
    expect(await failure(users().assignRole(crypto.randomUUID(), "editor_role"))).toMatchObject({
      kind: "notFound",
    });
  });
});
