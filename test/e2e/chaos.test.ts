// Everything at once: duplicated and shuffled webhooks, a failing Graph, hosts killed on the way. Nobody is lost or doubled.
// CHAOS_USERS=1000 runs it at the size of a real import (some minutes).
import { QueueClient } from "@azure/storage-queue";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, type Stack, startStack } from "./stack.ts";

const USERS = Number(process.env.CHAOS_USERS ?? 100);
const KILLS = 5;
const LIMIT_MS = 300_000 + USERS * 600;

let stack: Stack;
beforeAll(async () => {
  // A killed host's messages come back after their lease: 10 minutes on Azure, 5 seconds here.
  stack = await startStack({ queueLeaseMs: 5000, settings: { REQUEST_TIMEOUT_MS: "1500" } });
});
afterAll(() => stack.close());

describe("an import under fire", () => {
  it(
    `creates ${USERS} users exactly once while Graph fails for a tenth of the calls and the host is killed ${KILLS} times`,
    async () => {
      await stack.control("drupal", { webhook: { duplicateRate: 0.2, shuffleMs: 300 } });
      await stack.control("graph", {
        seed: 7,
        faults: [
          { rate: 0.025, kind: "status", status: 429, retryAfterSeconds: 1 },
          { rate: 0.025, kind: "status", status: 503 },
          { rate: 0.025, kind: "dropAfterCommit" },
          { rate: 0.025, kind: "hangAfterCommit" },
        ],
      });
      const made = new Map<string, string>();
      const create = async (index: number) => {
        const name = `chaos.user${index}`;
        made.set(name, await stack.createDrupalUser(name, { field_department: "Sales" }));
      };
      const perKill = Math.ceil(USERS / (KILLS + 1));
      for (let from = 0; from < USERS; from += perKill) {
        const batch = Array.from({ length: Math.min(perKill, USERS - from) }, (_, i) => from + i);
        for (let i = 0; i < batch.length; i += 4)
          await Promise.all(batch.slice(i, i + 4).map(create));
        if (from + perKill < USERS) await stack.restartHost("kill");
      }

      const queues = ["provision-requests", "provision-requests-poison"].map(
        (name) => new QueueClient(stack.azurite.connectionString, name),
      );
      const waiting = async (queue: QueueClient | undefined) =>
        (await queue?.getProperties().catch(() => null))?.approximateMessagesCount ?? 0;
      await eventually(
        "everyone is in Entra, and the queue is at rest",
        async () => stack.entraUsers().length >= USERS && (await waiting(queues[0])) === 0,
        LIMIT_MS,
      );
      await stack.control("graph", { faults: [] });

      const users = stack.entraUsers();
      const markers = users.map((user) => user.onPremisesExtensionAttributes?.extensionAttribute15);
      expect(users).toHaveLength(USERS);
      expect(new Set(markers)).toEqual(new Set(made.values()));
      expect(users.filter((user) => user.department !== "Sales" || !user.accountEnabled)).toEqual(
        [],
      );

      // Each event has an outcome, each create one row, and what ended in poison (nothing should) is explained.
      for (const uuid of made.values()) {
        const rows = await stack.audit(`&user=${uuid}`);
        expect(
          rows.filter((row) => row.operation === "create" && row.status === "success"),
        ).toHaveLength(1);
        expect(rows.filter((row) => row.status === "failure")).toEqual([]);
      }
      expect(await waiting(queues[1])).toBe(0);
      expect(stack.lines.filter((line) => line.includes("failed:"))).toEqual([]);
    },
    LIMIT_MS + 120_000,
  );
});
