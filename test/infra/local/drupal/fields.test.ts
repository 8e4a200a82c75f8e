// Fields of other types than text on the seeded site: what is written, refused, referred to, found and included.
import { afterAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { startDrupalSimulator } from "../../../../infra/local/drupal/start-drupal-simulator.ts";
import {
  type Answer,
  ask,
  create,
  details,
  names,
  patch,
  pointers,
  read,
} from "./drupal-client.ts";

const PEOPLE = 30;
const USERS = "/jsonapi/user/user";
const TERMS = "/jsonapi/taxonomy_term/teams";
const simulator = await startDrupalSimulator({ people: PEOPLE });
const { url } = simulator;
afterAll(() => simulator.close());
beforeEach(async () => {
  await ask(url, "POST", "/_control/reset");
});

const identifier = z.object({ type: z.string(), id: z.string() });
const linked = z.object({
  data: z.object({
    relationships: z.record(z.string(), z.object({ data: z.unknown() })),
  }),
  included: z
    .array(identifier.extend({ attributes: z.record(z.string(), z.unknown()).optional() }))
    .optional(),
});

const term = (name: string) => ({
  type: "taxonomy_term--teams",
  id: simulator.simulation.site.taxonomy.inOrder("teams").find((each) => each.name === name)?.uuid,
});
const person = (uid: number) => ({
  type: "user--user",
  id: simulator.simulation.site.users.byUid(uid)?.uuid ?? "",
});
const link = (id: string, relationships: Readonly<Record<string, unknown>>): Promise<Answer> =>
  ask(url, "PATCH", `${USERS}/${id}`, {
    data: {
      type: "user--user",
      id,
      relationships: Object.fromEntries(
        Object.entries(relationships).map(([name, data]) => [name, { data }]),
      ),
    },
  });
const query = (text: string): Promise<Answer> =>
  ask(url, "GET", text.replaceAll("[", "%5B").replaceAll("]", "%5D"));

test("seeded people have a value of each kind, some have none, and references are no attributes", async () => {
  const some = await read(url, person(11).id);
  expect(some).toMatchObject({
    field_employee_number: 1002,
    field_newsletter: false,
    field_office: "branch",
    field_start_date: "2015-02-11",
    field_phone: "+49 30 5550 0001",
  });
  expect(some).not.toHaveProperty("field_team");
  expect(await read(url, person(19).id)).toMatchObject({
    field_employee_number: null,
    field_newsletter: null,
    field_office: null,
  });
});

test.each([
  ["field_employee_number", "4711", 4711],
  ["field_employee_number", false, null],
  ["field_newsletter", "0", false],
  ["field_newsletter", null, null],
  ["field_office", "", null],
  ["field_office", ["hq"], "hq"],
  ["field_start_date", "2024-2-9", "2024-02-09"],
  ["field_phone", 4930, "4930"],
])("%s takes %j and then holds %j", async (field, given, kept) => {
  const { id } = await create(url, { name: "typed" });
  expect((await patch(url, id, { [field]: given })).status).toBe(200);
  expect((await read(url, id))[field]).toBe(kept);
});

test.each([
  ["field_employee_number", "x", 3, "/data/attributes/field_employee_number/value"],
  ["field_employee_number", 0, 1, "/data/attributes/field_employee_number/value"],
  ["field_newsletter", "", 1, "/data/attributes/field_newsletter/value"],
  ["field_office", "HQ", 1, "/data/attributes/field_office/0"],
  ["field_office", ["hq", "home"], 1, "/data/attributes/field_office"],
  ["field_start_date", "", 1, undefined],
  ["field_start_date", "2024-02-29T10:00:00Z", 1, undefined],
])("%s refuses %j", async (field, given, count, pointer) => {
  const { id } = await create(url, { name: "typed" });
  const answer = await patch(url, id, { [field]: given });
  expect(answer.status).toBe(422);
  expect(pointers(answer)).toEqual(Array.from({ length: count }, () => pointer));
});

test("several bad fields are told at once and nothing is written", async () => {
  const { id } = await create(url, { name: "typed", field_department: "Old" });
  const bad = { field_department: "New", field_employee_number: 0, field_office: "moon" };
  const answer = await patch(url, id, bad);
  expect(pointers(answer)).toEqual([
    "/data/attributes/field_employee_number/value",
    "/data/attributes/field_office/0",
  ]);
  expect((await read(url, id)).field_department).toBe("Old");
});

test("an equal value in another notation does not move `changed`", async () => {
  const { id } = await create(url, { name: "typed", field_employee_number: 12 });
  const { changed } = await read(url, id);
  simulator.simulation.site.settings.clockOffsetMs = 60_000;
  await patch(url, id, { field_employee_number: "12", field_newsletter: null });
  expect((await read(url, id)).changed).toBe(changed);
  await patch(url, id, { field_employee_number: 13 });
  expect((await read(url, id)).changed).not.toBe(changed);
});

test("a reference is written by UUID, and its label comes with an include", async () => {
  const { id } = await create(url, { name: "typed" });
  expect((await link(id, { field_team: term("Cassini"), field_manager: person(10) })).status).toBe(
    200,
  );
  const path = `${USERS}/${id}?include=field_team,field_manager&fields[taxonomy_term--teams]=name`;
  const { data, included = [] } = linked.parse((await query(path)).body);
  expect(data.relationships.field_team?.data).toEqual({
    ...term("Cassini"),
    meta: { drupal_internal__target_id: 3 },
  });
  expect(included[0]?.attributes).toEqual({ name: "Cassini" });
  expect(included[1]?.id).toBe(person(10).id);
});

test("what a reference may not lead to is told apart: unknown, not published, not a number", async () => {
  const { id } = await create(url, { name: "typed" });
  const nobody = { type: "user--user", id: "00000000-0000-4000-8000-000000000000" };
  expect((await link(id, { field_manager: nobody })).status).toBe(404);
  const hidden = await link(id, { field_team: term("Unannounced") });
  expect(hidden.status).toBe(422);
  expect(pointers(hidden)).toEqual(["/data/attributes/field_team/target_id"]);
  const answer = await patch(url, id, { field_team: term("Apollo").id });
  expect(details(answer)).toEqual([
    "The following relationship fields were provided as attributes: [ field_team ]",
  ]);
});

test("a reference of the wrong entity type stores the number all the same", async () => {
  const { id } = await create(url, { name: "typed" });
  expect((await link(id, { field_team: person(2) })).status).toBe(200);
  const { data } = linked.parse((await ask(url, "GET", `${USERS}/${id}`)).body);
  expect(data.relationships.field_team?.data).toMatchObject(term("Borealis"));
});

test("a deleted target reads as missing, and then roles cannot be changed by their own route", async () => {
  const { id } = await create(url, { name: "typed" });
  const boss = await create(url, { name: "boss" });
  await link(id, { field_manager: { type: "user--user", id: boss.id } });
  simulator.simulation.site.users.remove(boss.id);
  const { data } = linked.parse((await ask(url, "GET", `${USERS}/${id}`)).body);
  expect(data.relationships.field_manager?.data).toMatchObject({ id: "missing" });
  const role = simulator.simulation.site.roles.find((each) => each.id === "editor_role");
  const roles = [{ type: "user_role--user_role", id: role?.uuid }];
  const refused = await ask(url, "POST", `${USERS}/${id}/relationships/roles`, { data: roles });
  expect(pointers(refused)).toEqual(["/data/attributes/field_manager/target_id"]);
  expect((await link(id, { roles })).status).toBe(200);
});

test("terms are found by name; beyond ASCII only IN ignores case, and unpublished ones are not found", async () => {
  const found = async (filter: string): Promise<unknown> =>
    names(await query(`${TERMS}?${filter}`));
  expect(await found("filter[name]=APOLLO")).toEqual(["Apollo"]);
  expect(await found("filter[name]=über uns")).toEqual([]);
  expect(await found("filter[name][operator]=IN&filter[name][value][]=über uns")).toEqual([
    "Über uns",
  ]);
  expect(await found("filter[name]=Unannounced")).toEqual([]);
  expect(names(await ask(url, "GET", TERMS))).toHaveLength(4);
});

test("people are found by number, key, date, team and manager", async () => {
  const found = async (filter: string): Promise<number> =>
    names(await query(`${USERS}?${filter}`)).length;
  expect(await found("filter[field_employee_number]=1002")).toBe(1);
  expect(await found("filter[field_office]=HQ")).toBe(0);
  expect(await found("filter[field_newsletter]=1")).toBe(9);
  expect(await found("filter[field_team.name]=apollo")).toBe(8);
  expect(await found(`filter[field_manager.id]=${person(10).id}`)).toBe(8);
  expect((await query(`${USERS}?filter[field_team]=1`)).status).toBe(400);
});

test("a create that is repeated with its UUID is 422 for the name, and 409 only under another name", async () => {
  const id = "5b0c6f1e-7d1a-4c55-9d0b-6f1f6a2c1e01";
  const post = (name: string, uuid: string): Promise<Answer> =>
    ask(url, "POST", USERS, { data: { type: "user--user", id: uuid, attributes: { name } } });
  expect((await post("again", id)).status).toBe(201);
  const repeated = await post("again", id);
  expect([repeated.status, pointers(repeated)]).toEqual([422, ["/data/attributes/name"]]);
  expect((await post("other", id)).status).toBe(409);
  expect((await post("other", id.toUpperCase())).status).toBe(422);
});

test("names that differ in the case of an umlaut pass validation and break on the database", async () => {
  await create(url, { name: "jürgen", mail: "jürgen@contoso.example" });
  const same = { name: "JÜRGEN", mail: "JÜRGEN@contoso.example" };
  const post = (attributes: unknown): Promise<Answer> =>
    ask(url, "POST", USERS, { data: { type: "user--user", attributes } });
  expect((await post(same)).status).toBe(500);
  expect((await post({ ...same, name: "other" })).status).toBe(201);
});

test("the UUID of a role can be had by its machine name without the right to read roles", async () => {
  const path = "/jsonapi/user_role/user_role?filter[drupal_internal__id]=editor_role";
  const { body } = await query(path);
  const uuid = simulator.simulation.site.roles.find(({ id }) => id === "editor_role")?.uuid ?? "?";
  expect(body).toMatchObject({ data: [] });
  expect(JSON.stringify(body)).toContain(`/jsonapi/user_role/user_role/${uuid}"`);
});
