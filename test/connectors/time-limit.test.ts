// The time limit of every request: also for work that never ends, and for an answer whose body never comes.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGraphClient } from "../../src/connectors/entra/client.ts";
import { sendHttp } from "../../src/connectors/http-client.ts";
import { withinTime } from "../../src/connectors/time-limit.ts";

// Answers its head at once where the path says so, and nothing more, ever.
let server: Server;
let baseUrl: URL;
beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url?.includes("head") !== true) return;
    response.writeHead(200, { "Content-Type": "application/json" });
    response.write("{");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  baseUrl = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe("the time limit", () => {
  it("ends work that does not listen to its signal", async () => {
    const never = withinTime(20, () => new Promise<never>(() => undefined));
    await expect(never).rejects.toMatchObject({ name: "TimeoutError" });
  });

  it("answers what is done in time, and passes failures on", async () => {
    expect(await withinTime(1000, async () => "done")).toBe("done");
    await expect(withinTime(1000, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  });

  it.each(["/nothing", "/head"])("holds for Drupal: %s", async (path) => {
    const request = { method: "GET", path } as const;
    await expect(sendHttp("drupal", baseUrl, request, 50)).rejects.toMatchObject({
      code: "drupalUnreachable",
    });
  });

  it.each(["/nothing", "/head"])("holds for Graph: %s", async (path) => {
    const now = () => new Date();
    const graph = createGraphClient({ baseUrl, token: async () => "t", timeoutMs: 50, now });
    await expect(graph.call(graph.api(path).get())).rejects.toMatchObject({
      code: "entraUnreachable",
    });
  });
});
