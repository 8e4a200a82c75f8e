// Hosts that are killed while they run a cycle of everyone: it comes to its end, with each user exactly once.
// CRASH_USERS=5000 CRASH_KILLS=20 is the full run: each time the cycle stands still until its host counts as gone (30 s).
import { QueueClient } from "@azure/storage-queue";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { SpawnedHost } from "../../infra/local/host/spawn-host.ts";
import { type CycleClient, cycleClient } from "./cycle-client.ts";
import { eventually, type Stack, startStack } from "./stack.ts";

const USERS = Number(process.env.CRASH_USERS ?? 150);
const KILLS = Number(process.env.CRASH_KILLS ?? 2);
const LIMIT_MS = 60_000 + KILLS * 60_000 + USERS * 200;

let stack: Stack;
let operator: CycleClient;
beforeAll(async () => {
  // A killed host's messages come back after their lease: 10 minutes on Azure, 5 seconds here.
  stack = await startStack({ people: USERS, queueLeaseMs: 5000 });
  operator = cycleClient(stack);
  await operator.silence();
  // Slow enough to die in the middle of a user, and on the way between two.
  await stack.control("graph", { latencyMs: 20 });
  await stack.control("drupal", { latencyMs: 20 });
});
afterAll(() => stack.close());

const count = () => stack.graph.listUsers().length;

/** Whether a host is at a slice of a cycle. */
function runsCycle({ events }: SpawnedHost): boolean {
  const open = new Set<string>();
  for (const event of events) {
    if (event.kind === "start" && event.function === "cycle-request") open.add(event.invocationId);
    if (event.kind === "end") open.delete(event.invocationId);
  }
  return open.size > 0;
}

it(
  `a cycle of ${USERS} users whose host is killed ${KILLS} times creates each exactly once`,
  async () => {
    // Any of the four may take the cycle, and is killed for it.
    const others = await Promise.all([1, 2, 3].map(() => stack.startHost()));
    const began = Date.now();
    const { id } = await operator.startCycle({ direction: "drupalToEntra", kind: "initial" });
    let stoodStillMs = 0;
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const enough = Math.floor((USERS * kill) / (KILLS + 1));
      await eventually("so many are there", async () => count() >= enough, LIMIT_MS, 100);
      const at = others.findIndex(runsCycle);
      const runner = others[at];
      if (runner === undefined) await stack.restartHost("kill");
      else {
        await runner.kill();
        others[at] = await stack.startHost();
      }
      await operator.silence();
      const killedAt = Date.now();
      const left = count();
      const goesOn = async () => count() > left;
      await eventually("another host goes on", goesOn, 120_000, 100);
      stoodStillMs += Date.now() - killedAt;
    }
    const cycle = await operator.atRest(id, LIMIT_MS);
    const seconds = Math.round((Date.now() - began) / 1000);
    expect(cycle).toMatchObject({ status: "complete", nominated: USERS + 2, done: USERS + 2 });
    const { written = 0, inSync = 0, skipped = 0, ...other } = cycle.outcomes;
    // What a kill took from the cycle's memory is looked at once more, and found written.
    expect({ users: written + inSync, skipped, other }).toEqual({
      users: USERS,
      skipped: 2,
      other: {},
    });
    const told = await operator.usersOf(id);
    expect(new Set(told.map(({ drupalUuid }) => drupalUuid)).size).toBe(USERS + 2);

    await operator.quiet();
    const accounts = stack.entraUsers();
    expect(accounts).toHaveLength(USERS);
    const markers = accounts.map((one) => one.onPremisesExtensionAttributes?.extensionAttribute15);
    expect(new Set(markers).size).toBe(USERS);
    const creates = await operator.auditOf("&operation=create&status=success");
    expect(creates).toHaveLength(USERS);
    expect(new Set(creates.map(({ drupalUuid }) => drupalUuid)).size).toBe(USERS);
    expect(await operator.auditOf("&status=failure")).toEqual([]);

    for (const name of ["provision-requests-poison", "cycle-requests-poison"]) {
      const queue = new QueueClient(stack.azurite.connectionString, name);
      const properties = await queue.getProperties().catch(() => null);
      expect(properties?.approximateMessagesCount ?? 0).toBe(0);
    }
    const again = await operator.run({ direction: "drupalToEntra", kind: "initial" }, LIMIT_MS);
    expect(again).toMatchObject({ status: "complete", operations: {} });
    const waits = `stood still ${Math.round(stoodStillMs / 1000 / Math.max(1, KILLS))} s a kill`;
    console.log(
      `${USERS} users, ${KILLS} kills: ${seconds} s, ${waits}; ${written} written, ${inSync} found written, ${creates.length} creates in the audit log, ${again.nominated} nominated afterwards`,
    );
  },
  LIMIT_MS + 60_000,
);
