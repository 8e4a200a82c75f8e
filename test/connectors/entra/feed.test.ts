// The feed of Entra's users over real sockets, against the Graph simulator: everyone, every change, and what it costs.
import { createServer } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createGraphClient } from "../../../src/connectors/entra/client.ts";
import { createEntraFeed } from "../../../src/connectors/entra/feed.ts";
import { createManyEntraUsers } from "../../../src/connectors/entra/many-users.ts";
import { createEntraUsers } from "../../../src/connectors/entra/users.ts";
import { parseSyncConfiguration } from "../../../src/rules/configuration.ts";
import type { Attributes } from "../../../src/rules/users.ts";
import type { Feed, FeedPage, FeedUser } from "../../../src/sync/cycle-ports.ts";
import { type SimulatedGraph, startSimulatedGraph } from "./simulated-graph.ts";

let graph: SimulatedGraph;
beforeAll(async () => {
  graph = await startSimulatedGraph();
});
beforeEach(async () => {
  await fetch(`${graph.url}/_control/reset`, { method: "POST" });
  await graph.control({ quota: null });
});
afterAll(() => graph.close());

const configured = (hasManager: boolean) => {
  const manager = { kind: "direct", drupal: "field_manager", entra: "manager", flow: "both" };
  const parsed = parseSyncConfiguration({
    fields: { field_manager: { type: "user" } },
    attributes: [
      { kind: "direct", drupal: "field_department", entra: "department", flow: "both" },
      ...(hasManager ? [manager] : []),
    ],
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.configuration;
};
const plain = configured(false);
const withManager = configured(true);

const feedOf = (token?: string): Feed => createEntraFeed(graph.client(token));
const seed = (count: number) =>
  fetch(`${graph.url}/_control/users`, { method: "POST", body: JSON.stringify({ count }) });
const writer = () => createEntraUsers(graph.client(), () => new Date());
let made = 0;
const create = async (values: Attributes = {}): Promise<string> => {
  made += 1;
  const { objectId } = await writer().createUser({
    userPrincipalName: `person${made}@contoso.example`,
    mailNickname: `person${made}`,
    values: { displayName: `Person ${made}`, accountEnabled: true, ...values },
  });
  return objectId;
};
const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );
const given = (page: FeedPage | "expired"): FeedPage => {
  if (page === "expired") throw new Error("expired");
  return page;
};

interface Run {
  readonly users: readonly Extract<FeedUser, { system: "entra" }>[];
  readonly hints: readonly string[];
  readonly pages: number;
  readonly watermark: string;
}

/** Reads a run to its end. `between` happens after each page but the last. */
async function run(
  feed: Feed,
  since: string | null = null,
  configuration = plain,
  between: (page: number) => unknown = () => {},
): Promise<Run> {
  let position = await feed.begin(since, configuration);
  const users: Extract<FeedUser, { system: "entra" }>[] = [];
  const hints: string[] = [];
  for (let pages = 1; ; pages += 1) {
    const page = given(await feed.page(position, configuration));
    users.push(...page.users.flatMap((one) => (one.system === "entra" ? [one] : [])));
    hints.push(...page.hints);
    expect((page.next === null) === (page.watermark !== null)).toBe(true);
    if (page.next === null) return { users, hints, pages, watermark: page.watermark ?? "" };
    position = page.next;
    await between(pages);
  }
}
const idsOf = ({ users }: Run) => users.map(({ user }) => user.objectId);

/** A Graph that answers each request with the next of these. */
async function scripted<T>(
  answers: readonly ((origin: string) => object | number)[],
  work: (feed: Feed) => Promise<T>,
): Promise<T> {
  let served = 0;
  const server = createServer((request, response) => {
    const origin = `http://${request.headers.host}/v1.0`;
    const answer = answers[Math.min(served, answers.length - 1)]?.(origin) ?? 500;
    served += 1;
    const status = typeof answer === "number" ? answer : 200;
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(JSON.stringify(typeof answer === "number" ? { error: { code: "x" } } : answer));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const client = createGraphClient({
    baseUrl: new URL(`http://127.0.0.1:${port}`),
    token: async () => "local",
    timeoutMs: 2000,
    now: () => new Date(),
  });
  try {
    return await work(createEntraFeed(client));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
const whole = (id: string, values: object = {}) => ({
  id,
  userPrincipalName: `${id}@contoso.example`,
  accountEnabled: true,
  ...values,
});
const deltaLink = (origin: string) => ({
  value: [],
  "@odata.deltaLink": `${origin}/users/delta?$deltatoken=next`,
});

describe("everyone", () => {
  it("costs one request for each 999 users and one before: 100,000 users 102", async () => {
    await seed(3000);
    const before = await graph.served();
    const found = await run(feedOf());
    expect(found).toMatchObject({ pages: 4, hints: [] });
    expect((await graph.served()) - before).toBe(5);
    expect(new Set(idsOf(found)).size).toBe(3000);
    expect(1 + Math.ceil(100_000 / 999)).toBeLessThanOrEqual(102);
  });

  it("shows the mapped attributes, empty ones as null", async () => {
    const id = await create({ department: "R&D" });
    const found = await run(feedOf());
    expect(found.users).toMatchObject([
      {
        system: "entra",
        isManagerKnown: true,
        user: { objectId: id, enabled: true, attributes: { department: "R&D", mail: null } },
      },
    ]);
  });

  it("shows managers where they are mapped, for no more requests", async () => {
    const boss = await create();
    const id = await create({ manager: boss });
    const before = await graph.served();
    const found = await run(feedOf(), null, withManager);
    expect((await graph.served()) - before).toBe(2);
    const managers = found.users.map(({ user, isManagerKnown }) => [
      user.objectId,
      user.attributes.manager,
      isManagerKnown,
    ]);
    expect(managers).toEqual(
      expect.arrayContaining([
        [boss, null, true],
        [id, boss, true],
      ]),
    );
    expect((await run(feedOf())).users[0]?.user.attributes).not.toHaveProperty("manager");
  });

  it("that is changed during the listing is in the next run over changes", async () => {
    await seed(2500);
    const id = await create();
    let late = "";
    const found = await run(feedOf(), null, plain, async (page) => {
      if (page !== 2) return;
      await writer().updateUser(id, { department: "Late" });
      late = await create();
    });
    const next = await run(feedOf(), found.watermark);
    expect(idsOf(next).toSorted()).toEqual([id, late].toSorted());
    expect(next.users.find(({ user }) => user.objectId === id)?.user.attributes).toMatchObject({
      department: "Late",
    });
  });

  it("begins anew when Graph does not go on with the list", async () => {
    await seed(1200);
    const feed = feedOf();
    const first = given(await feed.page(await feed.begin(null, plain), plain));
    await fetch(`${graph.url}/_control/reset`, { method: "POST" });
    expect(await failure(feed.page(first.next ?? "", plain))).toMatchObject({
      kind: "transient",
      code: "listingExpired",
    });
    for (const status of [400, 404, 410]) {
      const pages = [
        deltaLink,
        (origin: string) => ({ value: [], "@odata.nextLink": `${origin}/users?$skiptoken=2` }),
        () => status,
      ];
      const error = await scripted(pages, (other) => failure(run(other)));
      expect(error, String(status)).toMatchObject({ kind: "transient", code: "listingExpired" });
    }
  });

  it("is an access failure without the right to see everyone, and says what to grant", async () => {
    await graph.control({ tokens: [{ token: "blind", roles: ["GroupMember.Read.All"] }] });
    const error = await failure(feedOf("blind").begin(null, plain));
    expect(error).toMatchObject({ kind: "access", code: "graphPermissionMissing" });
    const bare = { value: [{ id: crypto.randomUUID() }, { id: crypto.randomUUID() }] };
    expect(await scripted([deltaLink, () => bare], (feed) => failure(run(feed)))).toMatchObject({
      kind: "access",
      code: "graphPermissionMissing",
    });
  });

  it("has those looked at who are shown in part", async () => {
    const [ada, bob] = [crypto.randomUUID(), crypto.randomUUID()];
    const page = { value: [whole(ada), { ...whole(bob), accountEnabled: null }] };
    const found = await scripted([deltaLink, () => page], (feed) => run(feed));
    expect(idsOf(found)).toEqual([ada]);
    expect(found.hints).toEqual([bob]);
  });

  it("fails for a while as Graph does, with its wish, and goes on from the same page", async () => {
    await seed(1200);
    const feed = feedOf();
    const first = given(await feed.page(await feed.begin(null, plain), plain));
    await graph.control({
      faults: [{ kind: "status", status: 429, retryAfterSeconds: 7, times: 1 }],
    });
    expect(await failure(feed.page(first.next ?? "", plain))).toMatchObject({
      kind: "transient",
      retryAfterMs: 7000,
    });
    expect(given(await feed.page(first.next ?? "", plain)).users).toHaveLength(201);
  });
});

describe("changes", () => {
  it("cost one request when there are none, and the link goes on", async () => {
    await seed(10);
    let { watermark } = await run(feedOf());
    const before = await graph.served();
    for (let time = 0; time < 3; time += 1) {
      const found = await run(feedOf(), watermark);
      expect(found).toMatchObject({ users: [], hints: [], pages: 1 });
      ({ watermark } = found);
    }
    expect((await graph.served()) - before).toBe(3);
  });

  it("show who was made or changed whole, with what was never set as null", async () => {
    const id = await create();
    const { watermark } = await run(feedOf(), null, withManager);
    await writer().updateUser(id, { department: "R&D" });
    const other = await create();
    const found = await run(feedOf(), watermark, withManager);
    expect(found.hints).toEqual([]);
    const [changed, added] = [id, other].map((one) =>
      found.users.find(({ user }) => user.objectId === one),
    );
    expect(changed).toMatchObject({
      isManagerKnown: false,
      user: { enabled: true, attributes: { department: "R&D", mail: null } },
    });
    expect(changed?.user.attributes).not.toHaveProperty("manager");
    expect(added?.user.attributes).toMatchObject({ department: null });
  });

  it("have those looked at who were deleted, restored or got another manager", async () => {
    const [boss, ada, bob, cleo] = [await create(), await create(), await create(), await create()];
    const { watermark } = await run(feedOf(), null, withManager);
    await writer().updateUser(ada, { manager: boss, department: "R&D" });
    await writer().deleteUser(bob);
    await writer().deleteUser(cleo);
    const gone = await run(feedOf(), watermark, withManager);
    expect(gone.users).toEqual([]);
    expect(gone.hints.toSorted()).toEqual([ada, bob, cleo].toSorted());
    await writer().restoreUser(cleo);
    await writer().updateUser(ada, { manager: null });
    const back = await run(feedOf(), gone.watermark, withManager);
    expect([...idsOf(back), ...back.hints].toSorted()).toEqual([ada, cleo].toSorted());
    expect(back.hints).toContain(ada);
  });

  it("are the same after repeated items, bare ids and empty pages, in any order", async () => {
    await seed(300);
    const { watermark } = await run(feedOf());
    const created = await Promise.all(Array.from({ length: 30 }, () => create()));
    await graph.control({ deltaPageSize: 7, deltaNoise: 0.5, seed: 3 });
    const found = await run(feedOf(), watermark);
    await graph.control({ deltaPageSize: 200, deltaNoise: 0 });
    expect(found.pages).toBeGreaterThan(5);
    expect(new Set(idsOf(found))).toEqual(new Set(created));
  });

  it("show the last item of a user on a page, but never lose a new manager", async () => {
    const [ada, bob, cleo, dan] = Array.from({ length: 4 }, () => crypto.randomUUID());
    const page = (origin: string) => ({
      ...deltaLink(origin),
      value: [
        whole(ada ?? "", { department: "Old" }),
        whole(bob ?? "", { "manager@delta": [{ id: ada }] }),
        { id: cleo },
        whole(dan ?? ""),
        whole(ada ?? "", { department: "New" }),
        whole(bob ?? ""),
        whole(cleo ?? ""),
        { id: dan, "@removed": { reason: "changed" } },
      ],
    });
    const found = await scripted([page], (feed) => run(feed, "/users/delta?$deltatoken=x"));
    expect(idsOf(found)).toEqual([ada, cleo]);
    expect(found.users[0]?.user.attributes.department).toBe("New");
    expect(found.hints).toEqual([bob, dan]);
  });

  it("are expired when Graph says so in either way, or the position is not one of ours", async () => {
    const feed = feedOf();
    const { watermark } = await run(feed);
    const start = await feed.begin(watermark, plain);
    for (const deltaExpired of ["syncStateNotFound", "gone"]) {
      await graph.control({ deltaExpired });
      expect(await feed.page(start, plain), deltaExpired).toBe("expired");
    }
    await graph.control({ deltaExpired: null, clock: { offsetMs: 8 * 86_400_000 } });
    expect(await feed.page(start, plain)).toBe("expired");
    for (const text of ["", "{}", "/users/delta?$deltatoken=x"])
      expect(await feed.page(text, plain)).toBe("expired");
  });

  it("are not believed when a page has no link, or is no page", async () => {
    for (const body of [{ value: [] }, { values: [] }, { value: [{ name: "x" }] }]) {
      const work = (feed: Feed) => failure(run(feed, "/users/delta?$deltatoken=x"));
      expect(await scripted([() => body], work)).toMatchObject({
        kind: "transient",
        code: "entraAnswerMalformed",
      });
    }
  });

  it("fail when the pages lead round in a circle, of whatever length", async () => {
    for (const length of [1, 2, 5, 12]) {
      let page = 0;
      const round = (origin: string) => {
        page += 1;
        const next = `${origin}/users/delta?$skiptoken=${page % length}`;
        return { value: [], "@odata.nextLink": next };
      };
      const error = await scripted([round], (feed) => failure(run(feed, "/users/delta?x=1")));
      expect(error, String(length)).toMatchObject({ kind: "transient", code: "listingLoops" });
      expect(page).toBeLessThan(4 * length + 4);
    }
  });
});

describe("many users by their ids", () => {
  const many = (token?: string) => createManyEntraUsers(graph.client(token));

  it("cost one request for each twenty; one who is not there is null", async () => {
    const boss = await create();
    const ids = await Promise.all(Array.from({ length: 44 }, () => create({ manager: boss })));
    const gone = crypto.randomUUID();
    const before = await graph.served("$batch");
    const found = await many().getUsers([...ids, gone], ["department", "manager"]);
    expect((await graph.served("$batch")) - before).toBe(3);
    expect(found.size).toBe(45);
    expect(found.get(gone)).toBeNull();
    expect(found.get(ids[0] ?? "")).toMatchObject({
      objectId: ids[0],
      attributes: { department: null, manager: boss },
    });
    expect(await many().getUsers([], [])).toEqual(new Map());
  });

  it("fail together when an item is turned away, with the longest wait that is asked for", async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => create()));
    const fault = (seconds: number, status = 429) => ({
      kind: "status",
      status,
      retryAfterSeconds: seconds,
      times: 1,
      path: "/users/",
    });
    await graph.control({ faults: [fault(3), fault(9), fault(4, 503)] });
    expect(await failure(many().getUsers(ids, []))).toMatchObject({
      kind: "transient",
      code: "entraThrottled",
      retryAfterMs: 9000,
    });
    await graph.control({ faults: [] });
    expect((await many().getUsers(ids, [])).size).toBe(5);
  });

  it("leave out one whom Graph refuses, and fail without the right to read users", async () => {
    const ids = await Promise.all(Array.from({ length: 3 }, () => create()));
    await graph.control({
      faults: [{ kind: "status", status: 400, times: 1, path: `/users/${ids[1]}` }],
    });
    const found = await many().getUsers(ids, []);
    expect([...found.keys()].toSorted()).toEqual([ids[0], ids[2]].toSorted());
    await graph.control({ faults: [], tokens: [{ token: "blind", roles: [] }] });
    expect(await failure(many("blind").getUsers(ids, []))).toMatchObject({
      kind: "access",
      code: "graphPermissionMissing",
    });
  });
});
