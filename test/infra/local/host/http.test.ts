// HTTP functions in buffered mode, in a host process, over real sockets.

import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SpawnedHost, spawnHost } from "../../../../infra/local/host/spawn-host.ts";
import { eventually } from "./eventually.ts";

const appDirectory = new URL("./fixtures/buffered", import.meta.url).pathname;
const keys = {
  master: "the-master-key",
  host: ["the-host-key"],
  functions: { forFunction: ["the-function-key"] },
};

let host: SpawnedHost;
const output: string[] = [];

beforeAll(async () => {
  host = await spawnHost({
    appDirectory,
    keys,
    settings: { "AzureWebJobs.switchedOff.Disabled": "true" },
    output: (line) => output.push(line),
  });
});
afterAll(async () => {
  await host.close();
});

const call = (path: string, init?: RequestInit): Promise<Response> => fetch(host.url + path, init);

async function echo(path: string, init?: RequestInit): Promise<Record<string, unknown>> {
  const body: unknown = await (await call(path, init)).json();
  return Object(body);
}

function send(
  options: { method: string; path: string; headers?: Record<string, string | string[]> },
  body: string | undefined,
): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${host.url}${options.path}`, options, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += String(chunk);
      });
      response.on("end", () => resolve({ status: response.statusCode, body: text }));
    });
    outgoing.on("error", reject);
    if (body !== undefined) outgoing.write(body);
    outgoing.end();
  });
}

describe("what the handler sees", () => {
  it("gets method, absolute URL, route parameter, body and a trace", async () => {
    const seen = await echo("/api/echo/5?x=1", { method: "POST", body: "héllo" });
    expect(seen).toMatchObject({
      method: "POST",
      url: `${host.url}/api/echo/5?x=1`,
      params: { id: "5" },
      query: { x: "1" },
      body: "héllo",
      metadata: null,
    });
    expect(seen.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  });

  it("gets several values of a header or query name joined by a comma, and no empty header", async () => {
    const { body } = await send(
      {
        method: "GET",
        path: "/api/echo?a=1&a=2&b=",
        headers: { "x-a": ["1", "2"], "x-empty": "" },
      },
      undefined,
    );
    const seen = JSON.parse(body);
    expect(seen.query).toEqual({ a: "1,2", b: "" });
    expect(seen.headers["x-a"]).toBe("1,2");
    expect(seen.headers).not.toHaveProperty("x-empty");
  });

  it("gets no key for an optional parameter that is not in the path", async () => {
    expect((await echo("/api/echo")).params).toEqual({});
  });

  it("gets an empty body when the request is chunked, as on Azure", async () => {
    const chunked = await send(
      { method: "POST", path: "/api/echo", headers: { "transfer-encoding": "chunked" } },
      "lost",
    );
    expect(JSON.parse(chunked.body).body).toBe("");
    const counted = await send(
      { method: "POST", path: "/api/echo", headers: { "content-length": "4" } },
      "here",
    );
    expect(JSON.parse(counted.body).body).toBe("here");
  });

  it("gets decoded parameters, the whole rest for a catch-all, and the default of a parameter", async () => {
    expect(await echo("/api/files/a%20b/c%2Fd/")).toEqual({ path: "a b/c%2Fd" });
    expect(await echo("/api/files")).toEqual({});
    expect(await echo("/api/pages")).toEqual({ number: "1" });
    expect(await echo("/api/pages/7")).toEqual({ number: "7" });
  });
});

describe("what the client sees", () => {
  it.each([
    ["a method that the function has not", "PUT", "/api/echo"],
    ["a value that breaks the constraint", "GET", "/api/echo/five"],
    ["a path without the prefix", "GET", "/echo"],
    ["a path with more segments", "GET", "/api/echo/5/6"],
    ["a function that is switched off", "GET", "/api/switchedOff"],
    ["HEAD where only GET is allowed", "HEAD", "/api/bytes"],
    ["the runtime path", "GET", "/runtime/webhooks/x"],
  ])("gets 404 for %s", async (_, method, path) => {
    expect((await call(path, { method })).status).toBe(404);
  });

  it("finds literals whatever their case", async () => {
    expect((await call("/API/Echo")).status).toBe(200);
  });

  it("gets an empty 500 when the handler throws, or answers with no object", async () => {
    for (const path of ["/api/throws", "/api/noObject"]) {
      const response = await call(path);
      expect([response.status, await response.text()]).toEqual([500, ""]);
    }
  });

  it("gets an empty 204 when the handler returns nothing", async () => {
    const response = await call("/api/nothing");
    expect([response.status, await response.text()]).toEqual([204, ""]);
  });

  it("gets bytes as they are", async () => {
    const response = await call("/api/bytes");
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 255, 1]);
  });

  it("gets status, headers and cookies as ASP.NET Core writes them", async () => {
    const response = await call("/api/cookies");
    expect(response.status).toBe(201);
    expect(response.headers.get("x-own")).toBe("yes");
    expect(response.headers.getSetCookie()).toEqual([
      "a=1%202; max-age=60; path=/; secure; samesite=lax; httponly",
      "b=x; path=/deep; samesite=none",
    ]);
  });

  it("gets 413 for a body of more than 100 MB, before the function runs", async () => {
    const before = host.events.length;
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { "content-length": String(104_857_601) };
      const outgoing = request(`${host.url}/api/echo`, { method: "POST", headers }, (response) => {
        resolve(response.statusCode);
        outgoing.destroy();
      });
      outgoing.on("error", reject);
      outgoing.flushHeaders();
    });
    expect(status).toBe(413);
    expect(host.events.slice(before).filter(({ kind }) => kind === "start")).toEqual([]);
  });
});

describe("keys", () => {
  it.each([
    ["forFunction", undefined, 401],
    ["forFunction", "wrong", 401],
    ["forFunction", "the-function-key", 200],
    ["forFunction", "the-host-key", 200],
    ["forFunction", "the-master-key", 200],
    ["forAdmin", "the-function-key", 401],
    ["forAdmin", "the-host-key", 401],
    ["forAdmin", "the-master-key", 200],
  ])("%s with the key %s answers %i", async (name, key, status) => {
    const headers: Record<string, string> = key === undefined ? {} : { "x-functions-key": key };
    const response = await call(`/api/${name}`, { headers });
    expect(response.status).toBe(status);
    expect(await response.text()).toBe(status === 200 ? "in" : "");
    const code = key === undefined ? "" : `?code=${key}`;
    expect((await call(`/api/${name}${code}`)).status).toBe(status);
  });

  it("takes the header before the query", async () => {
    const headers = { "x-functions-key": "wrong" };
    expect((await call("/api/forAdmin?code=the-master-key", { headers })).status).toBe(401);
  });
});

describe("the admin API", () => {
  const master = { headers: { "x-functions-key": keys.master } };

  it("answers ping to anyone and status with the master key only", async () => {
    expect((await call("/admin/host/ping")).status).toBe(200);
    expect((await call("/admin/host/status")).status).toBe(401);
    expect(await (await call("/admin/host/status", master)).json()).toMatchObject({
      state: "Running",
    });
  });

  it("answers 404 for what it does not model", async () => {
    expect((await call("/admin/functions", master)).status).toBe(404);
    const run = await call("/admin/functions/echo", { ...master, method: "POST" });
    expect(run.status).toBe(404);
  });
});

describe("hooks", () => {
  it("may replace inputs, the handler and the result, and share data within an invocation", async () => {
    expect(await echo("/api/hooked")).toEqual({
      pre: "pre",
      result: { wrapped: { input: { replaced: true } } },
      error: null,
    });
  });

  it("may clear the error of a handler", async () => {
    expect((await call("/api/forgiven")).status).toBe(299);
  });

  it("may change what is logged", async () => {
    await call("/api/hooked");
    const line = host.events.findLast(
      (event) => event.kind === "log" && event.function === "hooked",
    );
    expect(line).toMatchObject({ level: "error", message: "masked" });
  });

  it("run when the app starts", () => {
    expect(output).toContain("appStart {}");
  });
});

describe("events", () => {
  it("tell start and end of each invocation, its failure, and what the function logged", async () => {
    const before = host.events.length;
    await call("/api/echo", { method: "POST", body: "x" });
    await call("/api/throws");
    const events = await eventually(() => {
      const since = host.events.slice(before);
      return since.filter(({ kind }) => kind === "end").length === 2 && since;
    });
    const about = events.filter((event) => "function" in event && event.function === "echo");
    expect(about.map((event) => event.kind)).toEqual(["start", "log", "log", "end"]);
    expect(new Set(about.map((event) => "invocationId" in event && event.invocationId)).size).toBe(
      1,
    );
    expect(about[1]).toMatchObject({ level: "information", message: "echo POST" });
    expect(about[2]).toMatchObject({ level: "warning", message: "careful" });
    expect(about[3]).toMatchObject({ success: true, durationMs: expect.any(Number) });
    expect(events.findLast(({ kind }) => kind === "end")).toMatchObject({
      function: "throws",
      success: false,
      error: "on purpose",
    });
  });
});

describe("the life of the host", () => {
  it("refuses functions that are registered after the start", async () => {
    const response = await call("/api/latecomer");
    expect(await response.text()).toBe("A function can only be registered during app startup.");
  });

  it("finishes what runs when it is asked to stop, runs the last hooks and exits with 0", async () => {
    const other = await spawnHost({ appDirectory, output: (line) => output.push(line) });
    const slow = fetch(`${other.url}/api/slow`);
    await eventually(() => other.events.some(({ kind }) => kind === "start"));
    output.length = 0;
    const code = other.close();
    expect(await (await slow).text()).toBe("slow but done");
    expect(await code).toBe(0);
    expect(output).toContain("appTerminate");
    expect(other.events.at(-1)).toMatchObject({ kind: "stopped" });
  });

  it("checks no keys when it has none, as under Core Tools", async () => {
    const other = await spawnHost({ appDirectory });
    expect((await fetch(`${other.url}/api/forAdmin`)).status).toBe(200);
    await other.close();
  });
});
