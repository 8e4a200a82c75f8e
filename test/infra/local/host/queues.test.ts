// Storage queue triggers and outputs, in host processes against Azurite.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { QueueClient } from "@azure/storage-queue";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type Azurite, startAzurite } from "../../../../infra/local/azurite.ts";
import { type SpawnedHost, spawnHost } from "../../../../infra/local/host/spawn-host.ts";
import { eventually, logged } from "./eventually.ts";

const appDirectory = new URL("./fixtures/queues", import.meta.url).pathname;
const Seen = z.object({
  type: z.string(),
  entry: z.unknown(),
  metadata: z.record(z.string(), z.unknown()),
});

let directory: string;
let azurite: Azurite;
let host: SpawnedHost;

const start = (settings: Record<string, string> = {}): Promise<SpawnedHost> =>
  spawnHost({
    appDirectory,
    settings: {
      AzureWebJobsStorage: azurite.connectionString,
      SEEN_QUEUE: "Seen-Items",
      ...settings,
    },
    queueLeaseMs: 1500,
  });
const queueOf = (name: string): QueueClient => new QueueClient(azurite.connectionString, name);

async function send(name: string, ...texts: string[]): Promise<void> {
  const queue = queueOf(name);
  await queue.createIfNotExists();
  for (const text of texts) await queue.sendMessage(Buffer.from(text).toString("base64"));
}

const ends = (functionName: string, among = host): boolean[] =>
  among.events.flatMap((event) =>
    event.kind === "end" && event.function === functionName ? [event.success] : [],
  );

const starts = (functionName: string): number =>
  host.events.filter((event) => event.kind === "start" && event.function === functionName).length;

const peek = async (name: string): Promise<string[]> => {
  try {
    const { peekedMessageItems } = await queueOf(name).peekMessages({ numberOfMessages: 32 });
    return peekedMessageItems.map(({ messageText }) => messageText);
  } catch {
    return [];
  }
};
const decoded = async (name: string): Promise<string[]> =>
  (await peek(name)).map((text) => Buffer.from(text, "base64").toString("utf8"));

const seenAfter = async (...texts: string[]): Promise<z.output<typeof Seen>[]> => {
  const before = logged(host.events, "seen").length;
  await send("seen-items", ...texts);
  return eventually(() => {
    const since = logged(host.events, "seen").slice(before);
    return since.length >= texts.length && since.map((line) => Seen.parse(line));
  });
};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "host-queues-"));
  azurite = await startAzurite({ directory, inMemory: true });
  host = await start();
});
afterAll(async () => {
  await host?.close();
  await azurite?.close();
  await rm(directory, { recursive: true, force: true });
});

describe("what the handler sees", () => {
  it.each([
    ['{"a":1}', "object", { a: 1 }],
    ["plain text", "string", "plain text"],
    ["42", "number", 42],
    ['"quoted"', "string", "quoted"],
    ["true", "boolean", true],
    ["", "string", ""],
    ["[1,2]", "object", [1, 2]],
  ])("the message %s as %s", async (text, type, entry) => {
    const [seen] = await seenAfter(text);
    expect(seen).toMatchObject({ type, entry });
  });

  it("gets the metadata of the message in camel case", async () => {
    const [seen] = await seenAfter("hello");
    expect(seen?.metadata).toEqual({
      queueTrigger: "hello",
      dequeueCount: 1,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      popReceipt: expect.any(String),
      insertionTime: expect.stringMatching(/^\d{4}-.*\+00:00$/),
      expirationTime: expect.stringMatching(/^\d{4}-.*\+00:00$/),
      nextVisibleTime: expect.stringMatching(/^\d{4}-.*\+00:00$/),
    });
  });

  it("finds its own properties in the place of metadata of the same name, as on Azure", async () => {
    const body = {
      id: "mine",
      DequeueCount: 99,
      flag: true,
      deep: { Inner: 1 },
      list: [1],
      none: null,
    };
    const [seen] = await seenAfter(JSON.stringify(body));
    expect(seen?.metadata).toMatchObject({
      id: "mine",
      dequeueCount: 99,
      flag: "True",
      deep: { inner: 1 },
    });
    expect(seen?.metadata).not.toHaveProperty("list");
    expect(seen?.metadata).not.toHaveProperty("none");
  });
});

describe("failing messages", () => {
  it("go to the poison queue after exactly five attempts, with their body alone", async () => {
    await send("fails", '{"bad":1}');
    expect(await eventually(async () => (await decoded("fails-poison")).length > 0)).toBe(true);
    expect(await decoded("fails-poison")).toEqual(['{"bad":1}']);
    expect(ends("fails")).toEqual([false, false, false, false, false]);
    const { peekedMessageItems } = await queueOf("fails-poison").peekMessages();
    expect(peekedMessageItems[0]?.dequeueCount).toBe(0);
    await eventually(
      async () => (await queueOf("fails").getProperties()).approximateMessagesCount === 0,
    );
  });

  it("go to the poison queue at once when they are not base64", async () => {
    const queue = queueOf("seen-items");
    const before = logged(host.events, "seen").length;
    await queue.createIfNotExists();
    await queue.sendMessage("not base64!");
    await eventually(async () => (await peek("seen-items-poison")).includes("not base64!"));
    expect(logged(host.events, "seen")).toHaveLength(before);
  });
});

describe("outputs", () => {
  const madeAfter = async (put: unknown, count: number): Promise<unknown[]> => {
    const before = logged(host.events, "made").length;
    await send("fan-out", JSON.stringify({ put }));
    await eventually(() => logged(host.events, "made").length >= before + count);
    return logged(host.events, "made")
      .slice(before)
      .map((line) => z.object({ made: z.unknown() }).parse(line).made)
      .sort();
  };

  it.each([
    ["an array: one message per element", ["a", "b", 3], ["a", "b", 3].sort()],
    ["an object: one message", { a: 1 }, [{ a: 1 }]],
    ["the text of a JSON array: one message per element", '["x","y"]', ["x", "y"]],
    ["a text: one message", "text", ["text"]],
    ["a number: one message", 7, [7]],
  ])("write %s", async (_, put, made) => {
    expect(await madeAfter(put, made.length)).toEqual(made);
  });

  it("write nothing for nothing, and nothing when the function fails", async () => {
    // What the last messages of the tests before began is told as ended a moment after it was told as made.
    await eventually(() => ends("made").length === starts("made"));
    const before = ends("made").length;
    const failing = { put: "x", fail: true };
    await send("fan-out", JSON.stringify({ put: null }), JSON.stringify(failing));
    await eventually(async () => (await decoded("fan-out-poison")).length > 0);
    expect(await decoded("fan-out-poison")).toEqual([JSON.stringify(failing)]);
    expect(ends("made")).toHaveLength(before);
  });

  it("write the return value, and make the queue when it is missing", async () => {
    await send("returns", '{"r":1}');
    expect(await eventually(async () => (await decoded("returned")).length > 0)).toBe(true);
    expect(await decoded("returned")).toEqual(['{"r":1}']);
  });

  it("fail the invocation when they cannot be written", async () => {
    await send("too-big", "x");
    await eventually(async () => (await decoded("too-big-poison")).length > 0);
    const failures = host.events.flatMap((event) =>
      event.kind === "end" && event.function === "tooBig" ? [event.error] : [],
    );
    expect(failures).toHaveLength(5);
    for (const failure of failures) expect(failure).toMatch(/^The request body is too large/);
  });

  it("of an HTTP function wake the listener of this host at once", async () => {
    const before = logged(host.events, "made").length;
    await fetch(`${host.url}/api/enqueue`, { method: "POST", body: '["one","two"]' });
    await eventually(() => logged(host.events, "made").length === before + 2, 1000);
  });
});

describe("concurrency", () => {
  it("never runs more than batchSize and newBatchThreshold allow", async () => {
    await send("slow", "1", "2", "3", "4", "5");
    await eventually(() => ends("slow").length === 5);
    const most = logged(host.events, "slow").map(
      (line) => z.object({ active: z.number() }).parse(line).active,
    );
    expect(Math.max(...most)).toBe(2);
  });
});

describe("by hand", () => {
  it("runs a queue function with the given input and answers 202 before it has run", async () => {
    const before = logged(host.events, "seen").length;
    const response = await fetch(`${host.url}/admin/functions/seen`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ input: '{"by":"hand"}' }),
    });
    expect(response.status).toBe(202);
    const line = await eventually(() => logged(host.events, "seen")[before]);
    expect(line).toMatchObject({ entry: { by: "hand" } });
  });
});

describe("leases", () => {
  const slowStarts = (among: SpawnedHost): number => logged(among.events, "slow").length;
  const empty = async (): Promise<boolean> =>
    (await queueOf("slow").getProperties()).approximateMessagesCount === 0;
  let second: SpawnedHost;

  it("are renewed while a function runs longer than its lease, so no other host gets the message", async () => {
    second = await start();
    const before = slowStarts(host);
    const done = ends("slow").length;
    await send("slow", '{"ms":2500}');
    await eventually(() => ends("slow").length + ends("slow", second).length > done);
    expect(slowStarts(host) + slowStarts(second)).toBe(before + 1);
    await eventually(empty);
  });

  it("let a host that stops finish what it has taken, while the other hosts go on", async () => {
    const before = slowStarts(host);
    const beforeSecond = slowStarts(second);
    await send("slow", '{"ms":600}');
    const owner = await eventually(
      () => (slowStarts(host) > before && host) || (slowStarts(second) > beforeSecond && second),
    );
    expect(await owner.close()).toBe(0);
    expect(ends("slow", owner).at(-1)).toBe(true);
    expect(await empty()).toBe(true);
    if (owner === host) host = second;
  });

  it("run out after a crash, and the message comes again", async () => {
    const before = slowStarts(host);
    await send("slow", '{"ms":60000}');
    await eventually(() => slowStarts(host) > before);
    await host.kill();
    expect(await empty()).toBe(false);
    host = await start({ MOST_MS: "10" });
    await eventually(() => ends("slow").length > 0);
    expect(ends("slow")).toEqual([true]);
    const attempts = host.events.filter((event) => event.kind === "start");
    expect(attempts.map(({ reason }) => reason)).toEqual(["message on slow, attempt 2"]);
  });
});
