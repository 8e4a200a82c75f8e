// The surprises of JSON:API users: what is created, what moves `changed`, what DELETE does, what gets lost.
import { afterAll, beforeEach, expect, test } from "vitest";
import { startDrupalSimulator } from "../../../../infra/local/drupal/start-drupal-simulator.ts";
import {
  ask,
  basic,
  control,
  create,
  details,
  one,
  patch,
  pointers,
  read,
  userDocument,
} from "./drupal-client.ts";

const simulator = await startDrupalSimulator({ people: 5 });
const { url } = simulator;
afterAll(() => simulator.close());
beforeEach(async () => {
  await ask(url, "POST", "/_control/reset");
});

const USERS = "/jsonapi/user/user";
const post = async (given: Readonly<Record<string, unknown>>) =>
  await ask(url, "POST", USERS, userDocument(given));

test("a user created without a status is blocked, and may lack mail and password", async () => {
  const made = one(await post({ name: "minimal" }));
  expect(made.attributes).toMatchObject({
    status: false,
    mail: null,
    timezone: "UTC",
    preferred_langcode: "en",
  });
});

test("a mail address that exists cannot be taken away", async () => {
  const { id } = await create(url, { name: "has.mail", mail: "has.mail@contoso.example" });
  expect(pointers(await patch(url, id, { mail: null }))).toEqual(["/data/attributes/mail"]);
});

test.each([
  ["guest#EXT#@contoso.example", "The username contains an illegal character."],
  [" leading", "The username cannot begin with a space."],
  ["two  spaces", "The username cannot contain multiple spaces in a row."],
  ["n".repeat(61), `The username ${"n".repeat(61)} is too long: it must be 60 characters or less.`],
  ["soft\u00adhyphen", "The username contains an illegal character."],
])("the name %j is refused", async (name, complaint) => {
  const answer = await post({ name });
  expect(answer.status).toBe(422);
  expect(details(answer)).toEqual([`name: ${complaint}`]);
});

test.each(["ada@contoso.example", "Zoë O'Brien-Łukasz +1", "Emoji 😀", "n".repeat(60)])(
  "the name %j is accepted",
  async (name) => {
    expect((await post({ name })).status).toBe(201);
  },
);

test("each violation is one error, and names and mails are compared without case", async () => {
  await create(url, { name: "ada", mail: "ada@contoso.example" });
  const answer = await post({ name: "ADA", mail: "Ada@Contoso.Example" });
  expect(answer.status).toBe(422);
  expect(pointers(answer)).toEqual(["/data/attributes/name", "/data/attributes/mail"]);
});

test("a changed name and mail are free for somebody else", async () => {
  const { id } = await create(url, { name: "first", mail: "first@contoso.example" });
  await patch(url, id, { name: "renamed", mail: "renamed@contoso.example" });
  expect((await post({ name: "first", mail: "first@contoso.example" })).status).toBe(201);
  const path = `${USERS}?filter[mail]=renamed@contoso.example`;
  expect(one(await ask(url, "GET", path)).id).toBe(id);
});

test("a client may choose the UUID once", async () => {
  const id = "6f1f3a52-1111-4222-8333-abcdefabcdef";
  const first = await ask(url, "POST", USERS, userDocument({ name: "chosen" }, id));
  expect(one(first).id).toBe(id);
  expect((await ask(url, "POST", USERS, userDocument({ name: "other" }, id))).status).toBe(409);
});

test("`changed` moves with a real change only", async () => {
  const { id } = await create(url, { name: "still", field_department: "R&D" });
  const before = (await read(url, id)).changed;
  await control(url, { clock: { offsetMs: 60_000 } });
  await patch(url, id, { field_department: "R&D" });
  expect((await read(url, id)).changed).toBe(before);
  await patch(url, id, { field_department: "Sales" });
  expect((await read(url, id)).changed).not.toBe(before);
});

test("a PATCH with one bad field changes nothing", async () => {
  const { id } = await create(url, { name: "atomic", field_first_name: "Old" });
  expect((await patch(url, id, { field_first_name: "New", mail: "bad" })).status).toBe(422);
  expect(await read(url, id)).toMatchObject({ field_first_name: "Old" });
});

test("a people's own account may change its fields, its mail with the old password, but not its name or status", async () => {
  const { id } = await create(url, {
    name: "self",
    pass: "old-pass",
    mail: "self@contoso.example",
  });
  const as = basic("self", "old-pass");
  expect((await patch(url, id, { field_department: "Mine" }, as)).status).toBe(200);
  expect((await patch(url, id, { name: "other" }, as)).status).toBe(403);
  expect((await patch(url, id, { status: false }, as)).status).toBe(403);
  expect((await patch(url, id, { mail: "new@contoso.example" }, as)).status).toBe(422);
  const sure = { mail: "new@contoso.example", pass: { existing: "old-pass" } };
  expect((await patch(url, id, sure, as)).status).toBe(200);
});

test("DELETE only blocks by default, and a second DELETE is 204 again", async () => {
  const { id } = await create(url, { name: "del.me", mail: "del.me@contoso.example" });
  expect((await ask(url, "DELETE", `${USERS}/${id}`)).status).toBe(204);
  expect(await read(url, id)).toMatchObject({ status: false, name: "del.me" });
  expect((await ask(url, "DELETE", `${USERS}/${id}`)).status).toBe(204);
  expect((await post({ name: "del.me" })).status).toBe(422);
});

test.each(["user_cancel_delete", "user_cancel_reassign"])(
  "with %s DELETE really deletes",
  async (cancelMethod) => {
    await control(url, { cancelMethod });
    const { id } = await create(url, { name: "gone" });
    expect((await ask(url, "DELETE", `${USERS}/${id}`)).status).toBe(204);
    expect((await ask(url, "GET", `${USERS}/${id}`)).status).toBe(404);
    expect((await ask(url, "DELETE", `${USERS}/${id}`)).status).toBe(404);
  },
);

test("of two PATCHes at once on different fields both answer 200 and one is lost", async () => {
  const { id } = await create(url, { name: "racer" });
  await control(url, { latencyMs: 20 });
  const answers = await Promise.all([
    patch(url, id, { field_department: "Sales" }),
    patch(url, id, { field_first_name: "Grace" }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  const after = await read(url, id);
  const kept = [after.field_department, after.field_first_name].filter((value) => value !== null);
  expect(kept).toHaveLength(1);
});

test("with lost updates switched off the same two PATCHes both stay", async () => {
  await control(url, { lostUpdates: false, latencyMs: 10 });
  const { id } = await create(url, { name: "racer" });
  await Promise.all([
    patch(url, id, { field_department: "Sales" }),
    patch(url, id, { field_first_name: "Grace" }),
  ]);
  expect(await read(url, id)).toMatchObject({
    field_department: "Sales",
    field_first_name: "Grace",
  });
});

test("two creations at once with one name give a 500 with SQL, with one mail two accounts", async () => {
  await control(url, { latencyMs: 20 });
  const twice = async (first: unknown, second: unknown) =>
    await Promise.all([ask(url, "POST", USERS, first), ask(url, "POST", USERS, second)]);
  const named = await twice(userDocument({ name: "twin" }), userDocument({ name: "twin" }));
  expect(named.map(({ status }) => status).sort()).toEqual([201, 500]);
  const mail = "twin@contoso.example";
  const mailed = await twice(userDocument({ name: "a", mail }), userDocument({ name: "b", mail }));
  expect(mailed.map(({ status }) => status)).toEqual([201, 201]);
});

test("read-only mode answers writes with 405 and Allow: GET", async () => {
  await control(url, { readOnly: true });
  const answer = await post({ name: "x" });
  expect(answer.status).toBe(405);
  expect(answer.headers.get("allow")).toBe("GET");
});

test("roles are added, replaced and removed by their UUIDs", async () => {
  const { id } = await create(url, { name: "roles" });
  const roles = simulator.simulation.site.roles;
  const idOf = (name: string): string => roles.find((role) => role.id === name)?.uuid ?? "";
  const path = `${USERS}/${id}/relationships/roles`;
  const data = (...named: string[]) => ({
    data: named.map((name) => ({ type: "user_role--user_role", id: idOf(name) })),
  });
  const added = await ask(url, "POST", path, data("editor_role"));
  expect([added.status, added.body]).toEqual([204, ""]);
  expect((await ask(url, "POST", path, data("content_editor"))).status).toBe(200);
  expect((await ask(url, "PATCH", path, data("content_editor", "editor_role"))).status).toBe(204);
  expect((await ask(url, "DELETE", path, data("editor_role"))).status).toBe(204);
  expect(simulator.simulation.site.users.get(id)?.roles).toEqual(["content_editor"]);
  const unknown = {
    data: [{ type: "user_role--user_role", id: "00000000-0000-4000-8000-000000000000" }],
  };
  expect((await ask(url, "PATCH", path, unknown)).status).toBe(400);
});

test.each([
  ["timezone", "Asia/Kolkata", 201],
  ["timezone", "Asia/Calcutta", 422],
  ["timezone", "W. Europe Standard Time", 422],
  ["preferred_langcode", "de", 422],
  ["status", "false", 422],
  ["status", 0, 201],
  ["created", "2020-01-02T03:04:05+01:00", 201],
  ["created", "2020-01-02", 422],
  ["changed", "2020-01-02T03:04:05+00:00", 403],
  ["field_department", "d".repeat(256), 422],
])("a new user with %s %j gets %i", async (field, value, status) => {
  expect((await post({ name: "probe", [field]: value })).status).toBe(status);
});

test("the locked role `authenticated` is accepted and not stored", async () => {
  const { id } = await create(url, { name: "locked" });
  const role = simulator.simulation.site.roles.find((each) => each.id === "authenticated");
  const data = [{ type: "user_role--user_role", id: role?.uuid }];
  const path = `${USERS}/${id}/relationships/roles`;
  expect((await ask(url, "PATCH", path, { data })).status).toBe(204);
  expect(simulator.simulation.site.users.get(id)?.roles).toEqual([]);
});

test("what is not modelled is refused with 501 and says so", async () => {
  const answer = await ask(url, "GET", "/jsonapi/node/article");
  expect(answer.status).toBe(501);
  expect(answer.headers.get("x-simulator-refused")).toBe("the resource type node--article");
  expect((await ask(url, "GET", "/jsonapi/nope/nope")).status).toBe(404);
});
