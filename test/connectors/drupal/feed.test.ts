// The feed of Drupal's users over real sockets, against the simulator: everyone once, every change, and what it costs.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startDrupalSimulator } from "../../../infra/local/drupal/start-drupal-simulator.ts";
import { createDrupalFeed } from "../../../src/connectors/drupal/feed.ts";
import { createManyDrupalUsers } from "../../../src/connectors/drupal/many-users.ts";
import { parseSyncConfiguration } from "../../../src/rules/configuration.ts";
import type { DrupalUser } from "../../../src/rules/users.ts";
import type { Feed, FeedPage } from "../../../src/sync/cycle-ports.ts";
import {
  clientOf,
  control,
  failure,
  jsonApi,
  type OwnAnswer,
  proxyOf,
  requests,
  reset,
  type Simulator,
  served,
} from "./simulated-drupal.ts";

const PEOPLE = 130;
const ACCOUNTS = PEOPLE + 2; // and the administrator and our own
let drupal: Simulator;
let laterMs = 0;
beforeAll(async () => {
  drupal = await startDrupalSimulator({ people: PEOPLE });
});
beforeEach(async () => {
  await reset(drupal.url);
  laterMs = 0;
});
afterAll(() => drupal.close());

const parsedConfiguration = parseSyncConfiguration({
  fields: { field_team: { type: "term", vocabulary: "teams" } },
});
if (!parsedConfiguration.ok) throw new Error("the configuration of the test is wrong");
const { configuration } = parsedConfiguration;

const now = () => new Date(Date.now() + laterMs);
const connect = (url = drupal.url, password: string | (() => string) = "svc-sync") =>
  clientOf(url, "svc-sync", password, now);
const feedOf = (url = drupal.url, password: string | (() => string) = "svc-sync"): Feed =>
  createDrupalFeed(connect(url, password), now);

const users = () => drupal.simulation.site.users;
const seconds = () => Math.floor(Date.now() / 1000);
const byUid = (uid: number) => {
  const user = users().byUid(uid);
  if (user === undefined) throw new Error(`no user ${uid}`);
  return user;
};
const touch = (uid: number, changed = seconds()) => users().put({ ...byUid(uid), changed });
const remove = (uid: number) => users().remove(byUid(uid).uuid);
/** As a restored backup would, all in the same second. */
const add = async (count: number, changed = seconds()) => {
  const first = users().inUidOrder().at(-1)?.uid ?? 0;
  await fetch(`${drupal.url}/_control/users`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ count }),
  });
  for (let uid = first + 1; uid <= first + count; uid += 1) touch(uid, changed);
};

const given = (page: FeedPage | "expired"): FeedPage => {
  if (page === "expired") throw new Error("expired");
  return page;
};
const shownBy = ({ users: shown }: FeedPage): DrupalUser[] =>
  shown.flatMap((one) => (one.system === "drupal" ? [one.user] : []));

interface Run {
  readonly users: readonly DrupalUser[];
  readonly pages: number;
  readonly watermark: string;
}

/** Reads a run to its end. `between` happens after each page but the last. */
async function run(
  feed: Feed,
  since: string | null = null,
  between: (page: number) => unknown = () => {},
): Promise<Run> {
  let position = await feed.begin(since, configuration);
  const found: DrupalUser[] = [];
  for (let pages = 1; ; pages += 1) {
    const page = given(await feed.page(position, configuration));
    found.push(...shownBy(page));
    expect(page.hints).toEqual([]);
    expect((page.next === null) === (page.watermark !== null)).toBe(true);
    if (page.next === null) return { users: found, pages, watermark: page.watermark ?? "" };
    position = page.next;
    await between(pages);
  }
}
const uidsOf = ({ users: found }: Pick<Run, "users">) => found.map(({ uid }) => uid);
const isDistinct = (uids: readonly number[]) => new Set(uids).size === uids.length;

const isListing = (path: string) => path.includes("sort=drupal_internal__uid");
/** The n-th page of everyone is answered by someone else. */
const nthPage = (n: number, own: OwnAnswer) => {
  let pages = 0;
  return proxyOf(drupal.url, (_method, path) => {
    if (isListing(path)) pages += 1;
    return isListing(path) && pages === n ? own : null;
  });
};

describe("everyone", () => {
  it("is shown once, whole, with labels of terms, and without uid 0", async () => {
    const found = await run(feedOf());
    expect(found.users).toHaveLength(ACCOUNTS);
    expect(isDistinct(uidsOf(found))).toBe(true);
    expect(uidsOf(found)).not.toContain(0);
    expect(found.users.find(({ uid }) => uid === 10)).toMatchObject({
      enabled: true,
      roles: [],
      attributes: { field_first_name: "Ada", field_team: "Apollo" },
    });
  });

  it("costs one request for each 50, two before, and one to prove who we are", async () => {
    await add(2000 - ACCOUNTS);
    const before = await requests(drupal.url);
    const found = await run(feedOf());
    expect(found).toMatchObject({ pages: 40 });
    expect((await requests(drupal.url)) - before).toBe(43);
  });

  it("is shown once each while accounts are made and deleted between the pages", async () => {
    const found = await run(feedOf(), null, async (page) => {
      await add(3);
      remove(10 + page); // already shown: with offsets the next page would skip someone
    });
    expect(isDistinct(uidsOf(found))).toBe(true);
    expect(found.users).toHaveLength(ACCOUNTS + 3 * (found.pages - 1));
  });

  it("that changes during the listing is in the next run over changes", async () => {
    const found = await run(feedOf(), null, (page) => page === 2 && touch(10));
    expect(uidsOf(await run(feedOf(), found.watermark))).toContain(10);
  });
});

describe("a listing that is not whole", () => {
  it("fails when it ends before the newest account, and goes on from the same page", async () => {
    const empty = jsonApi(200, { data: [], links: {} });
    await served(nthPage(2, empty), async (url) => {
      const feed = feedOf(url);
      const first = given(await feed.page(await feed.begin(null, configuration), configuration));
      expect(await failure(feed.page(first.next ?? "", configuration))).toMatchObject({
        kind: "transient",
        code: "listingEndedEarly",
      });
      expect(shownBy(given(await feed.page(first.next ?? "", configuration)))).toHaveLength(50);
    });
  });

  it("is whole all the same when the newest accounts were deleted meanwhile", async () => {
    const newest = users().inUidOrder().at(-1)?.uid ?? 0;
    const found = await run(feedOf(), null, (page) => {
      for (let uid = newest - 40; page === 2 && uid <= newest; uid += 1) remove(uid);
    });
    expect(found.users).toHaveLength(ACCOUNTS - 41 + 8 + 1);
  });

  it("fails for a while when another page follows a short one, twice", async () => {
    const short = proxyOf(drupal.url, (_method, path) =>
      isListing(path) ? jsonApi(200, { data: [], links: { next: { href: "x" } } }) : null,
    );
    await served(short, async (url) => {
      expect(await failure(run(feedOf(url)))).toMatchObject({
        kind: "transient",
        code: "listingIncomplete",
      });
    });
    const once = nthPage(2, jsonApi(200, { data: [], links: { next: { href: "x" } } }));
    await served(once, async (url) => {
      expect((await run(feedOf(url))).users).toHaveLength(ACCOUNTS);
    });
  });

  it("is refused when its pages are not the ones that were asked for", async () => {
    const feed = feedOf();
    const start = await feed.begin(null, configuration);
    let kept: OwnAnswer | null = null;
    const stuck = proxyOf(drupal.url, (_method, path) => (isListing(path) ? kept : null));
    const answer = await fetch(
      `${drupal.url}/jsonapi/user/user?sort=drupal_internal__uid&filter[u][condition][path]=drupal_internal__uid&filter[u][condition][operator]=%3E&filter[u][condition][value]=0`,
      { headers: { Authorization: `Basic ${btoa("svc-sync:svc-sync")}` } },
    );
    kept = { status: 200, type: "application/vnd.api+json", body: await answer.text() };
    await served(stuck, async (url) => {
      const other = feedOf(url);
      const first = given(await other.page(start, configuration));
      expect(await failure(other.page(first.next ?? "", configuration))).toMatchObject({
        code: "drupalAnswerUnexpected",
      });
    });
  });

  it("is an access failure, never a page, when rights are lost on the way", async () => {
    let password = "svc-sync";
    const feed = feedOf(drupal.url, () => password);
    const first = given(await feed.page(await feed.begin(null, configuration), configuration));
    password = "wrong";
    expect(await failure(feed.page(first.next ?? "", configuration))).toMatchObject({
      kind: "access",
      code: "drupalCredentialsRefused",
    });
    await control(drupal.url, { clearFlood: true });
    const other = feedOf();
    const start = await other.begin(null, configuration);
    users().put({ ...byUid(2), roles: [] });
    expect(await failure(other.page(start, configuration))).toMatchObject({
      kind: "access",
      code: "drupalRightsMissing",
    });
    expect(await failure(feedOf().begin(null, configuration))).toMatchObject({
      code: "drupalRightsMissing",
    });
  });

  it("is an access failure when one page shows bare users and everything else is well", async () => {
    const bare = jsonApi(200, {
      data: [
        { type: "user--user", id: crypto.randomUUID(), attributes: { display_name: "Someone" } },
      ],
      links: { next: { href: "x" } },
    });
    await served(nthPage(3, bare), async (url) => {
      expect(await failure(run(feedOf(url)))).toMatchObject({
        kind: "access",
        code: "drupalRightsMissing",
      });
    });
  });

  it("fails for a while when the site does, and goes on from the same page", async () => {
    const feed = feedOf();
    const first = given(await feed.page(await feed.begin(null, configuration), configuration));
    await control(drupal.url, { faults: [{ kind: "status", status: 500, times: 1 }] });
    expect(await failure(feed.page(first.next ?? "", configuration))).toMatchObject({
      kind: "transient",
      code: "drupalUnavailable",
    });
    expect(shownBy(given(await feed.page(first.next ?? "", configuration)))).toHaveLength(50);
    const html = { status: 200, type: "text/html", body: "<h1>Maintenance</h1>" };
    await served(nthPage(2, html), async (url) => {
      expect(await failure(run(feedOf(url)))).toMatchObject({ code: "drupalAnswerUnexpected" });
    });
  });

  it("says what is wrong when the site does not have a declared field", async () => {
    const declared = {
      ...configuration,
      fields: { field_none: { type: "term" as const, multiple: false, vocabulary: "teams" } },
    };
    const feed = feedOf();
    const start = await feed.begin(null, declared);
    expect(await failure(feed.page(start, declared))).toMatchObject({ code: "drupalFieldUnknown" });
  });
});

describe("changes", () => {
  // A site where someone was changed every 20 seconds, until an hour ago.
  const quiet = () => {
    for (const user of [...users().inUidOrder()])
      users().put({ ...user, changed: seconds() - 3600 - 20 * (PEOPLE + 10 - user.uid) });
  };

  it("cost one request when there are none, also after a while, and never show our own account", async () => {
    quiet();
    const feed = feedOf();
    let { watermark } = await run(feed);
    let before = await requests(drupal.url);
    for (let minute = 0; minute < 4; minute += 1) {
      laterMs += 60_000;
      ({ watermark } = await run(feed, watermark));
    }
    expect((await requests(drupal.url)) - before).toBe(4);
    const nothing = await run(feed, watermark);
    expect(nothing).toMatchObject({ users: [], pages: 1, watermark });
    laterMs += 6 * 60_000;
    before = await requests(drupal.url);
    await run(feed, nothing.watermark);
    expect((await requests(drupal.url)) - before).toBe(2); // and who we are
  });

  it("show who was made, changed, or given a role, our own account too", async () => {
    quiet();
    const { watermark } = await run(feedOf());
    await add(1);
    touch(11);
    touch(2);
    const found = await run(feedOf(), watermark);
    expect(uidsOf(found)).toEqual(expect.arrayContaining([2, 11, PEOPLE + 10]));
  });

  it("of the same second are shown once each, over any number of pages", async () => {
    quiet();
    const { watermark } = await run(feedOf());
    await add(170);
    const found = await run(feedOf(), watermark);
    expect(found.pages).toBeGreaterThanOrEqual(4);
    expect(isDistinct(uidsOf(found))).toBe(true);
    const made = uidsOf(found).filter((uid) => uid >= PEOPLE + 10);
    expect(made).toHaveLength(170);
  });

  it("that were stamped before the watermark and committed after it are shown", async () => {
    quiet();
    const first = await run(feedOf());
    touch(11);
    const second = await run(feedOf(), first.watermark);
    touch(12, byUid(11).changed - 50);
    expect(uidsOf(await run(feedOf(), second.watermark))).toContain(12);
  });

  it("that were committed below the page that is read now are shown by the next run", async () => {
    quiet();
    const first = await run(feedOf());
    await add(120, seconds() - 300);
    await add(1, seconds());
    const second = await run(feedOf(), first.watermark, (page) => {
      if (page !== 1) return;
      laterMs += 10 * 60_000; // the page's users are being provisioned
      touch(12, seconds() - 310);
    });
    expect(uidsOf(second)).not.toContain(12);
    expect(uidsOf(await run(feedOf(), second.watermark))).toContain(12);
  });

  it("are not read again for ever: a bulk import costs more than one page for some minutes only", async () => {
    await add(300);
    let { watermark } = await run(feedOf());
    const pages: number[] = [];
    for (let minute = 0; minute < 6; minute += 1) {
      laterMs += 60_000;
      // Each page takes a while.
      const found = await run(feedOf(), watermark, () => {
        laterMs += 500;
      });
      pages.push(found.pages);
      ({ watermark } = found);
    }
    expect(pages[0]).toBeGreaterThan(6);
    expect(pages.slice(-3)).toEqual([1, 1, 1]);
    touch(11, Math.floor(now().getTime() / 1000));
    expect(uidsOf(await run(feedOf(), watermark))).toEqual([11]);
  });

  it("are not hidden by an account that claims to have been changed in the future", async () => {
    quiet();
    touch(20, seconds() + 400 * 86_400);
    const { watermark } = await run(feedOf());
    touch(11);
    const found = await run(feedOf(), watermark);
    expect(uidsOf(found)).toContain(11);
    touch(12);
    expect(uidsOf(await run(feedOf(), found.watermark))).toContain(12);
  });

  it("are an access failure when we are let in no more", async () => {
    const { watermark } = await run(feedOf());
    expect(await failure(run(feedOf(drupal.url, "wrong"), watermark))).toMatchObject({
      kind: "access",
      code: "drupalCredentialsRefused",
    });
    await control(drupal.url, { clearFlood: true });
    let password = "svc-sync";
    const feed = feedOf(drupal.url, () => password);
    const known = await run(feed);
    password = "wrong";
    expect(await failure(run(feed, known.watermark))).toMatchObject({
      code: "drupalCredentialsRefused",
    });
    await control(drupal.url, { clearFlood: true });
    users().put({ ...byUid(2), roles: [] });
    expect(await failure(run(feedOf(), watermark))).toMatchObject({ code: "drupalRightsMissing" });
  });

  it("are not believed to be none when the answer lacks our own account", async () => {
    const { watermark } = await run(feedOf());
    const nobody = proxyOf(drupal.url, (_method, path) =>
      path.includes("sort=changed") ? jsonApi(200, { data: [], links: {} }) : null,
    );
    await served(nobody, async (url) => {
      expect(await failure(run(feedOf(url), watermark))).toMatchObject({
        kind: "transient",
        code: "drupalAnswerUnexpected",
      });
    });
  });

  it("since a watermark that cannot be read, and pages at such a position, are expired", async () => {
    const feed = feedOf();
    for (const text of ["", "{", "{}", '{"changed":"2026-01-01"}']) {
      const start = await feed.begin(text, configuration);
      expect(await feed.page(start, configuration)).toBe("expired");
      expect(await feed.page(text, configuration)).toBe("expired");
    }
  });
});

describe("many users by their ids", () => {
  it("cost one request for each 50; who is not there is not in the answer", async () => {
    const many = createManyDrupalUsers(connect());
    const all = users()
      .inUidOrder()
      .filter(({ uid }) => uid > 0)
      .map(({ uuid }) => uuid);
    const gone = crypto.randomUUID();
    const before = await requests(drupal.url);
    const found = await many.getUsers([...all, gone], configuration.fields);
    expect((await requests(drupal.url)) - before).toBe(4); // and who we are
    expect([...found.keys()].toSorted()).toEqual(all.toSorted());
    expect(found.get(byUid(10).uuid)?.attributes).toMatchObject({ field_team: "Apollo" });
  });

  it("leave out one who is not shown whole, and fail when nobody would be", async () => {
    const asked = [byUid(10).uuid, byUid(11).uuid.toUpperCase()];
    const bare = { type: "user--user", id: byUid(10).uuid, attributes: { display_name: "Ada" } };
    const proxy = proxyOf(drupal.url, (_method, path) =>
      path.includes("filter[id]") ? jsonApi(200, { data: [bare] }) : null,
    );
    await served(proxy, async (url) => {
      const found = await createManyDrupalUsers(connect(url)).getUsers(asked, {});
      expect(found.size).toBe(0);
    });
    expect((await createManyDrupalUsers(connect()).getUsers(asked, {})).size).toBe(2);
    const wrong = createManyDrupalUsers(connect(drupal.url, "wrong"));
    expect(await failure(wrong.getUsers(asked, {}))).toMatchObject({
      code: "drupalCredentialsRefused",
    });
    await control(drupal.url, { clearFlood: true });
    users().put({ ...byUid(2), roles: [] });
    expect(await failure(createManyDrupalUsers(connect()).getUsers(asked, {}))).toMatchObject({
      code: "drupalRightsMissing",
    });
  });
});
