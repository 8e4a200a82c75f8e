// Listing users: pages, filters in seconds, keyset paging, and 100,000 users.
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type DrupalSimulator,
  startDrupalSimulator,
} from "../../../../infra/local/drupal/start-drupal-simulator.ts";
import { type Answer, ask, create, details, names, next, resources } from "./drupal-client.ts";

let simulator: DrupalSimulator;
beforeAll(async () => {
  simulator = await startDrupalSimulator({ people: 120 });
});
afterAll(() => simulator.close());

const list = async (query: string): Promise<Answer> =>
  await ask(simulator.url, "GET", `/jsonapi/user/user?${query}`);

test("a page holds 50 at most, whatever is asked for, and following `next` finds everybody once, uid 0 too", async () => {
  expect(resources(await list("page[limit]=500"))).toHaveLength(50);
  const seen: string[] = [];
  let path: string | undefined = "/jsonapi/user/user";
  while (path !== undefined) {
    const answer: Answer = await ask(simulator.url, "GET", path);
    seen.push(...resources(answer).map(({ id }) => id));
    path = next(answer);
  }
  expect(new Set(seen).size).toBe(123);
  expect(seen).toHaveLength(123);
});

test("any filter hides uid 0", async () => {
  const all = await list("page[limit]=1");
  expect(names(all)).toEqual(["Anonymous"]);
  const filtered = await list(
    "filter[drupal_internal__uid][operator]=%3E%3D&filter[drupal_internal__uid][value]=0&page[limit]=1",
  );
  expect(names(filtered)).toEqual(["admin"]);
});

test("a filter by mail minds the case, one by name does not", async () => {
  await create(simulator.url, { name: "Case.Test", mail: "Case.Test@contoso.example" });
  expect(names(await list("filter[mail]=case.test@contoso.example"))).toEqual([]);
  expect(names(await list("filter[mail]=Case.Test@contoso.example"))).toEqual(["Case.Test"]);
  expect(names(await list("filter[name]=case.test"))).toEqual(["Case.Test"]);
});

test("a filter on `changed` understands seconds; a date gives 200 and nothing", async () => {
  const condition = (value: string): string =>
    `filter[c][condition][path]=changed&filter[c][condition][operator]=%3E%3D&filter[c][condition][value]=${value}`;
  expect(resources(await list(condition("0"))).length).toBe(50);
  const answer = await list(condition("2020-01-01T00:00:00%2B00:00"));
  expect(answer.status).toBe(200);
  expect(resources(answer)).toEqual([]);
});

test("BETWEEN with one value is a 500 that shows SQL", async () => {
  const answer = await list(
    "filter[c][path]=changed&filter[c][operator]=BETWEEN&filter[c][value]=1",
  );
  expect(answer.status).toBe(500);
  expect(details(answer)[0]).toContain("SELECT");
});

test.each([
  ["filter[c][path]=name&filter[c][operator]=LIKE&filter[c][value]=a", 400],
  ["filter[nope]=1", 400],
  ["filter[pass]=1", 403],
  ["filter[roles.id]=x", 400],
  ["page[limit]=0", 400],
  ["foo=bar", 400],
  ["include=nope", 400],
  [
    "filter[a][condition][path]=name&filter[a][condition][value]=x&filter[a][condition][memberOf]=none",
    501,
  ],
])("the query %s is refused with %i", async (query, status) => {
  expect((await list(query)).status).toBe(status);
});

test("keyset pages by (changed, uid) visit each changed user once, though several share a second", async () => {
  const seen: string[] = [];
  let last = { changed: 0, uid: 0 };
  for (;;) {
    const { changed, uid } = last;
    const query = [
      "filter[or][group][conjunction]=OR",
      "filter[a][condition][path]=changed",
      "filter[a][condition][operator]=%3E",
      `filter[a][condition][value]=${changed}`,
      "filter[a][condition][memberOf]=or",
      "filter[and][group][conjunction]=AND",
      "filter[and][group][memberOf]=or",
      "filter[b][condition][path]=changed",
      `filter[b][condition][value]=${changed}`,
      "filter[b][condition][memberOf]=and",
      "filter[d][condition][path]=drupal_internal__uid",
      "filter[d][condition][operator]=%3E",
      `filter[d][condition][value]=${uid}`,
      "filter[d][condition][memberOf]=and",
      "sort=changed,drupal_internal__uid",
      "page[limit]=7",
    ].join("&");
    const page = resources(await list(query));
    const end = page.at(-1)?.attributes;
    if (end === undefined) break;
    seen.push(...page.map(({ id }) => id));
    last = {
      changed: Date.parse(String(end.changed)) / 1000,
      uid: Number(end.drupal_internal__uid),
    };
  }
  expect(seen).toHaveLength(simulator.simulation.site.users.size - 1);
  expect(new Set(seen).size).toBe(seen.length);
});

test("an OR group in `changed` order finds its earlier branch too", async () => {
  const users = simulator.simulation.site.users.inChangedOrder().filter(({ uid }) => uid > 9);
  const [early, late] = [users[0]?.changed, users.at(-1)?.changed];
  const branch = (name: string, value: number | undefined): string =>
    `filter[${name}][condition][path]=changed&filter[${name}][condition][value]=${value}&filter[${name}][condition][memberOf]=or`;
  const query = `filter[or][group][conjunction]=OR&${branch("a", late)}&${branch("b", early)}&sort=changed`;
  const times = resources(await list(query)).map(
    ({ attributes }) => Date.parse(String(attributes?.changed)) / 1000,
  );
  expect(new Set(times)).toEqual(new Set([early, late]));
});

test("sorting, sparse fields and IN work together", async () => {
  const [first, second] = simulator.simulation.site.users.inUidOrder().slice(10, 12);
  const query = `filter[i][path]=id&filter[i][operator]=IN&filter[i][value][]=${first?.uuid}&filter[i][value][]=${second?.uuid}`;
  const answer = await list(`${query}&sort=-drupal_internal__uid&fields[user--user]=name`);
  expect(resources(answer).map(({ attributes }) => attributes)).toEqual([
    { name: second?.name },
    { name: first?.name },
  ]);
});

test("with 100,000 users a keyset page in the middle takes milliseconds", async () => {
  const big = await startDrupalSimulator({ people: 100_000 });
  const users = big.simulation.site.users.inChangedOrder();
  const middle = users[50_000];
  const query = `filter[c][path]=changed&filter[c][operator]=%3E%3D&filter[c][value]=${middle?.changed}&sort=changed,drupal_internal__uid`;
  const read = async () => await ask(big.url, "GET", `/jsonapi/user/user?${query}`);
  await read();
  const start = performance.now();
  for (let page = 0; page < 5; page += 1) expect(resources(await read())).toHaveLength(50);
  expect((performance.now() - start) / 5).toBeLessThan(150);
  await big.close();
});
