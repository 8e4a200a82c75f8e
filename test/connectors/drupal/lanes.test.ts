// Two lanes to one site, over real sockets: people's requests go before those of cycles, which still come through.
import type { ServerResponse } from "node:http";
import { setTimeout } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import { createDrupalClient, type DrupalClient } from "../../../src/connectors/drupal/client.ts";
import { basicCredentials } from "../../../src/connectors/drupal/credentials.ts";
import { failure, served } from "./simulated-drupal.ts";

const ENTRY = { meta: { links: { me: { meta: { id: "7a1c5be2-94d0-4f0e-8a3b-000000000001" } } } } };

interface Site {
  readonly client: DrupalClient;
  /** The paths that were asked for, in order. */
  readonly arrived: readonly string[];
  /** Answers the request that has waited longest. */
  answerNext(status?: number, headers?: Record<string, string>): Promise<void>;
}

// A site that shows who we are at once, and holds everything else back until it is told to answer.
async function held(maxConcurrent: number, work: (site: Site) => Promise<void>): Promise<void> {
  const arrived: string[] = [];
  const open: ServerResponse[] = [];
  await served(
    (request, response) => {
      if (request.url === "/jsonapi") {
        response.end(JSON.stringify(ENTRY));
        return;
      }
      arrived.push(request.url ?? "");
      open.push(response);
    },
    async (url) => {
      const client = createDrupalClient({
        baseUrl: new URL(url),
        credentials: basicCredentials("svc-sync", "x"),
        timeoutMs: 5000,
        now: () => new Date(),
        maxConcurrent,
      });
      await client.serviceAccount();
      const answerNext: Site["answerNext"] = async (status = 200, headers = {}) => {
        await vi.waitFor(() => expect(open.length).toBeGreaterThan(0));
        open.shift()?.writeHead(status, headers).end("{}");
      };
      await work({ client, arrived, answerNext });
    },
  );
}

const get = (client: DrupalClient, path: string) =>
  client.send({ method: "GET", path }, () => true);
const numbered = (count: number, name: string) =>
  Array.from({ length: count }, (_, index) => `/${name}${index}`);

it("someone who waits goes before everyone in the background, who keeps to the limit as well", async () => {
  await held(1, async ({ client, arrived, answerNext }) => {
    const background = client.inBackground();
    const waiting = numbered(3, "cycle").map((path) => get(background, path));
    await vi.waitFor(() => expect(arrived).toHaveLength(1));
    waiting.push(get(client, "/person"));
    await setTimeout(50);
    expect(arrived).toEqual(["/cycle0"]);
    for (let count = 0; count < 4; count += 1) await answerNext();
    await Promise.all(waiting);
    expect(arrived).toEqual(["/cycle0", "/person", "/cycle1", "/cycle2"]);
  });
});

it("after ten people in a row one of the background has its turn", async () => {
  await held(1, async ({ client, arrived, answerNext }) => {
    const first = get(client, "/first");
    await vi.waitFor(() => expect(arrived).toHaveLength(1));
    const background = client.inBackground().inBackground();
    const others = [
      ...numbered(2, "cycle").map((path) => get(background, path)),
      ...numbered(21, "person").map((path) => get(client, path)),
    ];
    await setTimeout(50);
    for (let count = 0; count < 24; count += 1) await answerNext();
    await Promise.all([first, ...others]);
    expect([arrived.indexOf("/cycle0"), arrived.indexOf("/cycle1")]).toEqual([11, 22]);
  });
});

it("what is refused in the background is known in both lanes", async () => {
  await held(1, async ({ client, answerNext }) => {
    const refused = failure(get(client.inBackground(), "/cycle"));
    await answerNext(401);
    expect(await refused).toMatchObject({ kind: "access" });
    expect(await failure(get(client, "/person"))).toMatchObject({ kind: "access" });
    expect(client.inBackground().knownAccount()).toEqual(client.knownAccount());
  });
});

it("a site that throttles says so by its own name, with its wish", async () => {
  await held(1, async ({ client, answerNext }) => {
    const throttled = failure(get(client, "/person"));
    await answerNext(429, { "Retry-After": "7" });
    expect(await throttled).toMatchObject({
      kind: "transient",
      code: "drupalThrottled",
      retryAfterMs: 7000,
    });
  });
});
