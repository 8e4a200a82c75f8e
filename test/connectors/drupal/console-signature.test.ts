// Requests of Drupal's console: signed for just this method, target and body, once; and no signature serves two purposes.
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { CONSOLE_SIGNATURE } from "../../../src/api/contract/console-signature.ts";
import { createConsoleCheck } from "../../../src/connectors/drupal/console-signature.ts";
import { readWebhook } from "../../../src/connectors/drupal/webhook.ts";
import {
  type ConsoleRequest,
  consoleKey,
  consoleText,
} from "../../../src/rules/console-signing.ts";

const vector = z.object({
  about: z.string(),
  secret: z.string(),
  id: z.string(),
  timestamp: z.int(),
  method: z.string(),
  target: z.string(),
  body: z.string(),
  key: z.string(),
  text: z.string(),
  signature: z.string(),
});
// Made by PHP, from the description in the contract.
const VECTORS = z
  .array(vector)
  .parse(
    JSON.parse(
      readFileSync(join(import.meta.dirname, "../../contract/console-signatures.json"), "utf8"),
    ),
  );

const SECRET = `whsec_${Buffer.from("a secret of more than 24 bytes").toString("base64")}`;
const OLD_SECRET = "the previous one, typed as a plain text";
const FOREIGN = "a secret that nobody here knows of";
const NOW = Date.parse("2026-11-24T08:00:00Z");
const SECONDS = NOW / 1000;
const TARGET = "/api/console/provision";
const BODY = '{"drupalUuid":"57a4d554-400c-4bda-83f8-44d67f8d0801"}';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

interface Signing {
  readonly key?: Uint8Array;
  readonly id?: string;
  readonly at?: number;
  readonly method?: string;
  readonly target?: string;
  readonly body?: string;
  readonly text?: string;
}

function signed(signing: Signing = {}): ConsoleRequest {
  const { id = "req_1", at = SECONDS, method = "POST", target = TARGET, body = BODY } = signing;
  const request = { method, target, body: Buffer.from(body) };
  const { key = consoleKey(SECRET), text = consoleText(request) } = signing;
  const signature = new Webhook(key, { format: "raw" }).sign(id, new Date(at * 1000), text);
  return {
    ...request,
    headers: {
      "webhook-id": id,
      "webhook-timestamp": String(at),
      "webhook-signature": signature,
    },
  };
}

const check = (secrets: readonly string[] = [SECRET, OLD_SECRET]) =>
  createConsoleCheck(secrets, () => new Date());
const isGenuine = (request: ConsoleRequest) => check().isGenuine(request);

function withHeader(name: string, change: (value: string) => string | undefined): ConsoleRequest {
  const good = signed();
  const headers = { ...good.headers, [name]: change(good.headers[name] ?? "") };
  return { ...good, headers };
}
const withId = (change: (value: string) => string | undefined) => withHeader("webhook-id", change);
const withTime = (change: (value: string) => string | undefined) =>
  withHeader("webhook-timestamp", change);
const withSignature = (change: (value: string) => string | undefined) =>
  withHeader("webhook-signature", change);

describe("a request of the console", () => {
  it.each(VECTORS.map((one) => [one.about, one] as const))(
    "is signed as PHP signs it: %s",
    (_about, { secret, id, timestamp, method, target, body, key, text, signature }) => {
      vi.setSystemTime(timestamp * 1000);
      const request = { method, target, body: Buffer.from(body) };
      expect(consoleKey(secret).toString("base64")).toBe(key);
      expect(consoleText(request)).toBe(text);
      const headers = {
        "webhook-id": id,
        "webhook-timestamp": String(timestamp),
        "webhook-signature": signature,
      };
      expect(check([secret]).isGenuine({ ...request, headers })).toBe(true);
    },
  );

  it("is signed as the published description says in its example", () => {
    const [, , third] = VECTORS;
    const { about: _about, text = "", timestamp, target, ...values } = third ?? {};
    for (const value of [...Object.values(values), `${timestamp}`, ...text.split("\n")])
      expect(CONSOLE_SIGNATURE).toContain(value);
    expect(target).toBe(TARGET);
  });

  it("is let in by each of several secrets, and by one good signature of two", () => {
    expect(isGenuine(signed({ key: consoleKey(OLD_SECRET) }))).toBe(true);
    expect(isGenuine(withSignature((good) => `v1,AAAA ${good}`))).toBe(true);
    expect(check([OLD_SECRET]).isGenuine(signed())).toBe(false);
  });

  it("is let in up to 300 seconds from now, on either side", () => {
    expect([-300, 300].map((off) => isGenuine(signed({ at: SECONDS + off })))).toEqual([
      true,
      true,
    ]);
  });

  it("is let in once, for as long as its signature is good; a forged one does not use up its id", () => {
    const { isGenuine: isNew } = check();
    const ahead = signed({ id: "ahead", at: SECONDS + 300 });
    expect(isNew({ ...ahead, target: "/api/console/audit" })).toBe(false);
    expect([isNew(ahead), isNew(ahead)]).toEqual([true, false]);
    vi.setSystemTime(NOW + 600_999);
    expect(isNew(ahead)).toBe(false);
    vi.setSystemTime(NOW);
    expect(isNew(signed({ id: "ahead", body: "{}" }))).toBe(false);
    expect(isNew(signed({ id: "another" }))).toBe(true);
  });
});

const good = signed();
const moved = (change: Partial<ConsoleRequest>): ConsoleRequest => ({ ...signed(), ...change });
const REFUSED: Readonly<Record<string, () => ConsoleRequest>> = {
  "no id": () => withId(() => undefined),
  "an empty id": () => withId(() => ""),
  "another id": () => withId(() => "req_2"),
  "an id with a dot": () => signed({ id: "req.1" }),
  "an id of 129 characters": () => signed({ id: "x".repeat(129) }),
  "an id with a line feed": () => signed({ id: "req\n1" }),
  "an id beyond ASCII": () => signed({ id: "requête" }),
  "no timestamp": () => withTime(() => undefined),
  "another timestamp": () => withTime((value) => `${Number(value) + 1}`),
  "a timestamp with a suffix": () => withTime((value) => `${value}abc`),
  "a timestamp with a blank": () => withTime((value) => ` ${value}`),
  "a timestamp with a fraction": () => withTime((value) => `${value}.5`),
  "a timestamp in milliseconds": () => withTime((value) => `${value}000`),
  "a timestamp as a power": () => withTime(() => "1764e6"),
  "a timestamp below zero": () => withTime((value) => `-${value}`),
  "301 seconds ago": () => signed({ at: SECONDS - 301 }),
  "301 seconds ahead": () => signed({ at: SECONDS + 301 }),
  "no signature": () => withSignature(() => undefined),
  "an empty signature": () => withSignature(() => ""),
  "a signature of another version": () => withSignature((value) => value.replace("v1,", "v2,")),
  "a signature of version v1a": () => withSignature((value) => value.replace("v1,", "v1a,")),
  "a signature without its version": () => withSignature((value) => value.slice(3)),
  "a signature without a comma": () => withSignature((value) => value.replace(",", "")),
  "a signature in lower case": () => withSignature((value) => value.toLowerCase()),
  "a signature in hex": () =>
    withSignature((value) => `v1,${Buffer.from(value.slice(3), "base64").toString("hex")}`),
  "a signature without its padding": () => withSignature((value) => value.replace(/=+$/, "")),
  "half a signature": () => withSignature((value) => value.slice(0, 24)),
  "six signatures": () => withSignature((value) => `${"v1,AAAA ".repeat(5)}${value}`),
  "a header of 1,025 characters": () => withSignature((value) => `${value} ${"x".repeat(1025)}`),
  "another method": () => moved({ method: "GET" }),
  "the method in lower case": () => moved({ method: "post" }),
  "another route": () => moved({ target: "/api/console/audit" }),
  "a route beside the console": () => moved({ target: "/api/provision" }),
  "the route in upper case": () => moved({ target: "/API/console/provision" }),
  "the route with a slash more": () => moved({ target: `${TARGET}/` }),
  "a query more": () => moved({ target: `${TARGET}?limit=1` }),
  "a query that is written otherwise": () => ({
    ...signed({ method: "GET", target: "/api/console/audit?from=2026-11-24T08%3A00%3A00Z" }),
    target: "/api/console/audit?from=2026-11-24T08:00:00Z",
  }),
  "a query in another order": () => ({
    ...signed({ method: "GET", target: "/api/console/audit?limit=1&status=failure" }),
    target: "/api/console/audit?status=failure&limit=1",
  }),
  "a target with its host": () =>
    signed({ text: consoleText({ ...good, target: `https://a.example${TARGET}` }) }),
  "another body": () => moved({ body: Buffer.from(BODY.replace("57a4", "57a5")) }),
  "a byte more": () => moved({ body: Buffer.from(`${BODY} `) }),
  "no body": () => moved({ body: new Uint8Array() }),
  "the body's own bytes as its text": () => signed({ text: BODY }),
  "no text": () => signed({ text: "" }),
  "a text with a line feed at its end": () => signed({ text: `${consoleText(good)}\n` }),
  "a text with CRLF": () => signed({ text: consoleText(good).replaceAll("\n", "\r\n") }),
  "lines that are pushed into each other": () =>
    moved({ method: "POST\n/api/console", target: "provision" }),
  "a hash in upper case": () =>
    signed({ text: consoleText(good).replace(/[0-9a-f]{64}$/, (hash) => hash.toUpperCase()) }),
  "the key of another secret": () => signed({ key: consoleKey(FOREIGN) }),
  "the secret itself as the key": () => signed({ key: Buffer.from(SECRET.slice(6), "base64") }),
  "the secret's text as the key": () => signed({ key: Buffer.from(SECRET) }),
  "the key of the secret's text": () =>
    signed({
      key: createHmac("sha256", SECRET).update("drupal-entra-user-sync console v1").digest(),
    }),
  "no key": () => signed({ key: Buffer.alloc(32) }),
};

describe("refused is", () => {
  it.each(Object.entries(REFUSED))("%s", (_what, request) => {
    expect(isGenuine(signed())).toBe(true);
    expect(isGenuine(request())).toBe(false);
  });
});

describe("no signature serves two purposes:", () => {
  const secrets = [SECRET, OLD_SECRET];
  const settings = {
    secrets,
    formats: ["standard", "contrib", "contrib-sha1"],
    ownName: null,
  } as const;
  const event = JSON.stringify({
    type: "user.updated",
    data: { uuid: "57a4d554-400c-4bda-83f8-44d67f8d0801" },
  });
  // A site that signs whatever it is given: even then.
  const texts = [event, consoleText(good), "drupal-entra-user-sync console v1"];

  it("a webhook's is none of the console, whatever was signed, also by the contrib module", () => {
    for (const secret of secrets) {
      const key = secret === SECRET ? Buffer.from(SECRET.slice(6), "base64") : Buffer.from(secret);
      for (const text of texts) {
        const delivery = signed({ key, text });
        const asDelivery = { headers: delivery.headers, body: Buffer.from(text) };
        expect(readWebhook(asDelivery, settings).kind).not.toBe("unverified");
        expect(isGenuine(delivery)).toBe(false);
        expect(isGenuine({ ...delivery, body: Buffer.from(text) })).toBe(false);
        const whole = `req_1.${SECONDS}.${text}`;
        const hub = createHmac("sha256", secret).update(whole).digest("base64");
        const headers = { ...delivery.headers, "webhook-signature": `v1,${hub}` };
        expect(isGenuine({ ...good, headers })).toBe(false);
      }
    }
  });

  it("the console's is none of a webhook, in any form, whatever the body", () => {
    const { headers } = good;
    const bytes = Buffer.from((headers["webhook-signature"] ?? "").slice(3), "base64");
    const hub = { "x-hub-signature-256": `sha256=${bytes.toString("hex")}` };
    for (const body of [BODY, consoleText(good), `req_1.${SECONDS}.${consoleText(good)}`]) {
      const delivery = { headers, body: Buffer.from(body) };
      expect(readWebhook(delivery, settings)).toEqual({ kind: "unverified" });
      expect(readWebhook({ ...delivery, headers: hub }, settings)).toEqual({ kind: "unverified" });
    }
  });
});
