// A search box's questions through the real door, and what the page of one user asks: both simulators, one side away.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { userSearchAnswer } from "../../src/api/user-search.ts";
import { eventually, type Stack, startStack } from "./stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

const ask = (parameters: Readonly<Record<string, string>>) =>
  stack.api(`/users?${new URLSearchParams(parameters)}`);

async function search(text: string, limit = "25") {
  const response = await ask({ search: text, limit });
  expect([text, response.status]).toEqual([text, 200]);
  return userSearchAnswer.parse(await response.json());
}

const names = async (text: string) => (await search(text)).items.map(({ name }) => name);

async function linkedUser(name: string, attributes: object = {}) {
  const uuid = await stack.createDrupalUser(name, attributes);
  const upn = `${name}@contoso.example`;
  const account = await eventually(`${name} in Entra`, () => stack.entraUser(upn));
  await eventually(`the link of ${name}`, async () => (await stack.api(`/links/${uuid}`)).ok);
  return { uuid, id: account.id, upn };
}

describe("GET users", () => {
  it("finds a linked person once: by name, mail, a part of the UPN, and either id", async () => {
    const { uuid, id, upn } = await linkedUser("ada.lovelace", {
      mail: "countess@contoso.example",
      field_first_name: "Ada",
      field_last_name: "Lovelace",
    });
    for (const text of ["ada.l", "ADA LOVE", "lovel", "countess@", upn, uuid, id.toUpperCase()]) {
      const { items, isPartial, failures } = await search(text);
      expect(items, text).toMatchObject([
        {
          drupalName: "ada.lovelace",
          drupalUuid: uuid,
          entraObjectId: id,
          userPrincipalName: upn,
          isEnabled: { drupal: true, entra: true },
          linked: true,
        },
      ]);
      expect({ isPartial, failures }).toEqual({ isPartial: false, failures: [] });
    }
  });

  it("finds who is on one side only", async () => {
    await stack.hook(stack.host, { url: "http://127.0.0.1:9/" });
    const uuid = await stack.createDrupalUser("solo.drupal");
    const id = await stack.createEntraUser("solo.entra", { accountEnabled: false });
    const { items } = await search("solo");
    expect(items).toMatchObject([
      { drupalUuid: uuid, entraObjectId: null, linked: false, isEnabled: { entra: null } },
      { drupalUuid: null, entraObjectId: id, isEnabled: { drupal: null, entra: false } },
    ]);
    expect((await search("solo", "1")).hasMore).toBe(true);
  });

  it("takes what people type for a text, whatever signs it holds", async () => {
    const drupalNames = ["Pat O'Brien", "plus+sign", "émile.zola", "a.b-c d"];
    for (const [at, name] of drupalNames.entries())
      await stack.createDrupalUser(name, { mail: `odd${at}@contoso.example` });
    for (const name of [...drupalNames, "Émile", "pat o'"])
      expect(await names(name), name).toHaveLength(1);
    const displayNames = ["Q&A team", "100% sure", "Zoë 🦊 #1", "Conan O'Brien"];
    for (const [at, displayName] of displayNames.entries())
      await stack.createEntraUser(`odd${at}.e`, { displayName });
    for (const name of displayNames) expect(await names(name), name).toEqual([name]);
    expect(await names("q&a")).toEqual(["Q&A team"]);
  });

  it("lets nothing out of its quotes: who is not called so is not found", async () => {
    for (const text of [
      "' or 1 eq 1 or '",
      "') or startsWith(displayName,'",
      "'' or ''",
      "x' and accountEnabled eq true or 'a' eq 'a",
      "%%",
      "__",
      "_d_",
      "a%",
      "&$top=999&$filter=",
      "&filter[x]=1",
      "x&page[limit]=50",
      "]=1&sort=-uid",
      "../../me",
      "\\'; DROP TABLE users; --",
      "$count",
      "#fragment",
    ])
      expect(await names(text), text).toEqual([]);
  });

  it("refuses a question that is none, with every fault", async () => {
    const fault = z.looseObject({
      code: z.string(),
      faults: z.array(z.object({ path: z.string() })),
    });
    for (const [parameters, paths] of [
      [{}, ["search"]],
      [{ search: " a " }, ["search"]],
      [{ search: "x".repeat(101) }, ["search"]],
      [{ search: "a\u0000b" }, ["search"]],
      [{ search: "a\nb", limit: "26" }, ["search", "limit"]],
      [{ search: "ada", limit: "0" }, ["limit"]],
      [{ search: "ada", limit: "1.5" }, ["limit"]],
    ] as const) {
      const response = await ask(parameters);
      const { code, faults } = fault.parse(await response.json());
      expect([response.status, code, faults.map(({ path }) => path)]).toEqual([
        400,
        "invalidQuery",
        paths,
      ]);
    }
    expect((await ask({ search: "  ada.lovelace  " })).status).toBe(200);
    expect((await stack.api("/users?search=ada&search=bob")).status).toBe(400);
  });
});

const page = z.object({
  link: z.looseObject({ drupalUuid: z.string() }).nullable(),
  explanation: z.looseObject({
    processing: z.looseObject({
      attributes: z.array(z.looseObject({ entra: z.string().nullable(), moved: z.string() })),
    }),
  }),
  escrow: z
    .strictObject({
      system: z.string(),
      reason: z.object({ code: z.string(), message: z.string() }),
      attempts: z.number(),
      since: z.iso.datetime(),
      at: z.iso.datetime(),
      nextAt: z.iso.datetime().nullable(),
    })
    .nullable(),
  photo: z
    .strictObject({
      hash: z.string().nullable(),
      reason: z.object({ code: z.string(), message: z.string() }),
      seenAt: z.iso.datetime(),
      missingSince: z.iso.datetime().nullable(),
      isUploadPending: z.boolean(),
    })
    .nullable(),
});

const pageOf = async (id: string) => page.parse(await (await stack.api(`/links/${id}`)).json());

describe("GET links/{id}", () => {
  it("says of each row which side moved, and what the look at the picture came to", async () => {
    await stack.hook(stack.host);
    const called = { field_first_name: "Mary", field_last_name: "Shelley" };
    const { uuid, id } = await linkedUser("mary.shelley", called);
    const seen = await eventually("a look at the picture", async () => {
      const shown = await pageOf(id);
      return shown.photo !== null && shown;
    });
    expect(seen).toMatchObject({
      escrow: null,
      photo: { hash: null, reason: { code: "photoMissing" }, isUploadPending: false },
    });
    await stack.control("drupal", { webhook: { url: "http://127.0.0.1:9/" } });
    await stack.editDrupalUser(uuid, { field_last_name: "Godwin" });
    const { attributes } = (await pageOf(uuid)).explanation.processing;
    const moved = Object.fromEntries(attributes.map((row) => [row.entra, row.moved]));
    expect(moved).toMatchObject({ surname: "drupal", givenName: "neither" });
    expect(JSON.stringify(attributes)).not.toContain("print");
  });

  it("shows that the user waits to be tried again, since when and why", async () => {
    await stack.hook(stack.host);
    const fault = { method: "POST", path: "^/v1.0/users$", kind: "status", status: 400 };
    await stack.control("graph", { faults: [fault] });
    const uuid = await stack.createDrupalUser("waits.here");
    const shown = await eventually("in escrow", async () => {
      const response = await stack.api(`/links/${uuid}`);
      const answer = response.ok ? page.parse(await response.json()) : null;
      return answer?.escrow != null && answer;
    });
    expect(shown).toMatchObject({ escrow: { system: "entra", attempts: 1 }, photo: null });
    await stack.control("graph", { faults: [] });
  });
});

describe("a side that is away", () => {
  it("does not hide the other one", async () => {
    await stack.control("graph", { faults: [{ path: "/users", kind: "status", status: 503 }] });
    expect(await search("ada.l")).toMatchObject({
      items: [
        { drupalName: "ada.lovelace", linked: true, isEnabled: { drupal: true, entra: null } },
      ],
      isPartial: true,
      failures: [{ system: "entra" }],
    });
    await stack.control("graph", { faults: [] });
    await stack.control("drupal", {
      faults: [{ path: "/user/user", kind: "status", status: 503 }],
    });
    expect(await search("lovel")).toMatchObject({
      items: [{ name: "Ada Lovelace", linked: true, isEnabled: { drupal: null, entra: true } }],
      isPartial: true,
      failures: [{ system: "drupal", code: "drupalUnavailable" }],
    });
    await stack.control("drupal", { faults: [] });
    expect(await search("ada.l")).toMatchObject({ isPartial: false });
  });
});
