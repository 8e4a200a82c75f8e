// The module's outbox on a real Drupal: what is saved is told, once it is committed, whatever happens to the app or to PHP.

import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { WEBHOOK_SECRET } from "../e2e/site-under-test.ts";
import { eventually } from "../e2e/stack.ts";
import type { Delivery } from "./app-front.ts";
import { withSite } from "./with-site.ts";

const at = withSite();

const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const first = async () => (await at.uuids())[0] ?? "";
/** Saves in one PHP process that ends as a request does, or without a word as one that is killed. */
const save = (uuids: readonly string[], department: string, terminate = true) =>
  at.site.call("save", { uuids, department, terminate });
const waiting = async (uuid: string) => (await at.site.outbox()).filter((row) => row.uuid === uuid);
const sequenceOf = ({ event }: Delivery) => event.data.sequence ?? Number.NaN;

describe("what is told", () => {
  it("is which user, signed as Standard Webhooks, and no value of the user", async () => {
    const uuid = await at.stack.createDrupalUser("grace.hopper", { field_department: "Navy" });
    // An edit before the app has answered would be part of the creation.
    await at.drained();
    await at.stack.editDrupalUser(uuid, { field_department: "Reserve" });
    await at.drained();
    await at.site.control({ cancelMethod: "user_cancel_delete" });
    await at.stack.deleteDrupalUser(uuid);
    await at.site.control({ cancelMethod: "user_cancel_block" });
    const told = await eventually("told of the delete", async () => {
      const all = at.app.of(uuid);
      return all.at(-1)?.status === 202 && all.length === 3 && all;
    });
    expect(told.map(({ event }) => event.type)).toEqual([
      "user.created",
      "user.updated",
      "user.deleted",
    ]);
    const sequences = told.map(sequenceOf);
    expect(sequences).toEqual(sequences.toSorted((one, other) => one - other));
    for (const { event, headers } of told) {
      expect(Object.keys(event.data).toSorted()).toEqual(["actor", "sequence", "uuid"]);
      expect(headers["webhook-signature"]).toMatch(/^v1,/);
    }
    expect(await at.site.outbox()).toEqual([]);
  });

  it("carries signatures that the reference implementation takes, and no other secret does", async () => {
    const uuid = await first();
    const bodies: { text: string; headers: Record<string, string> }[] = [];
    at.app.onDelivery = async ({ event, headers }) => {
      const named = ["webhook-id", "webhook-timestamp", "webhook-signature"] as const;
      const own = Object.fromEntries(named.map((name) => [name, String(headers[name])]));
      bodies.push({ text: JSON.stringify(event), headers: own });
      return undefined;
    };
    await save([uuid], "Signed");
    const [sent] = await eventually("told", async () => bodies.length > 0 && bodies);
    if (sent === undefined) throw new Error("nothing was sent");
    expect(new Webhook(WEBHOOK_SECRET).verify(sent.text, sent.headers)).toMatchObject({
      data: { uuid },
    });
    const other = new Webhook(`whsec_${Buffer.alloc(32, 7).toString("base64")}`);
    expect(() => other.verify(sent.text, sent.headers)).toThrow();
  });

  it("of a role that is taken or given, of a picture, and of a block is told as an update", async () => {
    const [uuid = ""] = await at.uuids();
    const count = async (more: number, work: () => Promise<unknown>) => {
      const before = at.app.of(uuid).length;
      await work();
      await eventually("told", async () => at.app.of(uuid).length >= before + more);
    };
    await count(1, () =>
      at.site
        .call("makeRole", { role: "visitors", uuids: [uuid] })
        .then(() => at.site.call("cron")),
    );
    await count(1, () => at.stack.setDrupalRoles(uuid, []));
    await count(1, () => at.stack.editDrupalUser(uuid, { status: false }));
    await count(1, () => at.stack.editDrupalUser(uuid, { status: true }));
    expect(new Set(at.app.of(uuid).map(({ event }) => event.type))).toEqual(
      new Set(["user.updated"]),
    );
  });

  it("leaves out what the sync's own account has saved", async () => {
    const uuid = await first();
    const response = await fetch(`${at.site.url}/jsonapi/user/user/${uuid}`, {
      method: "PATCH",
      headers: {
        Authorization: at.site.service,
        "Content-Type": "application/vnd.api+json",
      },
      body: JSON.stringify({
        data: { type: "user--user", id: uuid, attributes: { field_department: "By the sync" } },
      }),
    });
    expect(response.status).toBe(200);
    await at.drained();
    expect(at.app.of(uuid)).toEqual([]);
  });
});

describe("a save", () => {
  it("is answered before the app has answered", async () => {
    const uuid = await first();
    at.app.behaviour = "hang";
    let isAnswered = false;
    // The headers are enough: PHP's own server keeps the connection until its script ends.
    const saving = fetch(`${at.site.url}/jsonapi/user/user/${uuid}`, {
      method: "PATCH",
      headers: { Authorization: at.site.admin, "Content-Type": "application/vnd.api+json" },
      body: JSON.stringify({
        data: { type: "user--user", id: uuid, attributes: { field_department: "At once" } },
      }),
    }).then((response) => {
      isAnswered = true;
      return response;
    });
    await eventually("the app is asked", async () => at.app.open === 1);
    await eventually("the save is answered", async () => isAnswered, 3000);
    expect(at.app.open).toBe(1);
    at.app.letGo();
    expect((await saving).status).toBe(200);
  });

  it("that is rolled back tells nobody, and leaves nothing", async () => {
    const uuid = await first();
    await at.site.call("saveAndRollBack", { uuid, department: "Never" });
    expect(await at.site.outbox()).toEqual([]);
    await at.site.call("cron");
    expect(at.app.deliveries).toEqual([]);
    expect((await at.stack.drupalUser(uuid))?.attributes.field_department).not.toBe("Never");
  });

  it("that is committed by a process that dies before it sends is told by cron", async () => {
    const uuid = await first();
    await save([uuid], "Committed", false);
    expect(at.app.deliveries).toEqual([]);
    expect(await waiting(uuid)).toHaveLength(1);
    await at.site.call("cron");
    expect(at.app.of(uuid)).toMatchObject([{ status: 202 }]);
    expect(await at.site.outbox()).toEqual([]);
  });

  it("is one row, however often the user is saved before it can be told", async () => {
    const uuid = await first();
    for (const department of ["One", "Two", "Three"]) await save([uuid], department, false);
    expect(await waiting(uuid)).toHaveLength(1);
    await at.drained();
    expect(at.app.of(uuid)).toHaveLength(1);
  });

  it("while the user is being told of is told afterwards, never beside it", async () => {
    const uuid = await first();
    at.app.behaviour = "hang";
    await save([uuid], "Before", false);
    const sending = at.site.call("cron");
    await eventually("the app is asked", async () => at.app.open === 1);
    await save([uuid], "Meanwhile");
    await at.site.call("cron");
    expect(at.app.open).toBe(1);
    expect(at.app.of(uuid)).toHaveLength(1);
    at.app.behaviour = "pass";
    at.app.letGo();
    await sending;
    await at.drained();
    const told = at.app.of(uuid);
    expect(told.map(({ status }) => status)).toEqual([202, 202]);
    expect(sequenceOf(told[1] ?? never())).toBeGreaterThan(sequenceOf(told[0] ?? never()));
  });
});

describe("a role that is deleted", () => {
  it("is told of each of its users, once they have it no longer", async () => {
    const uuids = (await at.uuids()).slice(0, 3);
    await at.site.call("makeRole", { role: "short_lived", uuids });
    await at.drained();
    at.app.forget();
    const seen = new Map<string, boolean>();
    at.app.onDelivery = async ({ event }) => {
      const uuid = event.data.uuid ?? "";
      const user = await at.stack.drupalUser(uuid);
      const roles = user?.relationships.roles.data ?? [];
      const held = roles.map(({ meta }) => meta.drupal_internal__target_id);
      seen.set(uuid, held.includes("short_lived"));
      return undefined;
    };
    await at.site.call("deleteRole", { role: "short_lived" });
    await at.drained();
    expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(uuids.map((one) => [one, false])));
  });
});

describe("an app that does not take it", () => {
  for (const status of [500, 503, 404, 403, 200, 302] as const) {
    it(`and answers ${status} is asked once, keeps everything, and gets it later`, async () => {
      const uuids = (await at.uuids()).slice(0, 3);
      at.app.behaviour = { status };
      await save(uuids, `While ${status}`);
      expect(at.app.deliveries).toHaveLength(1);
      expect(await at.site.outbox()).toHaveLength(3);
      await back(uuids);
    });
  }

  it("and breaks off is asked once, keeps everything, and gets it later", async () => {
    const uuids = (await at.uuids()).slice(0, 3);
    at.app.behaviour = "break";
    await save(uuids, "Broken off");
    expect(new Set(at.app.deliveries.map(({ id }) => id)).size).toBe(1);
    expect(await at.site.outbox()).toHaveLength(3);
    await back(uuids);
  });

  it("and says when to come again is left alone until then, by cron as well", async () => {
    const uuid = await first();
    at.app.behaviour = { status: 429, retryAfterSeconds: 3600 };
    await save([uuid], "Too many");
    at.app.behaviour = "pass";
    await at.site.call("cron");
    expect(at.app.deliveries).toHaveLength(1);
    expect(await waiting(uuid)).toHaveLength(1);
    await back([uuid]);
  });

  for (const status of [401, 410] as const) {
    it(`and answers ${status} is not asked again until someone resumes it`, async () => {
      const uuid = await first();
      at.app.behaviour = { status };
      await save([uuid], `After ${status}`);
      at.app.behaviour = "pass";
      await at.site.call("cron");
      await save([uuid], `Again ${status}`);
      expect(at.app.deliveries).toHaveLength(1);
      await back([uuid]);
    });
  }

  it("and refuses one user's event hears of the others all the same", async () => {
    const uuids = (await at.uuids()).slice(0, 4);
    const [refused = "", ...others] = uuids;
    at.app.onDelivery = async ({ event }) =>
      event.data.uuid === refused ? { status: 422 } : undefined;
    await save(uuids, "One is refused");
    await at.site.call("cron");
    for (const uuid of others) expect(at.app.of(uuid)).toMatchObject([{ status: 202 }]);
    expect(await at.site.outbox()).toMatchObject([{ uuid: refused, attempts: 1 }]);
    // A newer save of the refused user is a content of its own.
    at.app.onDelivery = async () => undefined;
    await save([refused], "Mended");
    await at.drained();
    expect(at.app.of(refused).at(-1)).toMatchObject({ status: 202 });
  });

  /** A person resumes it: the app is told of each, and takes it. */
  async function back(uuids: readonly string[]): Promise<void> {
    at.app.forget();
    await at.site.call("resume");
    await at.drained();
    for (const uuid of uuids) expect(at.app.of(uuid)).toMatchObject([{ status: 202 }]);
  }
});

describe("two processes", () => {
  it("never tell of one user at once, and no row twice", async () => {
    const uuids = await at.uuids();
    await save(uuids, "Crowded", false);
    at.app.onDelivery = async () => {
      await soon(20);
      return undefined;
    };
    await Promise.all([1, 2, 3].map(() => at.site.call("cron")));
    await at.drained();
    expect(at.app.deliveries.map(({ event }) => event.data.uuid).toSorted()).toEqual(
      uuids.toSorted(),
    );
  });
});

describe("an app that is away while hundreds are saved, and a PHP that is killed", () => {
  const MANY = Number(process.env.DRUPAL_USERS ?? 200);

  it(`leaves every one of ${MANY} users right, once it is back and cron has run`, async () => {
    const uuids: string[] = [];
    for (let one = 0; one < MANY; one += 1)
      uuids.push(await at.stack.createDrupalUser(`away${one}`, { field_department: "Before" }));
    await at.drained();
    const inEntra = (department: string) =>
      at.stack.entraUsers().filter((user) => user.department === department).length;
    await eventually("all are in Entra", async () => inEntra("Before") >= MANY, 180_000, 500);
    at.app.forget();

    at.app.behaviour = "break";
    const half = Math.floor(MANY / 2);
    await save(uuids.slice(0, half), "After", false);
    // Through the site's own door, four at a time, and PHP is killed in the midst of it.
    const queue = uuids.slice(half);
    let saved = 0;
    const visitor = async () => {
      for (let uuid = queue.shift(); uuid !== undefined; uuid = queue.shift()) {
        const isSaved = await at.stack.editDrupalUser(uuid, { field_department: "After" }).then(
          () => true,
          () => false,
        );
        if (isSaved) saved += 1;
      }
    };
    const visitors = [1, 2, 3, 4].map(visitor);
    await eventually("half of them are saved", async () => saved >= half / 2, 120_000);
    await at.site.killPhp();
    await Promise.all(visitors);
    await at.site.servePhp();
    // Those whose save died are saved again, as a person would.
    for (const uuid of uuids.slice(half)) {
      const user = await at.stack.drupalUser(uuid);
      if (user?.attributes.field_department !== "After")
        await at.stack.editDrupalUser(uuid, { field_department: "After" });
    }
    expect(await at.site.outbox()).toHaveLength(MANY);

    const began = Date.now();
    at.app.forget();
    // The hold after the failures passes by itself: cron is all that runs.
    await eventually(
      "cron has sent everything",
      async () => {
        await at.site.call("cron");
        return (await at.site.outbox()).length === 0;
      },
      420_000,
      3000,
    );
    await eventually(
      "all are right in Entra",
      async () => inEntra("After") === MANY,
      120_000 + MANY * 300,
      500,
    ).catch(async (error: unknown) => {
      const left = at.stack.entraUsers().filter(({ department }) => department === "Before");
      const rows = await at.stack.audit(`&user=${left[0]?.id ?? ""}`);
      const health: unknown = await (await at.stack.api("/health")).json();
      const told = at.app.of(left[0]?.onPremisesExtensionAttributes?.extensionAttribute15 ?? "");
      console.log(
        JSON.stringify({ left: left.length, told, rows: rows.slice(0, 3), health }, null, 1),
      );
      throw error;
    });
    const seconds = Math.round((Date.now() - began) / 1000);
    console.log(
      `${MANY} users: ${saved} of ${uuids.length - half} saves outlived the kill; all right ${seconds} s after the app was back, in ${at.app.deliveries.length} deliveries`,
    );
    expect(at.app.deliveries.length).toBeLessThan(2 * MANY);
  }, 900_000);
});

function never(): never {
  throw new Error("nothing was told");
}
