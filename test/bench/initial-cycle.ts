// How fast two filled sides become one: `npm run bench:initial`. Some people are only in Drupal, some only in Entra, some on
// both sides; initial cycles both ways at once, at Graph's write quota. Prints tables; asserts nothing.
// Options: --users 10000 (on each side, half of them on both) --pace 0.15 --graph-ms 0 --drupal-ms 0 --auth oauth|basic
// --burst 3000 (writes left in the bucket at the start: fewer make the quota bind with fewer users)
// --only-drupal n --only-entra n --both n --direction drupalToEntra|entraToDrupal (both) --node-options="…" (of the host)
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Direction } from "../../src/rules/users.ts";
import { eachAtOnce } from "../../src/storage/at-once.ts";
import { createAuditLog } from "../../src/storage/audit-log.ts";
import { startStack } from "../e2e/stack.ts";
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

const text = { type: "string" } as const;
const { values } = parseArgs({
  options: {
    users: { ...text, default: "10000" },
    burst: { ...text, default: "3000" },
    pace: { ...text, default: "0.15" },
    "graph-ms": { ...text, default: "0" },
    "drupal-ms": { ...text, default: "0" },
    auth: { ...text, default: "oauth" },
    "only-drupal": text,
    "only-entra": text,
    both: text,
    direction: text,
    "node-options": { ...text, default: SMALL_HEAP },
  },
});
const half = Math.floor(Number(values.users) / 2);
const onlyDrupal = Number(values["only-drupal"] ?? half);
const onlyEntra = Number(values["only-entra"] ?? half);
const both = Number(values.both ?? half);
const everyone = onlyDrupal + both + onlyEntra;
const pace = Number(values.pace);
const DIRECTIONS = (["drupalToEntra", "entraToDrupal"] as const).filter(
  (one) => values.direction === undefined || values.direction === one,
);

// The bucket of the simulator (infra/local/graph/settings), which is Graph's own.
const BURST = 3000;
const PER_SECOND = BURST / 150;

// One slow clock for the host, the tenant and the site.
const from = Date.now();
const slowNow = (): number => from + (Date.now() - from) * pace;
const slowMs = (ms: string): number => Math.round(Number(ms) / pace);

const say = (line: string): void =>
  console.log(`${String(Math.round((slowNow() - from) / 1000)).padStart(5)} s  ${line}`);

const slowTime = `--import=${join(import.meta.dirname, "slow-time.ts")}`;
const oauth = {
  DRUPAL_AUTH: "oauth",
  DRUPAL_CLIENT_ID: "sync",
  DRUPAL_CLIENT_SECRET: "sync-secret",
};
const stack = await startStack({
  fillSite: (site) => fillSite(site, 0, onlyDrupal + both),
  fillTenant: (tenant) => {
    // First: by the slow clock, people of the real one are not there yet.
    tenant.clock.set({ offsetMs: slowNow() - Date.now(), scale: pace });
    fillTenant(tenant, onlyDrupal, everyone);
  },
  queueLeaseMs: Math.round(600_000 / pace),
  settings: {
    ...(values.auth === "oauth" ? oauth : {}),
    // Drupal's webhooks would ask for looks that are no cycle's.
    WEBHOOK_FORMATS: "standard",
    NODE_OPTIONS: `${slowTime} ${values["node-options"]}`,
    SLOW_TIME_PACE: String(pace),
    SLOW_TIME_FROM: String(from),
  },
});
const { site } = stack.drupal.simulation;
setInterval(() => {
  site.settings.clockOffsetMs = slowNow() - Date.now();
}, 20).unref();
await stack.control("drupal", { webhook: { formats: [] }, latencyMs: slowMs(values["drupal-ms"]) });
await stack.control("graph", { latencyMs: slowMs(values["graph-ms"]) });

// Children of this process: the host, and Azurite.
const children = (): number[] => {
  try {
    const list = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8");
    return list.trim().split(" ").map(Number);
  } catch {
    return [];
  }
};
const { pid } = stack.host.process;
const cpuOf = () => ({
  host: cpuSeconds(pid) ?? 0,
  azurite: children()
    .filter((one) => one !== pid)
    .reduce((total, one) => total + (cpuSeconds(one) ?? 0), 0),
  simulators: cpuSeconds(process.pid) ?? 0,
});

interface Progress {
  mark: string;
  movedAt: number;
  longestStall: number;
}
const progress = new Map<string, Progress>();
let toldAt = 0;
function look(cycles: readonly SeenCycle[]): void {
  const now = slowNow();
  for (const { id, status, reading, nominated, done } of cycles) {
    const mark = [status, reading.users, nominated, done].join();
    const known = progress.get(id) ?? { mark: "", movedAt: now, longestStall: 0 };
    const stall = status === "complete" ? 0 : now - known.movedAt;
    progress.set(id, {
      mark,
      movedAt: mark === known.mark ? known.movedAt : now,
      longestStall: Math.max(known.longestStall, stall),
    });
  }
  if (now - toldAt < 20_000) return;
  toldAt = now;
  const told = cycles.map(
    ({ direction, status, reading, nominated, done }) =>
      `${direction} ${status}: ${reading.users} read, ${done} of ${nominated} done`,
  );
  say(told.join(" · "));
}

// When Graph was last written, by the slow clock.
let graphWrites = 0;
let lastWriteAt = 0;
async function sampleWrites(): Promise<void> {
  const { writes } = callsOf((await readAsked(stack)).graph);
  if (writes !== graphWrites) lastWriteAt = slowNow();
  graphWrites = writes;
}

async function run(kind: "initial" | "incremental", directions: readonly Direction[]) {
  const before = await readAsked(stack);
  const cpu = cpuOf();
  const ids: string[] = [];
  for (const direction of directions) ids.push(await startCycle(stack, direction, kind));
  const startedAt = slowNow();
  const sampling = setInterval(() => void sampleWrites(), 1000);
  const cycles = await untilOver(stack, ids, kind === "initial" ? 1000 : 200, look);
  clearInterval(sampling);
  await sampleWrites();
  const seconds = (slowNow() - startedAt) / 1000;
  const used = cpuOf();
  const share = (one: keyof typeof used) =>
    `${Math.round(((used[one] - cpu[one]) / (seconds / pace)) * 100)} %`;
  const asked = askedBetween(before, await readAsked(stack));
  return {
    cycles,
    asked,
    cpu: { host: share("host"), azurite: share("azurite"), simulators: share("simulators") },
  };
}

// As another job of the same app would: writes that Graph refuses count as well. They are taken by whoever asks (Graph knows
// the app, not the instance), and the sync learns of it from its first answer.
async function useUp(writes: number): Promise<void> {
  const url = `${stack.graph.url}/v1.0/users/${crypto.randomUUID()}`;
  const headers = { Authorization: "Bearer local", "Content-Type": "application/json" };
  await eachAtOnce(Array.from({ length: writes }), 8, async () => {
    await (await fetch(url, { method: "PATCH", headers, body: "{}" })).arrayBuffer();
  });
}

const round = (value: number): number => Math.round(value * 100) / 100;
const twice = (keys: readonly (string | null | undefined)[]): number => {
  const known = keys.flatMap((key) => (key ? [key.toLowerCase()] : []));
  return known.length - new Set(known).size;
};

async function createsAudited(cycleIds: readonly string[]) {
  const { connectionString } = stack.azurite;
  const audit = createAuditLog({ kind: "connectionString", connectionString });
  const counts = new Map<string, number>();
  for (const cycleId of cycleIds) {
    const question = { scope: { kind: "cycle", cycleId }, where: { operation: "create" } } as const;
    for await (const { drupalUuid, status } of audit.each(question)) {
      const key = `${drupalUuid} ${status}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return { entries: counts.size, repeated: [...counts.values()].filter((n) => n > 1).length };
}

console.log(
  `${onlyDrupal} people only in Drupal, ${onlyEntra} only in Entra, ${both} on both sides; Graph ${values["graph-ms"]} ms, ` +
    `Drupal ${values["drupal-ms"]} ms, ${values.auth}.\nAll clocks run at ${pace} of real time, so that the quota binds and ` +
    "not this machine: seconds below are theirs, shares of a CPU core are real.",
);
const usedAt = slowNow();
await useUp(Math.max(0, BURST - Number(values.burst)));
const backSince = ((slowNow() - usedAt) / 1000) * PER_SECOND;
const burst = Math.min(BURST, Number(values.burst) + backSince);
const { cycles, asked, cpu } = await run("initial", DIRECTIONS);
const written = callsOf(asked.graph).writes;
const quotaSeconds = Math.max(0, written - burst) / PER_SECOND;
const began = Math.min(...cycles.map(({ startedAt }) => Date.parse(startedAt ?? "")));
const writingSeconds = written === 0 ? 0 : (lastWriteAt - began) / 1000;
const ratio = (seconds: number) =>
  quotaSeconds === 0 ? "no quota binds" : round(seconds / quotaSeconds);
const longest = Math.max(...cycles.map(secondsOf));
const entraUsers = stack.entraUsers();
const drupalUsers = site.users.inUidOrder();
const audited = await createsAudited(cycles.map(({ id }) => id));
console.table(
  cycles.map((cycle) => ({
    direction: cycle.direction,
    status: cycle.status,
    read: cycle.reading.users,
    unchanged: cycle.reading.unchanged,
    nominated: cycle.nominated,
    seconds: round(secondsOf(cycle)),
    "users/s": round(cycle.done / secondsOf(cycle)),
    "longest stall s": round((progress.get(cycle.id)?.longestStall ?? 0) / 1000),
    outcomes: JSON.stringify(cycle.outcomes),
    operations: JSON.stringify(cycle.operations),
  })),
);
console.table([
  { what: "writes to Graph", measured: written },
  { what: "writes that were in the bucket", measured: Math.round(burst) },
  { what: "429 answers of Graph", measured: asked.graphStatuses["429"] ?? 0, goal: 0 },
  { what: "the quota's own time for them, s", measured: round(quotaSeconds) },
  { what: "from the start to the last write, s", measured: round(writingSeconds) },
  { what: "… ratio", measured: ratio(writingSeconds), goal: 1.05 },
  { what: "the longer cycle, s", measured: round(longest) },
  { what: "… ratio", measured: ratio(longest) },
  { what: "writes to Drupal", measured: callsOf(asked.drupal).writes },
  { what: "Entra accounts", measured: entraUsers.length, goal: everyone },
  { what: "… with a mail twice", measured: twice(entraUsers.map(({ mail }) => mail)), goal: 0 },
  {
    what: "… with a marker twice",
    measured: twice(
      entraUsers.map((one) => one.onPremisesExtensionAttributes?.extensionAttribute15),
    ),
    goal: 0,
  },
  { what: "Drupal accounts", measured: drupalUsers.length - 3, goal: everyone },
  { what: "… with a mail twice", measured: twice(drupalUsers.map(({ mail }) => mail)), goal: 0 },
  { what: "audit entries of creates", measured: audited.entries, goal: onlyDrupal + onlyEntra },
  { what: "… repeated for a user", measured: audited.repeated, goal: 0 },
  { what: "peak RSS of the host, MiB", measured: peakMemoryMib(pid) },
  { what: "CPU of the host", measured: cpu.host },
  { what: "CPU of Azurite", measured: cpu.azurite },
  { what: "CPU of simulators and bench", measured: cpu.simulators },
]);
console.table([{ system: "Graph", ...asked.graph }]);
console.table([{ system: "Drupal", ...asked.drupal }]);
for (const { status, reason } of cycles)
  if (status !== "complete") console.log(status, reason?.message);

// As a schedule would, with minutes between. The first reads whom the initial cycles wrote; the second reads them again on
// Drupal's side, where its last minutes are read twice (connectors/drupal/feed-position); for the third nobody has changed.
for (const turn of ["first", "second", "third"]) {
  await setTimeout(130_000 / pace);
  for (const direction of DIRECTIONS) {
    const { cycles: after, asked: calls } = await run("incremental", [direction]);
    for (const cycle of after)
      say(
        `${turn} incremental cycle, ${direction}: ${cycle.status}, ${cycle.reading.users} read, ` +
          `${cycle.reading.unchanged} unchanged, ${JSON.stringify(cycle.outcomes)}; Graph ` +
          `${JSON.stringify(callsOf(calls.graph))}, Drupal ${JSON.stringify(callsOf(calls.drupal))}`,
      );
  }
}
for (const line of stack.lines.filter((one) => /failed|error/i.test(one)).slice(0, 10)) say(line);
await stack.close();
process.exit(0);
