// Searching a simulated site for people: by the beginning of names and addresses, and never believing an anonymous answer.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createDrupalPeople } from "../../../src/connectors/drupal/people.ts";
import {
  clientOf,
  connect,
  failure,
  GRACE,
  jsonApi,
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

const now = () => new Date(0);
const peopleOf = (url = drupal.url, name = "svc-sync", password = "Test-Pass-1") =>
  createDrupalPeople(clientOf(url, name, password, now));

const names = async (text: string, most = 50, people = peopleOf()) =>
  (await people.startingWith(text, most)).users.map(({ name }) => name);

async function create(name: string, mail = `${crypto.randomUUID()}@example.org`) {
  await connect(drupal.url).createUser(
    { uuid: crypto.randomUUID(), name, values: { mail, status: true } },
    {},
  );
}

describe("people of a site", () => {
  it("are found by the beginning of their name or mail, in any case, and by nothing else", async () => {
    await create("Zora.Neale", "hurston@example.org");
    expect(await names("zora.n")).toEqual(["Zora.Neale"]);
    expect(await names("HURSTON@EX")).toEqual(["Zora.Neale"]);
    expect(await names("neale")).toEqual([]);
    expect(await names("example.org")).toEqual([]);
    expect(await peopleOf().startingWith("grace.h", 5)).toMatchObject({
      users: [{ uuid: GRACE, name: "grace.hopper" }],
      hasMore: false,
    });
  });

  it("are found beyond ASCII in the case that people write, whatever the database folds", async () => {
    await create("Émilie Ünal");
    for (const text of ["émilie", "Émilie", "ÉMILIE", "E\u0301milie".normalize("NFC")])
      expect(await names(text), text).toEqual(["Émilie Ünal"]);
    expect(await names("emilie")).toEqual([]);
  });

  it("may have any sign in their names, and a sign of SQL's patterns means itself", async () => {
    const odd = ["O'Brien", "a+b", "a.b_c", "R'n'B ' or", "jürgen.ß"];
    for (const name of odd) await create(name);
    for (const name of odd) expect(await names(name), name).toEqual([name]);
    for (const text of ["%", "_", "a_b", "a.bxc", "O%", "a b"])
      expect(await names(text), text).toEqual([]);
  });

  it("come in the order of their names, and as many as were asked for", async () => {
    for (const name of ["ppp.3", "ppp.1", "ppp.2"]) await create(name);
    expect(await names("ppp")).toEqual(["ppp.1", "ppp.2", "ppp.3"]);
    expect(await peopleOf().startingWith("ppp", 3)).toMatchObject({ hasMore: false });
    expect(await peopleOf().startingWith("ppp", 2)).toMatchObject({
      users: [{ name: "ppp.1" }, { name: "ppp.2" }],
      hasMore: true,
    });
  });

  it("are fifty at most, and a page that is full says so", async () => {
    for (let at = 0; at < 55; at += 1) await create(`crowd.${at}`);
    const found = await peopleOf().startingWith("crowd", 80);
    expect([found.users.length, found.hasMore]).toEqual([50, true]);
  });

  it("include our own account only when it is meant", async () => {
    expect(await names("svc-s")).toEqual(["svc-sync"]);
    expect(await names("nobody.at.all")).toEqual([]);
  });
});

describe("nobody", () => {
  it("costs one request once we are known", async () => {
    const people = peopleOf();
    await names("grace", 5, people);
    const before = await requests(drupal.url);
    expect(await names("nobody", 5, people)).toEqual([]);
    expect((await requests(drupal.url)) - before).toBe(1);
  });

  it("is not believed of an anonymous answer, nor of somebody who may not see users whole", async () => {
    expect(await failure(names("nobody", 5, peopleOf(drupal.url, "svc-sync", "no")))).toMatchObject(
      { kind: "access", code: "drupalCredentialsRefused" },
    );
    for (const account of ["plain", "reader"])
      expect(
        await failure(names("nobody", 5, peopleOf(drupal.url, account))),
        account,
      ).toMatchObject({ kind: "access", code: "drupalRightsMissing" });
  });

  it("is believed of no empty answer before our rights are proven again", async () => {
    let isOut = false;
    const proxy = proxyOf(drupal.url, (_method, path) => {
      if (path.includes("STARTS_WITH")) isOut = true;
      return isOut ? jsonApi(200, { data: [], links: {} }) : null;
    });
    await served(proxy, async (url) => {
      expect(await failure(names("nobody", 5, peopleOf(url)))).toMatchObject({ kind: "access" });
    });
  });
});
