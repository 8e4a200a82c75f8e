// Creating, changing and cancelling Drupal accounts over real sockets: every refusal by its name, and nothing sent twice.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Attributes } from "../../../src/rules/users.ts";
import {
  connect,
  control,
  FIELDS,
  failure,
  GRACE,
  jsonApi,
  type OwnAnswer,
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
const create = (name: string, values: Attributes = {}, uuid: string = crypto.randomUUID()) =>
  users().createUser({ uuid, name, values: { status: true, ...values } }, FIELDS);
const update = (values: Attributes, uuid = GRACE) => users().updateUser(uuid, values, FIELDS);
const answering = (method: string, answer: OwnAnswer) =>
  proxyOf(drupal.url, (asked) => (asked === method ? answer : null));

describe("creating", () => {
  it("makes an account with our UUID, its state, fields and references", async () => {
    const uuid = crypto.randomUUID();
    const values = {
      mail: "ada@example.org",
      field_first_name: "Ada",
      field_employee_number: 7,
      field_team: "Engineering",
      field_manager: GRACE,
      field_office: null,
    };
    await create("ada", values, uuid.toUpperCase());
    expect(await users().getUser(uuid, FIELDS)).toMatchObject({
      uuid,
      name: "ada",
      enabled: true,
      attributes: values,
    });
    const blocked = crypto.randomUUID();
    await create("bob", { status: false }, blocked);
    expect((await users().getUser(blocked, {}))?.enabled).toBe(false);
  });

  it("that was done before says so, by whatever Drupal notices first", async () => {
    const uuid = crypto.randomUUID();
    await create("ada", { mail: "ada@example.org" }, uuid);
    const made = { kind: "alreadyExists", attribute: "uuid" };
    expect(await failure(create("ada", { mail: "ada@example.org" }, uuid))).toMatchObject(made);
    expect(await failure(create("other", {}, uuid))).toMatchObject(made);
  });

  it("names what another account holds: the name or the address, whatever the case", async () => {
    expect(await failure(create("GRACE.Hopper"))).toMatchObject({
      kind: "alreadyExists",
      code: "valueTaken",
      attribute: "name",
    });
    expect(await failure(create("new", { mail: "Grace.Hopper@Example.com" }))).toMatchObject({
      kind: "alreadyExists",
      attribute: "mail",
    });
    expect(await failure(create("plain", { mail: "grace.hopper@example.com" }))).toMatchObject({
      kind: "alreadyExists",
      attribute: "name",
    });
  });

  it("names a name or an address that Drupal does not accept: not taken, refused", async () => {
    expect(await failure(create("guest#EXT#"))).toMatchObject({
      kind: "rejected",
      code: "drupalRefused",
      attribute: "name",
    });
    expect(await failure(create("new", { mail: "no address" }))).toMatchObject({
      kind: "rejected",
      attribute: "mail",
    });
  });

  it("sees behind a 500 that two names differ in the case of letters beyond ASCII only", async () => {
    await create("jürgen.müller");
    const broken = jsonApi(500, { errors: [{ status: "500", detail: "SQLSTATE[23000]" }] });
    await served(answering("POST", broken), async (url) => {
      const make = (name: string) =>
        connect(url).createUser({ uuid: crypto.randomUUID(), name, values: {} }, FIELDS);
      expect(await failure(make("JÜRGEN.MÜLLER"))).toMatchObject({
        kind: "alreadyExists",
        attribute: "name",
      });
      expect(await failure(make("somebody"))).toMatchObject({
        kind: "transient",
        code: "drupalUnavailable",
      });
    });
  });
});

describe("changing", () => {
  it("writes exactly what it is given, the state included", async () => {
    await update({ field_first_name: "Grace", field_last_name: "Hopper" });
    await update({ status: false, mail: "g@example.com", name: "grace" });
    expect(await users().getUser(GRACE, FIELDS)).toMatchObject({
      name: "grace",
      mail: "g@example.com",
      enabled: false,
      attributes: { field_first_name: "Grace", field_last_name: "Hopper" },
    });
  });

  it("names what another account holds, and what cannot be empty", async () => {
    expect(await failure(update({ mail: "plain@example.com" }))).toMatchObject({
      kind: "alreadyExists",
      attribute: "mail",
    });
    expect(await failure(update({ name: "Plain" }))).toMatchObject({
      kind: "alreadyExists",
      attribute: "name",
    });
    expect(await failure(update({ mail: null }))).toMatchObject({
      kind: "rejected",
      attribute: "mail",
    });
  });

  it("an account that is gone is not found; a proxy's 404 says nothing", async () => {
    const gone = crypto.randomUUID();
    expect(await failure(update({ field_first_name: "x" }, gone))).toMatchObject({
      kind: "notFound",
      code: "drupalUserNotFound",
    });
    const page = { status: 404, type: "text/html", body: "<h1>Not found</h1>" };
    await served(answering("PATCH", page), async (url) => {
      const work = connect(url).updateUser(GRACE, { field_first_name: "x" }, FIELDS);
      expect(await failure(work)).toMatchObject({
        kind: "transient",
        code: "drupalAnswerUnexpected",
      });
    });
  });

  it("is not taken for done when something else answers 200", async () => {
    const page = { status: 200, type: "text/html", body: "<h1>Sign in</h1>" };
    for (const method of ["PATCH", "POST"])
      await served(answering(method, page), async (url) => {
        const other = connect(url);
        const uuid = crypto.randomUUID();
        const work =
          method === "PATCH"
            ? other.updateUser(GRACE, { field_first_name: "x" }, FIELDS)
            : other.createUser({ uuid, name: "new", values: {} }, FIELDS);
        expect(await failure(work)).toMatchObject({ code: "drupalAnswerUnexpected" });
      });
  });
});

describe("cancelling", () => {
  it("does what the site does with it, and is done when the account is gone", async () => {
    await users().deleteUser(GRACE);
    expect((await users().getUser(GRACE, {}))?.enabled).toBe(false);
    await control(drupal.url, { cancelMethod: "user_cancel_delete" });
    await users().deleteUser(GRACE);
    expect(await users().getUser(GRACE, {})).toBeNull();
    await users().deleteUser(GRACE);
  });

  it("is not taken for done because of a proxy's 404", async () => {
    const page = { status: 404, type: "text/html", body: "<h1>Not found</h1>" };
    await served(answering("DELETE", page), async (url) => {
      expect(await failure(connect(url).deleteUser(GRACE))).toMatchObject({ kind: "transient" });
    });
  });
});

const writes: [string, (url: string, name?: string, password?: string) => Promise<void>][] = [
  [
    "creating",
    (...as) =>
      connect(...as).createUser(
        { uuid: crypto.randomUUID(), name: "new", values: { status: true } },
        FIELDS,
      ),
  ],
  ["changing", (...as) => connect(...as).updateUser(GRACE, { field_first_name: "x" }, FIELDS)],
  ["giving a role", (...as) => connect(...as).assignRole(GRACE, "content_editor")],
  ["taking a role", (...as) => connect(...as).removeRole(GRACE, "content_editor")],
  ["cancelling", (...as) => connect(...as).deleteUser(GRACE)],
];

describe.each(writes)("%s", (_what, write) => {
  it("with a wrong password is an access failure, tried once", async () => {
    const before = await requests(drupal.url);
    expect(await failure(write(drupal.url, "svc-sync", "wrong"))).toMatchObject({
      kind: "access",
      code: "drupalCredentialsRefused",
    });
    expect((await requests(drupal.url)) - before).toBe(1);
  });

  it("without the right is refused, and says which right", async () => {
    expect(await failure(write(drupal.url, "plain"))).toMatchObject({
      kind: "rejected",
      code: "drupalForbidden",
      message: expect.stringContaining("administer users"),
    });
  });

  it("with credentials that end in the middle is an access failure", async () => {
    const anonymous = jsonApi(200, { data: [] });
    const forbidden = jsonApi(403, { errors: [{ status: "403", detail: "no" }] });
    let isOut = false;
    const proxy = proxyOf(drupal.url, (method, path) => {
      if (method !== "GET") isOut = true;
      if (!isOut) return null;
      return path === "/jsonapi" ? anonymous : forbidden;
    });
    await served(proxy, async (url) => {
      expect(await failure(write(url))).toMatchObject({
        kind: "access",
        code: "drupalCredentialsRefused",
      });
    });
  });

  it("to a site that only reads says how to mend that", async () => {
    await control(drupal.url, { readOnly: true });
    expect(await failure(write(drupal.url))).toMatchObject({
      kind: "access",
      code: "drupalReadOnly",
      message: expect.stringContaining("/admin/config/services/jsonapi"),
    });
  });

  it("when the site is down is transient, with its wish, and sent once", async () => {
    const method = _what === "creating" || _what === "giving a role" ? "POST" : undefined;
    const kind = { kind: "status", status: 503, retryAfterSeconds: 7 };
    const path = "/jsonapi/user/user";
    await control(drupal.url, {
      faults: [method === undefined ? { ...kind, path } : { ...kind, path, method }],
    });
    expect(await failure(write(drupal.url))).toMatchObject({
      kind: "transient",
      code: "drupalUnavailable",
      retryAfterMs: 7000,
    });
    // Who we are, perhaps the role's id, and the write.
    expect(await requests(drupal.url)).toBeLessThanOrEqual(3);
  });

  it("that breaks off is transient: it may or may not have happened", async () => {
    await control(drupal.url, {
      faults: ["POST", "PATCH", "DELETE"].map((method) => ({ method, kind: "dropAfterCommit" })),
    });
    expect(await failure(write(drupal.url))).toMatchObject({
      kind: "transient",
      code: "drupalUnreachable",
    });
  });
});
