// What an initial cycle costs when nobody changed: `npm run bench:everyone`. The same people on both sides, with links that
// are at rest; both directions at once on one host. Prints tables; asserts nothing. Options: --users 100000
// --node-options="…" (of the host; by default a small heap)
import { parseArgs } from "node:util";
import type { TableEntity } from "@azure/data-tables";
import { budgets, connect } from "../../src/composition/connected-systems.ts";
import { readConfig } from "../../src/config.ts";
import { type Link, newLink } from "../../src/rules/link.ts";
import { restPrints } from "../../src/rules/rest.ts";
import type { Direction } from "../../src/rules/users.ts";
import { eachAtOnce } from "../../src/storage/at-once.ts";
import { createConfigurationStore } from "../../src/storage/configuration.ts";
import { partitionOf, toLinkRow } from "../../src/storage/link-row.ts";
import { openTable, type StorageAccount } from "../../src/storage/tables.ts";
import type { Feed, FeedUser } from "../../src/sync/cycle-ports.ts";
import { type Stack, startStack, WEBHOOK_SECRET } from "../e2e/stack.ts";
import {
  askedBetween,
  callsOf,
  cpuSeconds,
  peakMemoryMib,
  readAsked,
  type SeenCycle,
  SMALL_HEAP,
  secondsOf,
  startCycle,
  untilOver,
} from "./cycle-runs.ts";
import { fillSite, fillTenant } from "./fill-sides.ts";

const { values } = parseArgs({
  options: {
    users: { type: "string", default: "100000" },
    "node-options": { type: "string", default: SMALL_HEAP },
  },
});
const users = Number(values.users);
const ROWS_OF_A_TRANSACTION = 100;
const DIRECTIONS: readonly Direction[] = ["drupalToEntra", "entraToDrupal"];
const LIMITS = { memoryMib: 256, graph: 110, drupal: 2010 };

const say = (text: string): void =>
  console.log(`${new Date().toISOString().slice(11, 19)} ${text}`);

const stack = await startStack({
  fillSite: (site) => fillSite(site, 0, users),
  fillTenant: (tenant) => fillTenant(tenant, 0, users),
  settings: { NODE_OPTIONS: values["node-options"] },
});
const config = readConfig({
  AzureWebJobsStorage: stack.azurite.connectionString,
  DRUPAL_BASE_URL: stack.drupal.url,
  DRUPAL_USERNAME: "svc-sync",
  DRUPAL_PASSWORD: "svc-sync",
  GRAPH_BASE_URL: stack.graph.url,
  WEBHOOK_SECRETS: WEBHOOK_SECRET,
});
const account: StorageAccount = {
  kind: "connectionString",
  connectionString: stack.azurite.connectionString,
};
const configuration = await createConfigurationStore(account, () => new Date()).current();
const prints = restPrints(configuration);
const { feeds } = connect(config, budgets(account)).background;

async function* everyoneOf(feed: Feed): AsyncIterable<FeedUser> {
  let position: string | null = await feed.begin(null, configuration);
  while (position !== null) {
    const page = await feed.page(position, configuration);
    if (page === "expired") throw new Error("the feed expired");
    yield* page.users;
    position = page.next;
  }
}

// As the app's own looks would have left them: both sides as the feeds show them, joined by mail.
async function linksAtRest(): Promise<Link[]> {
  const accounts = new Map<unknown, { readonly objectId: string; readonly print: string | null }>();
  for await (const seen of everyoneOf(feeds.entraToDrupal))
    if (seen.system === "entra")
      accounts.set(seen.user.attributes.mail, {
        objectId: seen.user.objectId,
        print: prints.entra(seen.user, new Set()),
      });
  const links: Link[] = [];
  const at = new Date().toISOString();
  const both = { drupalToEntra: true, entraToDrupal: true };
  for await (const seen of everyoneOf(feeds.drupalToEntra)) {
    if (seen.system !== "drupal") continue;
    const entra = accounts.get(seen.user.mail);
    const rest = { drupal: prints.drupal(seen.user), entra: entra?.print ?? null };
    const known = { ...newLink(seen.user.uuid), rest, rested: { at, code: "inSync" } };
    const joined = { entraObjectId: entra?.objectId ?? null, linkedAt: at };
    links.push(entra ? { ...known, ...joined, served: both, inScope: both } : known);
  }
  return links;
}

async function saveAll(name: string, rows: readonly TableEntity[]): Promise<void> {
  const table = openTable(account, name);
  const byPartition = Map.groupBy(rows, ({ partitionKey }) => partitionKey);
  await eachAtOnce(byPartition.values(), 4, async (all) => {
    for (let start = 0; start < all.length; start += ROWS_OF_A_TRANSACTION)
      await table.saveTogether(
        all.slice(start, start + ROWS_OF_A_TRANSACTION).map((row) => ["create", row]),
      );
  });
}

function shown(cycle: SeenCycle) {
  const seconds = secondsOf(cycle);
  return {
    direction: cycle.direction,
    kind: cycle.kind,
    status: cycle.status,
    read: cycle.reading.users,
    unchanged: cycle.reading.unchanged,
    nominated: cycle.nominated,
    seconds: Math.round(seconds * 10) / 10,
    "users/s": Math.round(cycle.reading.users / seconds),
  };
}

async function run(on: Stack, kind: "initial" | "incremental", directions: readonly Direction[]) {
  const before = await readAsked(on);
  const cpu = cpuSeconds(on.host.process.pid) ?? 0;
  const ids: string[] = [];
  for (const direction of directions) ids.push(await startCycle(on, direction, kind));
  const cycles = await untilOver(on, ids, 500);
  const { graph, drupal } = askedBetween(before, await readAsked(on));
  const used = (cpuSeconds(on.host.process.pid) ?? 0) - cpu;
  console.table(cycles.map(shown));
  for (const { reason, status } of cycles)
    if (status !== "complete") console.log(reason?.message ?? status);
  return { graph, drupal, cpu: used };
}

say(`the host runs with NODE_OPTIONS="${values["node-options"]}"`);
say(`${users} users on both sides; reading them to make their links`);
const links = await linksAtRest();
say(`writing ${links.length} links`);
await saveAll("links", links.map(toLinkRow));
await saveAll(
  "linkholders",
  links.flatMap(({ entraObjectId, drupalUuid }) =>
    entraObjectId === null
      ? []
      : [{ partitionKey: partitionOf(entraObjectId), rowKey: entraObjectId, drupalUuid }],
  ),
);
const idle = peakMemoryMib(stack.host.process.pid);
say("initial cycles, both directions at once");
const everyone = await run(stack, "initial", DIRECTIONS);
const peak = peakMemoryMib(stack.host.process.pid);
console.table([
  { what: "Graph calls", measured: callsOf(everyone.graph).calls, limit: LIMITS.graph },
  { what: "Drupal calls", measured: callsOf(everyone.drupal).calls, limit: LIMITS.drupal },
  { what: "writes to Graph", measured: callsOf(everyone.graph).writes, limit: 0 },
  { what: "writes to Drupal", measured: callsOf(everyone.drupal).writes, limit: 0 },
  { what: "peak RSS of the host, MiB", measured: peak, limit: LIMITS.memoryMib },
  { what: "… before the cycles, MiB", measured: idle },
  { what: "CPU of the host, s", measured: Math.round(everyone.cpu * 10) / 10 },
]);
for (const direction of DIRECTIONS) {
  say(`incremental cycle, ${direction}`);
  const { graph, drupal } = await run(stack, "incremental", [direction]);
  console.table([
    { system: "Graph", ...callsOf(graph), routes: Object.keys(graph).join(", ") },
    { system: "Drupal", ...callsOf(drupal), routes: Object.keys(drupal).join(", ") },
  ]);
}
for (const line of stack.lines.filter((text) => /failed|error/i.test(text)).slice(0, 10)) say(line);
await stack.close();
process.exit(0);
