// A listing of Drupal that breaks on its way: whoever it would take something from keeps it, the cycle says why, and the next one
// serves them.
import { describe, expect, it } from "vitest";
import { type CycleClient, cycleClient } from "./cycle-client.ts";
import { type Stack, startStack } from "./stack.ts";

const PEOPLE = 352;
const SCOPE = "Legal";
/** Pages have 50 users: this many are on the six before the one that breaks. */
const SHOWN = 300;

interface Site {
  readonly stack: Stack;
  readonly operator: CycleClient;
  /** Who is blocked in Drupal, on an early page, and has not been disabled in Entra. */
  readonly blocked: readonly { readonly uuid: string; readonly upn: string }[];
  /** Answers the page after the first 300 users, and no other. */
  readonly seventhPage: string;
}

/** A site whose people of one department are in Entra, two of whom were blocked since. */
async function siteWithBlocked(stack: Stack): Promise<Site> {
  const operator = cycleClient(stack);
  await operator.silence();
  await operator.configure({
    // Nobody is in Entra yet: asking who matches would cost most of the time.
    matching: [],
    scope: {
      drupalToEntra: {
        anyOf: [[{ attribute: "field_department", operator: "equals", value: SCOPE }]],
      },
    },
  });
  const first = await operator.run({ direction: "drupalToEntra", kind: "initial" });
  expect(first).toMatchObject({ status: "complete", reading: { users: PEOPLE + 2, pages: 8 } });
  await operator.quiet();
  const users = stack.drupal.simulation.site.users.inUidOrder().filter(({ uid }) => uid > 0);
  const served = users.filter((user) => user.field_department === SCOPE);
  expect(stack.entraUsers()).toHaveLength(served.length);
  const blocked = served.slice(0, 2).map(({ uuid, mail }) => ({ uuid, upn: mail ?? "" }));
  for (const { uuid } of blocked) await stack.editDrupalUser(uuid, { status: false });
  return { stack, operator, blocked, seventhPage: `%5D=${users[SHOWN - 1]?.uid}&sort=` };
}

const isEnabled = ({ stack, blocked }: Site) =>
  Promise.all(blocked.map(async ({ upn }) => (await stack.entraUser(upn))?.accountEnabled ?? null));

async function nobodyLost(site: Site, reason: object, pages: number): Promise<void> {
  const { operator } = site;
  const broken = await operator.run({ direction: "drupalToEntra", kind: "initial" }, 90_000);
  expect(broken).toMatchObject({
    status: "incomplete",
    reason,
    reading: { pages, users: pages * 50, fault: reason },
    outcomes: { held: 2 },
    operations: {},
  });
  expect(await isEnabled(site)).toEqual([true, true]);
}

async function nextServesThem(site: Site): Promise<void> {
  const next = await site.operator.run({ direction: "drupalToEntra", kind: "incremental" });
  expect(next).toMatchObject({
    kind: "incremental",
    status: "complete",
    outcomes: { written: 2 },
    operations: { disable: 2 },
  });
  expect(await isEnabled(site)).toEqual([false, false]);
}

/** A test with a stack of its own: most of their time is waiting, so they wait at once. */
const onItsOwnSite = (what: string, check: (site: Site) => Promise<void>) =>
  it.concurrent(what, async () => {
    const stack = await startStack({ people: PEOPLE });
    try {
      await check(await siteWithBlocked(stack));
    } finally {
      await stack.close();
    }
  }, 120_000);

describe("a listing of Drupal", () => {
  onItsOwnSite("whose seventh page goes on failing disables nobody", async (site) => {
    const { stack, seventhPage: path } = site;
    await stack.control("drupal", { faults: [{ path, kind: "status", status: 500 }] });
    await nobodyLost(site, { code: "drupalUnavailable" }, 6);
    await stack.control("drupal", { faults: [] });
    await nextServesThem(site);
  });

  onItsOwnSite(
    "whose seventh page is empty, or that names users only from some page on, disables nobody",
    async (site) => {
      const { stack, operator, seventhPage: path } = site;
      await stack.control("drupal", { faults: [{ path, kind: "emptyList" }] });
      await nobodyLost(site, { code: "listingEndedEarly" }, 6);
      await stack.control("drupal", { faults: [], latencyMs: 150 });

      const service = stack.drupal.simulation.site.users.byName("svc-sync")?.uuid ?? "";
      const { id } = await operator.startCycle({ direction: "drupalToEntra", kind: "initial" });
      await operator.cycleUntil(id, "reads", ({ reading }) => reading.pages >= 3);
      const roles = await stack.setDrupalRoles(service, []);
      const shutOut = await operator.atRest(id);
      expect(shutOut).toMatchObject({
        status: "incomplete",
        reason: { code: "drupalRightsMissing" },
        reading: { isDone: false, fault: { code: "drupalRightsMissing" } },
        operations: {},
      });
      expect(shutOut.reading.users).toBeLessThan(PEOPLE);
      expect(await isEnabled(site)).toEqual([true, true]);

      // Drupal is left alone for a while now; credentials that it has not refused yet do not wait.
      await stack.setDrupalRoles(service, roles);
      await stack.control("drupal", { latencyMs: 0 });
      await stack.restartHost("close", {
        DRUPAL_AUTH: "oauth",
        DRUPAL_CLIENT_ID: "sync",
        DRUPAL_CLIENT_SECRET: "sync-secret",
      });
      await operator.silence();
      expect(await isEnabled(site)).toEqual([true, true]);
      await nextServesThem(site);
    },
  );
});
