// What one user of a site may do to the feed of all.
import type { RequestListener } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { startDrupalSimulator } from "../../../infra/local/drupal/start-drupal-simulator.ts";
import { createDrupalFeed } from "../../../src/connectors/drupal/feed.ts";
import { parseSyncConfiguration } from "../../../src/rules/configuration.ts";
import type { Feed, FeedPage } from "../../../src/sync/cycle-ports.ts";
import { clientOf, failure, type Simulator, served } from "./simulated-drupal.ts";

let drupal: Simulator;
let laterMs = 0;
beforeAll(async () => {
  drupal = await startDrupalSimulator({ people: 60 });
});
afterAll(() => drupal.close());

const parsed = parseSyncConfiguration({});
if (!parsed.ok) throw new Error("the configuration of the test is wrong");
const { configuration } = parsed;
const now = () => new Date(Date.now() + laterMs);
const feedOf = (url: string) => createDrupalFeed(clientOf(url, "svc-sync", "svc-sync", now), now);
const given = (page: FeedPage | "expired"): FeedPage => {
  if (page === "expired") throw new Error("expired");
  return page;
};
/** Reads a run to its end. */
async function run(feed: Feed, since: string | null = null) {
  let position: string | null = await feed.begin(since, configuration);
  const uids: number[] = [];
  const hints: string[] = [];
  let watermark: string | null = null;
  while (position !== null) {
    const page: FeedPage = given(await feed.page(position, configuration));
    uids.push(...page.users.flatMap((one) => (one.system === "drupal" ? [one.user.uid] : [])));
    hints.push(...page.hints);
    ({ next: position, watermark } = page);
  }
  return { uids, hints, watermark: watermark ?? "" };
}
const users = () => drupal.simulation.site.users;
const byUid = (uid: number) => {
  const user = users().byUid(uid);
  if (user === undefined) throw new Error(`no user ${uid}`);
  return user;
};

const collection = z.looseObject({
  data: z.union([
    z.array(z.looseObject({ attributes: z.record(z.string(), z.unknown()) })),
    z.looseObject({}),
  ]),
});

/** The site, with fields of some users hidden in collections, as a module's field access does. */
const hiding =
  (isHidden: (name: unknown) => boolean, fields = ["mail"]): RequestListener =>
  async (request, response) => {
    const answer = await fetch(`${drupal.url}${request.url}`, {
      headers: { Authorization: request.headers.authorization ?? "" },
    });
    const body: unknown = await answer.json();
    const document = collection.safeParse(body).data;
    for (const { attributes } of Array.isArray(document?.data) ? document.data : [])
      if (isHidden(attributes.name)) for (const field of fields) delete attributes[field];
    response.writeHead(answer.status, { "Content-Type": "application/vnd.api+json" });
    response.end(JSON.stringify(document ?? body));
  };
const named = (uid: number) => (name: unknown) => name === byUid(uid).name;

describe("one user of whom a module of the site hides the mail", () => {
  it("is looked at by itself, and does not close Drupal for everyone", async () => {
    await served(hiding(named(20)), async (url) => {
      const feed = feedOf(url);
      const first = await feed.page(await feed.begin(null, configuration), configuration).then(
        (page) => given(page),
        (error: unknown) => error,
      );
      expect(first).not.toMatchObject({ kind: "access" });
      const found = await run(feed);
      expect(found.hints).toEqual([byUid(20).uuid]);
      expect(found.uids).toHaveLength(61);
      expect(found.uids).not.toContain(20);
    });
  });

  it("is looked at when they are the newest, or alone on the last page, or alone have changed", async () => {
    for (const user of [...users().inUidOrder()].slice(52)) users().remove(user.uuid);
    const newest = users().inUidOrder().at(-1)?.uid ?? 0;
    await served(hiding(named(newest)), async (url) => {
      const found = await run(feedOf(url));
      expect(found.uids).toHaveLength(50);
      expect(found.hints).toEqual([byUid(newest).uuid]);
      users().put({ ...byUid(newest), changed: Math.floor(Date.now() / 1000) + 1 });
      laterMs = 10_000;
      expect((await run(feedOf(url), found.watermark)).hints).toEqual([byUid(newest).uuid]);
      laterMs = 0;
    });
  });

  it("ends a page that nobody can follow where their number is hidden as well", async () => {
    const last = users().inUidOrder()[50]?.uid ?? 0; // after uid 0
    const fields = ["mail", "drupal_internal__uid"];
    await served(hiding(named(last), fields), async (url) => {
      expect(await failure(run(feedOf(url)))).toMatchObject({
        kind: "transient",
        code: "listingIncomplete",
      });
    });
    await served(hiding(named(20), fields), async (url) => {
      expect((await run(feedOf(url))).hints).toEqual([byUid(20).uuid]);
    });
  });

  it("is everyone, and so an access failure, when nobody of a page is whole", async () => {
    await served(
      hiding(() => true),
      async (url) => {
        expect(await failure(run(feedOf(url)))).toMatchObject({
          kind: "access",
          code: "drupalRightsMissing",
        });
      },
    );
  });
});

describe("a user whose `changed` lies in the future, on a site whose clock is behind ours", () => {
  it("hides nobody who changes after the watermark", async () => {
    const site = () => Math.floor(Date.now() / 1000);
    for (const user of [...users().inUidOrder()]) users().put({ ...user, changed: site() - 7200 });
    users().put({ ...byUid(20), changed: site() + 86_400 * 365 });
    laterMs = 5 * 60_000; // our clock
    const feed = feedOf(drupal.url);
    const { watermark } = await run(feed);
    users().put({ ...byUid(30), changed: site() + 1 });
    const second = await run(feed, watermark);
    expect(second.uids).toContain(30);
    // Also after a run whose last page shows the one in the future only.
    users().put({ ...byUid(31), changed: site() + 1 });
    expect((await run(feed, second.watermark)).uids).toContain(31);
    expect(JSON.parse(second.watermark)).toMatchObject({ newest: byUid(30).changed });
  });

  it("is no watermark when nobody has another time", async () => {
    const future = Math.floor(Date.now() / 1000) + 86_400;
    for (const user of [...users().inUidOrder()]) users().put({ ...user, changed: future });
    const { watermark } = await run(feedOf(drupal.url));
    users().put({ ...byUid(30), changed: Math.floor(Date.now() / 1000) });
    const found = await run(feedOf(drupal.url), watermark);
    expect(found.uids).toContain(30);
    expect(found.hints).toEqual([]);
    expect(JSON.parse(found.watermark)).toMatchObject({ newest: byUid(30).changed });
  });
});
