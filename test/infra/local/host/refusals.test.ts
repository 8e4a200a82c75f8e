// What the host does not model stops it at start-up, with one line that names the place.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { app, input, output } from "@azure/functions";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { CoreSeam } from "../../../../infra/local/host/core-seam.ts";
import { installCoreSeam } from "../../../../infra/local/host/core-seam.ts";
import { describeFunction, hasTrigger } from "../../../../infra/local/host/describe-function.ts";
import { readHostJson } from "../../../../infra/local/host/host-json.ts";
import { planRoutes } from "../../../../infra/local/host/http-server.ts";
import { planTimer } from "../../../../infra/local/host/run-timers.ts";
import { spawnHost } from "../../../../infra/local/host/spawn-host.ts";

const handler = (): object => ({});
const connection = "AzureWebJobsStorage";
const retry = { strategy: "fixedDelay", maxRetryCount: 1, delayInterval: 1000 } as const;

let seam: CoreSeam;
beforeAll(() => {
  seam = installCoreSeam(() => undefined);
  vi.stubEnv("AzureWebJobsStorage", "UseDevelopmentStorage=true");
  vi.stubEnv("Identity__queueServiceUri", "https://contoso.example");
});
afterAll(() => {
  vi.unstubAllEnvs();
});

/** Registers through the real library and goes through the checks of the host's start. */
function startWith(register: (name: string) => void): void {
  const before = seam.registrations.length;
  register(`f${before}`);
  const definitions = seam.registrations.slice(before).map(describeFunction);
  planRoutes(definitions.filter(hasTrigger("http")));
  definitions.filter(hasTrigger("timer")).map(planTimer);
}

describe("a function", () => {
  const queue = (name: string, more: object): void =>
    app.storageQueue(name, { queueName: "abc", connection, handler, ...more });
  const get = (name: string, more: object): void => app.get(name, { handler, ...more });

  it.each<[string, (name: string) => void, string]>([
    [
      "with a blob trigger",
      (f) => app.storageBlob(f, { path: "a", connection, handler }),
      "blobTrigger: this trigger is not modelled",
    ],
    ["with a warm-up trigger", (f) => app.warmup(f, { handler }), "not modelled"],
    ["with an SDK binding", (f) => queue(f, { sdkBinding: true }), "sdkBinding is not modelled"],
    [
      "with an input binding",
      (f) => get(f, { extraInputs: [input.storageBlob({ path: "a", connection })] }),
      "input bindings are not modelled",
    ],
    [
      "with a table output",
      (f) => get(f, { extraOutputs: [output.table({ tableName: "t", connection })] }),
      "table: this output binding is not modelled",
    ],
    [
      "with HTTP that returns to a queue",
      (f) => get(f, { return: output.storageQueue({ queueName: "abc", connection }) }),
      "an http return",
    ],
    [
      "with a queue that returns HTTP",
      (f) => queue(f, { return: output.http({}) }),
      "an http return",
    ],
    ["with an unknown option", (f) => get(f, { webHookType: "x" }), "webHookType"],
    [
      "with an unknown setting",
      (f) => app.timer(f, { schedule: "%NOT_SET%", handler }),
      "'%NOT_SET%' does not resolve",
    ],
    ["without its connection", (f) => queue(f, { connection: "Gone" }), '"Gone" is missing'],
    [
      "with an identity-based connection",
      (f) => queue(f, { connection: "Identity" }),
      "Identity__queueServiceUri is not modelled",
    ],
    ["with retry on a queue", (f) => queue(f, { retry }), '"retry" is not supported for queue'],
    ["with retry on HTTP", (f) => get(f, { retry }), '"retry" is not supported for http'],
    ["with a binding expression", (f) => queue(f, { queueName: "a{id}" }), "binding expressions"],
    ["with a bad queue name", (f) => queue(f, { queueName: "a--b" }), "not a valid queue name"],
    [
      "with a bad schedule",
      (f) => app.timer(f, { schedule: "0 0 0 * * 7", handler }),
      "is not valid",
    ],
    ["with a reserved route", (f) => get(f, { route: "Administrators" }), "reserved"],
    ["with a reserved route", (f) => get(f, { route: "runtime/x" }), "reserved"],
    ["with a route from the root", (f) => get(f, { route: "/a" }), 'must not begin with "/"'],
    [
      "with an unknown constraint",
      (f) => get(f, { route: "a/{b:slug}" }),
      'constraint "slug" is not modelled',
    ],
    [
      "with a bad constraint argument",
      (f) => get(f, { route: "a/{b:length(x)}" }),
      "is not modelled",
    ],
    ["with a mixed segment", (f) => get(f, { route: "a/b-{c}" }), "mixes text and parameters"],
    ["with a catch-all in the middle", (f) => get(f, { route: "{*a}/b" }), "must be the last"],
    ["with an optional in the middle", (f) => get(f, { route: "{a?}/b" }), "must be at the end"],
    ["with a parameter twice", (f) => get(f, { route: "{a}/{A}" }), "appears twice"],
    ["with a bad name", (f) => get(`${f} x`, { route: "x" }), "name is not valid"],
    ["with no method", (f) => app.http(f, { methods: [], handler }), "at least one method"],
  ])("%s is refused", (_, register, message) => {
    expect(() => startWith(register)).toThrow(message);
    expect(() => startWith(register)).toThrow(/^Function "f\d+[^\n]*$/);
  });

  it.each([
    ["a/{b}", "a/b", true],
    ["a/{b}", "a/{c}/d", false],
    ["a/{b?}", "a", true],
    ["a/{*rest}", "a/b/c", true],
    ["a/{b:int}", "a/b", false],
    ["a/{b:int}", "a/{c:guid}", false],
    ["a/{b:guid}", "a/{c}", true],
    ["a", "A", true],
    ["a/{b=1}", "a/{c:alpha}", true],
    ["", "{x?}", true],
  ])("with the route %s beside one with %s overlaps: %s", (one, other, overlaps) => {
    const both = (f: string): void => {
      app.http(`${f}one`, { methods: ["GET", "POST"], route: one, handler });
      app.http(`${f}other`, { methods: ["POST"], route: other, handler });
    };
    if (overlaps) expect(() => startWith(both)).toThrow(/overlap for POST/);
    else startWith(both);
  });

  it("may share a route with one that has other methods", () => {
    startWith((f) => {
      app.http(`${f}get`, { methods: ["GET"], route: "same", handler });
      app.http(`${f}put`, { methods: ["PUT"], route: "same", handler });
    });
  });
});

describe("host.json", () => {
  const directory = mkdtempSync(join(tmpdir(), "host-json-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const read = (json: unknown): ReturnType<typeof readHostJson> => {
    const file = join(directory, "host.json");
    writeFileSync(file, JSON.stringify(json));
    return readHostJson(file);
  };
  const queues = (settings: object): object => ({
    version: "2.0",
    extensions: { queues: settings },
  });

  it.each([
    [{}, "version"],
    [{ version: "1.0" }, "version"],
    [{ version: "2.0", retry: {} }, "retry"],
    [{ version: "2.0", singleton: {} }, "singleton"],
    [{ version: "2.0", functions: ["a"] }, "functions"],
    [{ version: "2.0", functionTimeout: "-1" }, "functionTimeout"],
    [{ version: "2.0", extensions: { blobs: {} } }, "blobs"],
    [{ version: "2.0", extensions: { http: { hsts: {} } } }, "hsts"],
    [{ version: "2.0", extensions: { http: { dynamicThrottlesEnabled: true } } }, "dynamic"],
    [{ version: "2.0", logging: { logLevel: { default: "Loud" } } }, "logLevel"],
    [queues({ batchSize: 33 }), "batchSize"],
    [queues({ maxPollingInterval: "00:00:00.050" }), "maxPollingInterval"],
    [queues({ maxPollingInterval: 250 }), "maxPollingInterval"],
    [queues({ visibilityTimeout: "10 s" }), "visibilityTimeout"],
    [queues({ messageEncoding: "utf8" }), "messageEncoding"],
    [queues({ extra: 1 }), "extra"],
  ])("%j is refused", (json, place) => {
    expect(() => read(json)).toThrow(new RegExp(`^host\\.json: [^\\n]*${place}[^\\n]*$`));
  });

  it("has the defaults of the real host", () => {
    const { http, queues: defaults, functionTimeoutMs } = read({ version: "2.0" });
    expect(http.routePrefix).toBe("api");
    expect(functionTimeoutMs).toBe(1_800_000);
    expect(defaults).toMatchObject({
      batchSize: 16,
      maxDequeueCount: 5,
      visibilityTimeout: 0,
      maxPollingInterval: 60_000,
      messageEncoding: "base64",
    });
    expect(defaults.newBatchThreshold % 8).toBe(0);
  });
});

describe("the host as a process", () => {
  const start = (name: string): Promise<unknown> =>
    spawnHost({
      appDirectory: new URL("./fixtures/refused", import.meta.url).pathname,
      settings: { CASE: name, AzureWebJobsStorage: "" },
    });

  it.each([
    ["unknownSetting", `Function "f", timerTrigger: '%NOT_SET%' does not resolve to a value.`],
    [
      "twice",
      'functions/refused.js cannot be loaded: A function with id "f" has already been registered.',
    ],
    ["nothing", "The app registered no function: is there exactly one copy of @azure/functions?"],
    ["noStorage", 'Function "f": the connection setting "AzureWebJobsStorage" is missing.'],
  ])("ends with one line on %s", async (name, message) => {
    // The whole message: one line.
    await expect(start(name)).rejects.toMatchObject({ message });
  });
});
