// Fields of every kind, read and written over real sockets against the site of contract/drupal-fields.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Attributes } from "../../../src/rules/users.ts";
import {
  BOSS,
  connect,
  FIELDS,
  failure,
  GRACE,
  jsonApi,
  proxyOf,
  requests,
  reset,
  type Simulator,
  served,
  startFieldsSite,
  waitMinutes,
} from "./simulated-drupal.ts";

let drupal: Simulator;
beforeAll(async () => {
  drupal = await startFieldsSite();
});
beforeEach(() => reset(drupal.url));
afterAll(() => drupal.close());

const attributes = async (url = drupal.url): Promise<Attributes> =>
  (await connect(url).getUser(GRACE, FIELDS))?.attributes ?? {};
const write = (values: Attributes) => connect(drupal.url).updateUser(GRACE, values, FIELDS);

const FILLED = {
  field_department: "Über uns",
  field_employee_number: 4711,
  field_rating: "4.5",
  field_newsletter: true,
  field_office: "hq",
  field_interests: ["chess", "music"],
  field_phones: ["+49 1", "+49 2"],
  field_start_date: "2024-02-29",
  field_last_review: "2024-02-29T08:00:00+00:00",
  field_team: "Engineering",
  field_teams: ["Forschung & Entwicklung", "Engineering"],
  field_manager: BOSS,
};

describe("every kind of field", () => {
  it("is empty in a new account: known to be, not unreadable", async () => {
    const read = await attributes();
    for (const name of Object.keys(FILLED)) {
      const isEmpty = read[name] === null || JSON.stringify(read[name]) === "[]";
      expect(isEmpty, name).toBe(true);
    }
  });

  it("reads back as it was written, in one request", async () => {
    await write(FILLED);
    expect(await attributes()).toMatchObject(FILLED);
  });

  it("is emptied by null", async () => {
    await write(FILLED);
    await write(Object.fromEntries(Object.keys(FILLED).map((name) => [name, null])));
    const read = await attributes();
    expect(read.field_team).toBeNull();
    expect(read.field_manager).toBeNull();
    expect(read.field_teams).toBeNull();
    expect(read.field_newsletter).toBeNull();
    expect(read.field_interests).toEqual([]);
    expect(read.field_start_date).toBeNull();
  });

  it("is emptied by empty text too, which Drupal would refuse for dates and flags", async () => {
    await write(FILLED);
    await write({ field_start_date: "", field_newsletter: "", field_team: "" });
    expect(await attributes()).toMatchObject({
      field_start_date: null,
      field_newsletter: null,
      field_team: null,
    });
  });

  it("that is formatted text or a link reads as its text or address", async () => {
    await write({ field_bio: "Wrote a compiler", field_homepage: "https://example.com/grace" });
    expect(await attributes()).toMatchObject({
      field_bio: "Wrote a compiler",
      field_homepage: "https://example.com/grace",
    });
  });

  it("may be a date range, which has no counterpart: absent, not half of it", async () => {
    const range = { value: "2024-01-01", end_value: "2024-02-01" };
    const user = drupal.simulation.site.users.get(GRACE);
    const whole = jsonApi(200, {
      data: {
        id: GRACE,
        attributes: {
          drupal_internal__uid: user?.uid,
          name: "grace.hopper",
          mail: null,
          status: true,
          changed: "2026-11-24T23:05:35+00:00",
          field_leave: range,
          field_numbers: [1, 2],
          field_links: [{ uri: "https://a.example" }, { uri: "https://b.example" }],
          field_strange: [{ lat: 1 }],
        },
        relationships: { roles: { data: [] } },
      },
    });
    const proxy = proxyOf(drupal.url, (_method, path) => (path.includes(GRACE) ? whole : null));
    const read = await served(proxy, attributes);
    expect(read).not.toHaveProperty("field_leave");
    expect(read).not.toHaveProperty("field_strange");
    expect(read).toMatchObject({
      field_numbers: ["1", "2"],
      field_links: ["https://a.example", "https://b.example"],
    });
  });
});

describe("a reference", () => {
  it("that is not declared is no attribute, and nothing is included for it", async () => {
    await write(FILLED);
    const user = await connect(drupal.url).getUser(GRACE, {});
    expect(user?.attributes).not.toHaveProperty("field_team");
    expect(user?.attributes).not.toHaveProperty("field_manager");
  });

  it("to a term that we may not see, or that is gone, is absent, not empty", async () => {
    await write(FILLED);
    const { taxonomy } = drupal.simulation.site;
    const term = taxonomy.byTid(1);
    if (term === undefined) throw new Error("no such term");
    taxonomy.put({ ...term, published: false });
    expect(await attributes()).not.toHaveProperty("field_team");
    expect(await attributes()).not.toHaveProperty("field_teams");
    taxonomy.remove(1);
    expect(await attributes()).not.toHaveProperty("field_team");
    expect((await attributes()).field_manager).toBe(BOSS);
  });

  it("to a user who is gone is absent", async () => {
    await write(FILLED);
    drupal.simulation.site.users.remove(BOSS);
    expect(await attributes()).not.toHaveProperty("field_manager");
  });

  it("finds its term whatever the case, beyond ASCII too", async () => {
    await write({ field_team: "ÜBER UNS" });
    expect((await attributes()).field_team).toBe("Über uns");
  });

  it("to an unknown or ambiguous label is refused by name, before anything is written", async () => {
    for (const [label, code] of [
      ["Nobody", "termUnknown"],
      ["Secret Projects", "termUnknown"],
      ["Fiction", "termUnknown"],
      ["Sales", "termAmbiguous"],
    ]) {
      const refused = write({ field_first_name: "Grace", field_team: label ?? "" });
      expect(await failure(refused), label).toMatchObject({
        kind: "rejected",
        code,
        attribute: "field_team",
      });
    }
    expect((await attributes()).field_first_name).toBeNull();
  });

  it("remembers a term for some minutes, and asks anew when Drupal lost it", async () => {
    const users = connect(drupal.url);
    const set = (label: string) => users.updateUser(GRACE, { field_team: label }, FIELDS);
    await set("Engineering");
    const before = await requests(drupal.url);
    await set("Engineering");
    expect((await requests(drupal.url)) - before).toBe(1);
    const { taxonomy } = drupal.simulation.site;
    const term = taxonomy.byTid(1);
    if (term === undefined) throw new Error("no such term");
    taxonomy.remove(1);
    taxonomy.put({ ...term, tid: 20, uuid: crypto.randomUUID() });
    expect(await failure(set("Engineering"))).toMatchObject({
      kind: "rejected",
      code: "referenceUnknown",
      attribute: "field_team",
    });
    await set("Engineering");
    expect((await attributes()).field_team).toBe("Engineering");
  });

  it("asks again for a term after some minutes", async () => {
    const users = connect(drupal.url);
    await users.updateUser(GRACE, { field_team: "Engineering" }, FIELDS);
    waitMinutes(6);
    const before = await requests(drupal.url);
    await users.updateUser(GRACE, { field_team: "Engineering" }, FIELDS);
    // Who we are, the term, the account.
    expect((await requests(drupal.url)) - before).toBe(3);
  });

  it("to a user who does not exist, or is no UUID, is refused by name", async () => {
    for (const manager of [crypto.randomUUID(), "grace"])
      expect(await failure(write({ field_manager: manager }))).toMatchObject({
        kind: "rejected",
        attribute: "field_manager",
      });
  });

  it("takes its UUID in capitals", async () => {
    await write({ field_manager: BOSS.toUpperCase() });
    expect((await attributes()).field_manager).toBe(BOSS);
  });
});

describe("a refused value", () => {
  it.each([
    ["field_employee_number", 100_000],
    ["field_office", "HQ"],
    ["field_interests", ["chess", "golf"]],
    ["field_start_date", "2023-02-29"],
    ["field_nope", "x"],
    ["timezone", "GMT"],
    ["field_department", "x".repeat(256)],
  ])("names its field: %s", async (name, value) => {
    expect(await failure(write({ [name]: value }))).toMatchObject({
      kind: "rejected",
      code: "drupalRefused",
      attribute: name,
    });
  });

  it("is never in the message", async () => {
    const error = await failure(write({ field_start_date: "2023-02-29" }));
    expect(String(error)).not.toContain("2023-02-29");
  });

  it("writes nothing of the other values", async () => {
    await failure(write({ field_first_name: "Grace", field_employee_number: 0 }));
    expect((await attributes()).field_first_name).toBeNull();
  });
});

describe("a field that is declared and that the site does not have", () => {
  it("is a refusal that names it", async () => {
    const fields = {
      ...FIELDS,
      field_group: { type: "term", vocabulary: "teams", multiple: false },
    } as const;
    expect(await failure(connect(drupal.url).getUser(GRACE, fields))).toMatchObject({
      kind: "rejected",
      code: "drupalFieldUnknown",
      attribute: "field_group",
    });
  });
});
