// HTTP functions with enableHttpStream, where the host proxies to the library's own server.

import { readdir, readFile, readlink } from "node:fs/promises";
import { request } from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type SpawnedHost, spawnHost } from "../../../../infra/local/host/spawn-host.ts";
import { eventually } from "./eventually.ts";

let host: SpawnedHost;
beforeAll(async () => {
  host = await spawnHost({
    appDirectory: new URL("./fixtures/streaming", import.meta.url).pathname,
    keys: { master: "the-master-key" },
  });
});
afterAll(async () => {
  expect(await host.close()).toBe(0);
});

const url = (path: string): string => `${host.url}/v1/api/${path}`;

it("passes a chunked request body on to the handler", async () => {
  const body = new ReadableStream({
    start: (controller) => {
      controller.enqueue(new TextEncoder().encode("one "));
      controller.enqueue(new TextEncoder().encode("two"));
      controller.close();
    },
  });
  const init: RequestInit = { method: "POST", body, duplex: "half" };
  const seen: unknown = await (await fetch(url("echo/7?q=1"), init)).json();
  expect(seen).toMatchObject({ url: url("echo/7?q=1"), params: { id: "7" }, body: "one two" });
});

it("passes on a chunked body of DELETE, a counted body, none, and joined headers", async () => {
  const text = (method: string, headers: Record<string, string | string[]>, body?: string) =>
    new Promise<Record<string, unknown>>((resolve, reject) => {
      const outgoing = request(url("echo"), { method, headers }, (response) => {
        response.setEncoding("utf8").once("data", (data) => resolve(JSON.parse(data)));
      });
      outgoing.on("error", reject).end(body);
    });
  expect(await text("DELETE", { "transfer-encoding": "chunked" }, "gone")).toMatchObject({
    body: "gone",
  });
  expect(await text("POST", { "content-length": "4" }, "here")).toMatchObject({ body: "here" });
  expect(await text("POST", {})).toMatchObject({ body: "", params: {} });
  expect(await text("GET", { "x-twice": ["1", "2"] })).toMatchObject({ header: "1,2" });
});

it("sends each chunk of the response when it is there", async () => {
  const response = await fetch(url("chunks"));
  expect(response.headers.get("x-own")).toBe("yes");
  const times: number[] = [];
  let text = "";
  for await (const chunk of response.body ?? []) {
    times.push(performance.now());
    text += Buffer.from(chunk).toString();
  }
  expect(text).toBe("one two three");
  expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(200);
});

it("ends a request whose handler throws with an empty 500, body or not, and keeps working", async () => {
  for (const init of [{}, { method: "POST", body: "x".repeat(300_000) }]) {
    const response = await fetch(url("throws"), init);
    expect([response.status, await response.text()]).toEqual([500, ""]);
  }
  expect((await fetch(url("echo"))).status).toBe(200);
});

it("says that a handler must not return nothing", async () => {
  expect((await fetch(url("nothing"))).status).toBe(500);
  await eventually(() =>
    host.events.some((event) => event.kind === "log" && /returned nothing/.test(event.message)),
  );
});

it("holds the connection when the source of a response breaks, as the library forgets it, until the client gives up", async () => {
  const away = new AbortController();
  const response = await fetch(url("breaks"), { signal: away.signal });
  const reader = response.body?.getReader();
  await reader?.read();
  const next = reader?.read().then(
    () => "ended",
    () => "broken off",
  );
  const held = new Promise((resolve) => setTimeout(() => resolve("held"), 500));
  expect(await Promise.race([next, held])).toBe("held");
  away.abort();
  expect(await next).toBe("broken off");
  expect((await fetch(url("echo"))).status).toBe(200);
});

it("goes on when a client goes away", async () => {
  const away = new AbortController();
  const response = await fetch(url("chunks"), { signal: away.signal });
  expect(response.status).toBe(200);
  away.abort();
  const id = host.events.findLast((event) => event.kind === "start");
  await eventually(() =>
    host.events.some(
      (event) =>
        event.kind === "end" && id?.kind === "start" && event.invocationId === id.invocationId,
    ),
  );
  expect((await fetch(url("echo"))).status).toBe(200);
});

it("checks keys and routes before anything is forwarded", async () => {
  expect((await fetch(url("guarded"))).status).toBe(401);
  expect((await fetch(url("guarded?code=the-master-key"))).status).toBe(200);
  expect((await fetch(`${host.url}/api/echo`)).status).toBe(404);
});

it("passes cookies on", async () => {
  const response = await fetch(url("cookie"));
  expect([response.status, response.headers.getSetCookie()]).toEqual([204, ["a=b"]]);
});

it("runs maxConcurrentRequests at once, lets others wait, and answers 429 beyond maxOutstandingRequests", async () => {
  const started = performance.now();
  const statuses = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const { status } = await fetch(url("slow"));
      return { status, ms: performance.now() - started };
    }),
  );
  const passed = statuses.filter(({ status }) => status === 200);
  expect(passed).toHaveLength(6);
  expect(statuses.filter(({ status }) => status === 429)).toHaveLength(2);
  expect(passed.filter(({ ms }) => ms >= 600)).toHaveLength(2);
});

it.skipIf(process.platform !== "linux")(
  "listens on loopback only, the library's own server too",
  async () => {
    const sockets = await listeningSockets(host.process.pid);
    expect(sockets.map(({ port }) => port)).toContain(Number(new URL(host.url).port));
    expect(sockets).toHaveLength(2);
    // 127.0.0.1 as the kernel writes it, least significant byte first (proc(5), /proc/net/tcp).
    expect(sockets.map(({ address }) => address)).toEqual(["0100007F", "0100007F"]);
  },
);

async function listeningSockets(
  pid: number | undefined,
): Promise<{ address: string | undefined; port: number }[]> {
  const directory = `/proc/${pid}/fd`;
  const links = await Promise.all(
    (await readdir(directory)).map((fd) => readlink(`${directory}/${fd}`).catch(() => "")),
  );
  const inodes = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  const tables = await Promise.all(
    ["tcp", "tcp6"].map((name) => readFile(`/proc/net/${name}`, "utf8").catch(() => "")),
  );
  return tables
    .flatMap((table) => table.split("\n"))
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[3] === "0A" && inodes.has(columns[9] ?? ""))
    .map((columns) => {
      const [address, port = ""] = columns[1]?.split(":") ?? [];
      return { address, port: Number.parseInt(port, 16) };
    });
}
