// The Drupal connector over real sockets, against the simulator: an anonymous answer is never a fact.
import { createServer, type RequestListener, type Server } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { startDrupalSimulator } from "../../../infra/local/drupal/start-drupal-simulator.ts";
import { createDrupalClient } from "../../../src/connectors/drupal/client.ts";
import { basicCredentials, oauthCredentials } from "../../../src/connectors/drupal/credentials.ts";
import { createDrupalUsers } from "../../../src/connectors/drupal/users.ts";

type Simulator = Awaited<ReturnType<typeof startDrupalSimulator>>;
let drupal: Simulator;
let uuid: string;
beforeAll(async () => {
  drupal = await startDrupalSimulator({ people: 3 });
});
beforeEach(async () => {
  await control({ clearFlood: true, faults: [], down: false });
  uuid = drupal.simulation.site.users.byUid(10)?.uuid ?? "";
});
afterAll(() => drupal.close());

const now = () => new Date();

function connect(password = "svc-sync", baseUrl = drupal.url, maxConcurrent = 2) {
  const credentials = basicCredentials("svc-sync", password);
  const client = createDrupalClient({
    baseUrl: new URL(baseUrl),
    credentials,
    timeoutMs: 2000,
    now,
    maxConcurrent,
  });
  return createDrupalUsers(client, now);
}

async function control(patch: object): Promise<void> {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(`${drupal.url}/_control`, {
    method: "PATCH",
    headers,
    body: JSON.stringify(patch),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

async function requests(): Promise<number> {
  const answer = await fetch(`${drupal.url}/_control/requests`);
  const { counts } = z
    .object({ counts: z.record(z.string(), z.number()) })
    .parse(await answer.json());
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

async function served<T>(listener: RequestListener, work: (url: string) => Promise<T>): Promise<T> {
  const server: Server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  try {
    return await work(
      `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    );
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

// A proxy in front of the simulator that answers some paths itself.
const proxy =
  (
    answers: (path: string) => { status: number; type: string; body: string } | null,
  ): RequestListener =>
  async (request, response) => {
    const own = answers(request.url ?? "");
    if (own !== null) {
      response.writeHead(own.status, { "Content-Type": own.type }).end(own.body);
      return;
    }
    const headers = { Authorization: request.headers.authorization ?? "" };
    const answer = await fetch(`${drupal.url}${request.url}`, { headers });
    response.writeHead(answer.status, { "Content-Type": answer.headers.get("content-type") ?? "" });
    response.end(await answer.text());
  };

describe("reading a user", () => {
  it("gives name, mail, state, roles and fields", async () => {
    expect(await connect().getUser(uuid, {})).toMatchObject({
      uuid,
      uid: 10,
      enabled: true,
      roles: [],
      attributes: { field_first_name: "Ada", field_last_name: "Lovelace" },
    });
  });

  it("works with OAuth, and gets a new token when the service account's were revoked", async () => {
    const baseUrl = new URL(drupal.url);
    const timeoutMs = 2000;
    const credentials = oauthCredentials({
      baseUrl,
      clientId: "sync",
      clientSecret: "sync-secret",
      scope: null,
      timeoutMs,
      now,
    });
    const users = createDrupalUsers(
      createDrupalClient({ baseUrl, credentials, timeoutMs, now, maxConcurrent: 8 }),
      now,
    );
    expect((await users.getUser(uuid, {}))?.uuid).toBe(uuid);
    const { uuid: own } = await users.serviceAccount();
    const saved = await fetch(`${drupal.url}/jsonapi/user/user/${own}`, {
      method: "PATCH",
      headers: {
        "Content-Type": "application/vnd.api+json",
        Authorization: `Basic ${Buffer.from("admin:admin").toString("base64")}`,
      },
      body: JSON.stringify({
        data: { type: "user--user", id: own, attributes: { field_department: "Sync" } },
      }),
    });
    expect(saved.status).toBe(200);
    expect((await users.getUser(uuid, {}))?.uuid).toBe(uuid);
  });

  it("believes that a user is gone when JSON:API says so and we can still see others", async () => {
    expect(await connect().getUser(crypto.randomUUID(), {})).toBeNull();
  });

  it("does not believe a 404 of a proxy, or of a route that is gone", async () => {
    const page = { status: 404, type: "text/html", body: "<h1>Not found</h1>" };
    const blocked = proxy((path) => (path.includes(uuid) ? page : null));
    await served(blocked, async (url) => {
      await expect(connect("svc-sync", url).getUser(uuid, {})).rejects.toMatchObject({
        kind: "transient",
        code: "drupalAnswerUnexpected",
      });
    });
    const routeGone = proxy((path) => (path.startsWith("/jsonapi/user/user/") ? page : null));
    await served(routeGone, async (url) => {
      await expect(connect("svc-sync", url).getUser(uuid, {})).rejects.toMatchObject({
        kind: "access",
        code: "drupalRightsMissing",
      });
    });
    const json = {
      status: 404,
      type: "application/vnd.api+json",
      body: '{"errors":[{"status":"404"}]}',
    };
    const everyoneGone = proxy((path) => (path.startsWith("/jsonapi/user/user/") ? json : null));
    await served(everyoneGone, async (url) => {
      await expect(connect("svc-sync", url).getUser(uuid, {})).rejects.toMatchObject({
        kind: "access",
        code: "drupalRightsMissing",
      });
    });
  });

  it("takes one user who is not shown whole for that user's trouble only", async () => {
    const forbidden = {
      status: 403,
      type: "application/vnd.api+json",
      body: '{"errors":[{"status":"403"}]}',
    };
    await served(
      proxy((path) => (path.includes(uuid) ? forbidden : null)),
      async (url) => {
        await expect(connect("svc-sync", url).getUser(uuid, {})).rejects.toMatchObject({
          kind: "rejected",
          code: "drupalUserUnreadable",
        });
      },
    );
  });
});

describe("a wrong password", () => {
  it("reads as an anonymous 200, and is an access failure all the same", async () => {
    await expect(connect("wrong").getUser(uuid, {})).rejects.toMatchObject({
      kind: "access",
      code: "drupalCredentialsRefused",
    });
  });

  it("is tried once, however many requests come at once and after", async () => {
    const users = connect("wrong");
    const before = await requests();
    await Promise.allSettled(Array.from({ length: 24 }, () => users.getUser(uuid, {})));
    await Promise.allSettled(Array.from({ length: 24 }, () => users.getUser(uuid, {})));
    expect((await requests()) - before).toBe(1);
  });

  it("that stops being right under load is tried fewer times than lock the account", async () => {
    await control({ latencyMs: 20 });
    let isRight = true;
    const right = basicCredentials("svc-sync", "svc-sync");
    const wrong = basicCredentials("svc-sync", "changed");
    const credentials = { authorization: () => (isRight ? right : wrong).authorization() };
    const client = createDrupalClient({
      baseUrl: new URL(drupal.url),
      credentials,
      timeoutMs: 2000,
      now,
      maxConcurrent: 2,
    });
    const users = createDrupalUsers(client, now);
    await users.getUser(uuid, {});
    const before = await requests();
    const running = Promise.allSettled(Array.from({ length: 30 }, () => users.getUser(uuid, {})));
    isRight = false;
    const results = await running;
    await control({ latencyMs: 0 });
    expect(results.every((one) => one.status === "rejected")).toBe(true);
    expect((await requests()) - before).toBeLessThanOrEqual(4);
    expect(await connect().getUser(uuid, {})).not.toBeNull();
  });
});

describe("a site that does not answer as it should", () => {
  it("is transient when it is down, redirects, or hangs up", async () => {
    await control({ down: true });
    await expect(connect().getUser(uuid, {})).rejects.toMatchObject({
      kind: "transient",
      code: "drupalUnavailable",
    });
    await control({ down: false });
    await served(
      (_request, response) => response.writeHead(302, { Location: "http://127.0.0.1:1/" }).end(),
      async (url) => {
        await expect(connect("svc-sync", url).getUser(uuid, {})).rejects.toMatchObject({
          kind: "transient",
          code: "drupalUnreachable",
        });
      },
    );
    await served(
      (request) => request.socket.destroy(),
      async (url) => {
        await expect(connect("svc-sync", url).getUser(uuid, {})).rejects.toMatchObject({
          kind: "transient",
          code: "drupalUnreachable",
        });
      },
    );
  });

  it("is an access failure when there is no JSON:API at the address", async () => {
    await served(
      (_request, response) => response.end("<html>"),
      async (url) => {
        await expect(connect("svc-sync", url).getUser(uuid, {})).rejects.toMatchObject({
          code: "drupalJsonApiMissing",
        });
      },
    );
  });
});
