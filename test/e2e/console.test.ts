// Drupal's console through the real door: the little that a site may ask, while nobody else is let in at all.
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { SpawnedHost } from "../../infra/local/host/spawn-host.ts";
import { auditPage } from "../../src/api/answers/audit-page.ts";
import { explainedLink } from "../../src/api/answers/link.ts";
import { type ConsoleAsk, consoleHeaders } from "./console-signing.ts";
import { cycleClient } from "./cycle-client.ts";
import { rawRequest } from "./raw-request.ts";
import { eventually, type Stack, startStack, WEBHOOK_SECRET } from "./stack.ts";

const NOBODY = "00000000-0000-4000-8000-000000000000";
const JSON_CONTENT = { "content-type": "application/json" };

let stack: Stack;
/** With the console on, and no admin at all. */
let withConsole: SpawnedHost;
/** A person whom both sides know. */
let uuid: string;
let objectId: string;

beforeAll(async () => {
  stack = await startStack();
  withConsole = await stack.startHost({ DRUPAL_CONSOLE: "on", ADMIN_AUTH: "none" });
  uuid = await stack.createDrupalUser("ada.lovelace", { field_department: "Engine" });
  const upn = "ada.lovelace@contoso.example";
  objectId = (await eventually("Ada in Entra", () => stack.entraUser(upn))).id;
  const told = (count: number) =>
    eventually(
      `${count} entries`,
      async () => (await stack.audit(`&user=${uuid}`)).length >= count,
    );
  await told(1);
  await stack.editDrupalUser(uuid, { field_department: "Numbers" });
  await told(2);
  // Looks that follow the writes are told, too: the history is read page by page once they are over.
  await cycleClient(stack).quiet(45_000);
});
afterAll(() => stack.close());

const provision = (order: object): ConsoleAsk => ({
  method: "POST",
  target: "/api/console/provision",
  body: JSON.stringify(order),
});

/** Sends what was signed, or something else than that; answers the status and the body. */
async function send(ask: ConsoleAsk, sent: Partial<ConsoleAsk> = {}, host = withConsole) {
  const { method = "GET", target, body } = { ...ask, ...sent };
  const headers = { ...JSON_CONTENT, ...consoleHeaders(ask) };
  const request = { method, headers, ...(body === undefined ? {} : { body }) };
  const { status, text } = await rawRequest(host.url, target, request);
  return { status, body: text === "" ? null : z.looseObject({}).parse(JSON.parse(text)) };
}

/** `200`, or the status and code of a problem; `404` alone is the host's own. */
async function answerTo(ask: ConsoleAsk, sent: Partial<ConsoleAsk> = {}, host = withConsole) {
  const { status, body } = await send(ask, sent, host);
  return status < 400 ? `${status}` : `${status} ${body === null ? "" : body.code}`.trim();
}

const department = async () => {
  const user = await stack.entraUser("ada.lovelace@contoso.example");
  return user?.department;
};

describe("while DRUPAL_CONSOLE is off", () => {
  it("there is nothing, for a signed request too, and nothing tells why", async () => {
    const asks = [
      { target: "/api/console/audit" },
      { target: `/api/console/users/${uuid}` },
      provision({ drupalUuid: uuid }),
    ];
    for (const ask of asks) {
      const { status, body } = await send(ask, {}, stack.host);
      expect({ status, body }).toEqual({
        status: 404,
        body: {
          type: "about:blank",
          title: "There is nothing here.",
          status: 404,
          code: "notFound",
        },
      });
    }
  });
});

describe("a site that signs", () => {
  it("reads the history of a user, by either id and page by page", async () => {
    const target = `/api/console/audit?user=${uuid}&limit=1`;
    const first = auditPage.parse((await send({ target })).body);
    expect(first.items).toMatchObject([{ drupalUuid: uuid }]);
    const byEntra = await send({ target: `/api/console/audit?user=${objectId}&limit=1` });
    expect(auditPage.parse(byEntra.body).items).toEqual(first.items);
    const next = z.string().parse(first.continuation);
    const second = auditPage.parse((await send({ target: `${target}&continuation=${next}` })).body);
    expect(second.items).not.toEqual(first.items);
    const since = "/api/console/audit?from=2026-01-01T00%3A00%3A00%2B01%3A00&status=success";
    expect(auditPage.parse((await send({ target: since })).body).items.length).toBeGreaterThan(0);
  });

  it("is told of its user what a reader of the app is told", async () => {
    const { status, body } = await send({ target: `/api/console/users/${uuid}` });
    expect(status).toBe(200);
    const told = await (await stack.api(`/links/${uuid}`)).json();
    expect(explainedLink.parse(body)).toEqual(explainedLink.parse(told));
    expect(await answerTo({ target: `/api/console/users/${NOBODY}` })).toBe("404 linkNotFound");
    expect(await answerTo({ target: "/api/console/users/ada.lovelace" })).toBe("404 linkNotFound");
  });

  it("asks for its own users only: an Entra user's id is nobody's", async () => {
    const entraOnly = await stack.createEntraUser("solo.entra");
    expect((await stack.api(`/links/${entraOnly}`)).status).toBe(200);
    for (const id of [entraOnly, objectId])
      expect(await answerTo({ target: `/api/console/users/${id}` })).toBe("404 linkNotFound");
    const { body } = await send(provision({ drupalUuid: entraOnly }));
    expect(body).toMatchObject({ outcome: { status: "skipped", operations: [] } });
  });

  it("sees the five steps, then has its user provisioned, and the log says who asked", async () => {
    // No webhook is on its way.
    await stack.hook(withConsole, { url: "http://127.0.0.1:9/" });
    await stack.editDrupalUser(uuid, { field_department: "Analysis" });
    const preview = await send(provision({ drupalUuid: uuid, dryRun: true }));
    expect(preview.body).toMatchObject({
      dryRun: true,
      outcome: { status: "planned" },
      explanation: { export: { steps: [{ operation: "update", status: "planned" }] } },
    });
    expect(await department()).toBe("Numbers");
    const done = await send(provision({ drupalUuid: uuid, actor: { uid: 17 } }));
    expect(done).toMatchObject({
      status: 200,
      body: { dryRun: false, outcome: { status: "success", operations: ["update"] } },
    });
    expect(await department()).toBe("Analysis");
    const [newest] = await stack.audit(`&user=${uuid}&operation=update`);
    expect(newest).toMatchObject({ cause: "onDemand", actor: "drupal:user/17" });
    const again = await send(provision({ drupalUuid: uuid, actor: { name: "Grace" } }));
    expect(again.body).toMatchObject({ outcome: { operations: [] } });
  });
});

describe("refused, and nothing is done, is", () => {
  const order = () => provision({ drupalUuid: uuid });
  const now = () => Math.floor(Date.now() / 1000);

  it("whatever the site did not sign", async () => {
    const audit = { target: "/api/console/audit?limit=1" };
    const other = `whsec_${Buffer.from("a secret that nobody here knows").toString("base64")}`;
    const forged = {
      "another secret": answerTo({ ...order(), secret: other }),
      "too old": answerTo({ ...order(), at: now() - 310 }),
      "too far ahead": answerTo({ ...order(), at: now() + 310 }),
      "another body": answerTo(order(), provision({ drupalUuid: NOBODY })),
      "no body": answerTo(order(), { body: "" }),
      "a body beside": answerTo({ ...order(), body: "" }, order()),
      "another method": answerTo({ ...order(), method: "GET" }, order()),
      "another target": answerTo(audit, order()),
      "another filter": answerTo(audit, { target: "/api/console/audit?limit=2" }),
      "a filter more": answerTo(audit, { target: `${audit.target}&user=${uuid}` }),
      "no filter": answerTo(audit, { target: "/api/console/audit" }),
      "another writing": answerTo(audit, { target: "/api/console/audit?limit=%31" }),
      "another user": answerTo(
        { target: `/api/console/users/${uuid}` },
        { target: `/api/console/users/${NOBODY}` },
      ),
      "the route of a reader": answerTo({ target: "/api/audit?limit=1" }, audit),
    };
    for (const [what, answer] of Object.entries(forged))
      expect([what, await answer]).toEqual([what, "401 signatureInvalid"]);
  });

  it("a request that comes twice", async () => {
    const ask = { ...order(), id: "req_once", at: now() };
    expect(await answerTo(ask)).toBe("200");
    expect(await answerTo(ask)).toBe("401 signatureInvalid");
    const read = { target: "/api/console/audit?limit=1", id: "req_read", at: now() };
    expect([await answerTo(read), await answerTo(read)]).toEqual(["200", "401 signatureInvalid"]);
  });

  it("a webhook's signature here, and this one there", async () => {
    const event = JSON.stringify({ type: "user.updated", data: { uuid } });
    const at = new Date();
    const headers = {
      ...JSON_CONTENT,
      "webhook-id": "msg_1",
      "webhook-timestamp": `${Math.floor(at.getTime() / 1000)}`,
      "webhook-signature": new Webhook(WEBHOOK_SECRET).sign("msg_1", at, event),
    };
    const posted = { method: "POST", headers, body: event };
    const webhook = await rawRequest(withConsole.url, "/api/webhooks/drupal", posted);
    expect(webhook.status).toBe(202);
    const here = await rawRequest(withConsole.url, "/api/console/provision", posted);
    expect(here.status).toBe(401);
    const there = { ...order(), body: event };
    for (const target of ["/api/console/provision", "/api/webhooks/drupal"])
      expect(
        await answerTo({ ...there, target }, { target: "/api/webhooks/drupal", body: event }),
      ).toBe("401 signatureInvalid");
  });

  it("more than a console may ask, however well it is signed", async () => {
    const cycles = await stack.api("/cycles");
    const asks: Readonly<Record<string, readonly [ConsoleAsk, string]>> = {
      "51 entries": [{ target: "/api/console/audit?limit=51" }, "400 invalidQuery"],
      "a file": [{ target: "/api/console/audit?format=csv" }, "400 invalidQuery"],
      "a join": [provision({ drupalUuid: uuid, joins: objectId }), "400 invalidRequest"],
      "a candidate": [
        provision({ drupalUuid: uuid, dryRun: true, configuration: {} }),
        "400 invalidRequest",
      ],
      "one direction": [
        provision({ drupalUuid: uuid, direction: "entraToDrupal" }),
        "400 invalidRequest",
      ],
      "an Entra user": [provision({ system: "entra", id: objectId }), "400 invalidRequest"],
      "a name": [provision({ drupalUuid: "ada.lovelace" }), "400 invalidRequest"],
      "no JSON": [{ ...order(), body: "{" }, "400 malformedJson"],
      "a large body": [
        provision({ drupalUuid: uuid, actor: { name: "x".repeat(4096) } }),
        "413 bodyTooLarge",
      ],
      "a mail in the log": [
        provision({ drupalUuid: uuid, actor: { name: "ada@contoso.example" } }),
        "400 invalidRequest",
      ],
      cycles: [{ target: "/api/cycles", method: "POST", body: "{}" }, "503 authNotConfigured"],
      configuration: [{ target: "/api/configuration" }, "503 authNotConfigured"],
      escrow: [{ target: "/api/escrow" }, "503 authNotConfigured"],
      "an operator's order": [
        { ...provision({ system: "drupal", id: uuid }), target: "/api/provision" },
        "503 authNotConfigured",
      ],
      unlinking: [{ target: `/api/links/${uuid}`, method: "DELETE" }, "503 authNotConfigured"],
      "unlinking from the console": [
        { target: `/api/console/users/${uuid}`, method: "DELETE" },
        "404",
      ],
      "cycles from the console": [{ target: "/api/console/cycles" }, "404"],
      "configuration from the console": [{ target: "/api/console/configuration" }, "404"],
    };
    for (const [what, [ask, expected]] of Object.entries(asks))
      expect([what, await answerTo(ask)]).toEqual([what, expected]);
    expect(await (await stack.api("/cycles")).text()).toBe(await cycles.text());
    const linked = await (await stack.api(`/links/${uuid}`)).json();
    expect(linked).toMatchObject({ link: { entraObjectId: objectId } });
  });
});
