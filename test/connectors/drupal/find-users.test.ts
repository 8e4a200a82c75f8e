// Looking users up over real sockets: nobody is believed only while we see everybody, and a hit only when it is one.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  BOSS,
  connect,
  control,
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

const find = async (attribute: string, value: string, users = connect(drupal.url)) =>
  (await users.findUsers({ attribute, value }, FIELDS)).map(({ uuid }) => uuid);

let made = 0;
async function create(values: Record<string, string | boolean | number>): Promise<string> {
  const uuid = crypto.randomUUID();
  made += 1;
  await connect(drupal.url).createUser({ uuid, name: `made.${made}`, values }, FIELDS);
  return uuid;
}

describe("users", () => {
  it("are found by address, whatever it holds and in whatever case it is stored", async () => {
    for (const mail of [
      "Ada+X@Example.org",
      "a&b@example.org",
      "a#b@example.org",
      "o'neill@example.org",
      "fifty%25@example.org",
      "jürgen@example.org",
    ]) {
      const uuid = await create({ mail });
      expect(await find("mail", mail.toLowerCase()), mail).toEqual([uuid]);
    }
    expect(await find("mail", "ada@example.org")).toEqual([]);
    expect(await find("mail", "ada+x@example.or")).toEqual([]);
  });

  it("are found by name and text without regard to case, beyond ASCII too", async () => {
    expect(await find("name", "grace.hopper")).toEqual([GRACE]);
    const uuid = await create({ field_department: "ÜBER UNS" });
    expect(await find("field_department", "über uns")).toEqual([uuid]);
    expect(await find("field_department", "über")).toEqual([]);
  });

  it("are found by number, key, term and manager", async () => {
    const uuid = await create({
      field_employee_number: 4711,
      field_office: "hq",
      field_team: "Engineering",
      field_manager: BOSS,
    });
    expect(await find("field_employee_number", "4711")).toEqual([uuid]);
    expect(await find("field_employee_number", "471")).toEqual([]);
    expect(await find("field_team", "engineering")).toEqual([uuid]);
    expect(await find("field_manager", BOSS)).toEqual([uuid]);
    const office = { ...FIELDS.field_office, type: "list", multiple: false } as const;
    const fields = { ...FIELDS, field_office: { ...office, values: ["hq", "branch"] } };
    const byKey = await connect(drupal.url).findUsers(
      { attribute: "field_office", value: "HQ" },
      fields,
    );
    expect(byKey).toMatchObject([{ uuid, attributes: { field_team: "Engineering" } }]);
  });

  it("are found by their own id; a value that is no id finds nobody", async () => {
    expect(await find("uuid", GRACE.toUpperCase())).toEqual([GRACE]);
    expect(await find("uuid", crypto.randomUUID())).toEqual([]);
    expect(await find("uuid", "grace")).toEqual([]);
    // Anonymous (uid 0) is shown to nobody whole.
    const anonymous = drupal.simulation.site.users.byUid(0)?.uuid ?? "";
    expect(await failure(find("uuid", anonymous))).toMatchObject({ code: "drupalUserUnreadable" });
  });

  it("are five at most", async () => {
    for (let index = 0; index < 7; index += 1) await create({ field_department: "Many" });
    expect(await find("field_department", "many")).toHaveLength(5);
  });

  it("include our own account only when it holds the value", async () => {
    const { uuid } = await connect(drupal.url).serviceAccount();
    expect(await find("name", "svc-sync")).toEqual([uuid]);
    expect(await find("mail", "svc-sync@example.com")).toEqual([uuid]);
  });
});

describe("nobody", () => {
  it("costs one request for a name or an address: our own account in the answer proves it", async () => {
    const users = connect(drupal.url);
    await find("mail", "nobody@example.org", users);
    const before = await requests(drupal.url);
    expect(await find("mail", "nobody@example.org", users)).toEqual([]);
    expect(await find("name", "nobody", users)).toEqual([]);
    expect((await requests(drupal.url)) - before).toBe(2);
  });

  it("is not believed of an anonymous answer", async () => {
    const wrong = connect(drupal.url, "svc-sync", "wrong");
    expect(await failure(find("name", "nobody", wrong))).toMatchObject({
      kind: "access",
      code: "drupalCredentialsRefused",
    });
  });

  it("is not believed when the credentials stop being right in the middle", async () => {
    const nobody = jsonApi(200, { data: [] });
    const anonymous = jsonApi(200, { data: [], links: {} });
    let isOut = false;
    const proxy = proxyOf(drupal.url, (_method, path) => {
      if (path.includes("filter")) isOut = true;
      if (!isOut) return null;
      return path === "/jsonapi" ? anonymous : nobody;
    });
    await served(proxy, async (url) => {
      for (const attribute of ["name", "mail", "field_department"])
        expect(await failure(find(attribute, "nobody@example.org", connect(url)))).toMatchObject({
          kind: "access",
          code: "drupalCredentialsRefused",
        });
    });
  });

  it("is not believed of somebody who may not see users whole", async () => {
    for (const account of ["plain", "reader"])
      for (const attribute of ["name", "mail", "field_department"])
        expect(
          await failure(find(attribute, "nobody", connect(drupal.url, account))),
          `${account} ${attribute}`,
        ).toMatchObject({ kind: "access", code: "drupalRightsMissing" });
  });

  it("is not believed once our right to see users was taken away", async () => {
    const users = connect(drupal.url);
    expect(await find("field_department", "nobody", users)).toEqual([]);
    const { users: accounts } = drupal.simulation.site;
    const service = accounts.byUid(2);
    if (service === undefined) throw new Error("no service account");
    accounts.put({ ...service, roles: [] });
    for (const attribute of ["field_department", "name"])
      expect(await failure(find(attribute, "nobody", users)), attribute).toMatchObject({
        kind: "access",
        code: "drupalRightsMissing",
      });
  });

  it("asked for under load is no way to lock the account when its password changes", async () => {
    await control(drupal.url, { latencyMs: 20 });
    let password = "Test-Pass-1";
    const users = connect(drupal.url, "svc-sync", () => password);
    await find("field_department", "nobody", users);
    const before = await requests(drupal.url);
    const running = Promise.allSettled(
      Array.from({ length: 30 }, () => find("field_department", "nobody", users)),
    );
    password = "changed";
    const results = await running;
    expect(results.every((one) => one.status === "rejected")).toBe(true);
    // Five wrong passwords lock an account for six hours (facts: drupal 2).
    expect((await requests(drupal.url)) - before).toBeLessThanOrEqual(4);
  });

  it("is not believed when a user is hidden from us", async () => {
    const users = connect(drupal.url);
    const whole = await users.getUser(PLAIN, {});
    const hidden = jsonApi(200, { data: [{ id: GRACE, attributes: { display_name: "x" } }] });
    const proxy = proxyOf(drupal.url, (_method, path) => (path.includes("filter") ? hidden : null));
    expect(whole).not.toBeNull();
    await served(proxy, async (url) => {
      expect(await failure(find("name", "nobody", connect(url)))).toMatchObject({
        kind: "rejected",
        code: "drupalUserUnreadable",
      });
    });
  });

  it("is not what a field means that the site does not have", async () => {
    expect(await failure(find("field_nope", "x"))).toMatchObject({
      kind: "rejected",
      code: "drupalFieldUnknown",
      attribute: "field_nope",
    });
  });
});
