// What the module signs, the app takes; and what was touched on the way, it does not. PHP signs, the app's own verifiers verify.
import { createHmac, randomBytes, randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createConsoleCheck } from "../../../src/connectors/drupal/console-signature.ts";
import { isStandardGenuine } from "../../../src/connectors/drupal/standard-signature.ts";
import { HAS, runIn } from "./php.ts";

const signed = z.object({ webhook: z.string(), console: z.string() });
const ASKS = 200;

const asks = fc.sample(
  fc.record({
    keys: fc.array(fc.uint8Array({ minLength: 24, maxLength: 64 }), { minLength: 1, maxLength: 2 }),
    method: fc.constantFrom("GET", "POST"),
    target: fc.webPath().map((path) => `/api/console${path}`),
    text: fc.string({ unit: "grapheme", maxLength: 300 }),
  }),
  ASKS,
);

describe.skipIf(!HAS.php)(`${ASKS} requests that PHP has signed`, () => {
  const at = Math.floor(Date.now() / 1000);
  const requests = asks.map((ask) => ({ ...ask, id: `msg_${randomUUID()}` }));
  const lines = requests.map(({ keys, id, method, target, text }) =>
    JSON.stringify({
      keys: keys.map((key) => Buffer.from(key).toString("base64")),
      id,
      at,
      method,
      target,
      body: Buffer.from(text).toString("base64"),
    }),
  );
  const script = new URL("./sign.php", import.meta.url).pathname;
  const answers = HAS.php
    ? (runIn("php", [script], lines.join("\n"))?.output.trim().split("\n") ?? []).map((line) =>
        signed.parse(JSON.parse(line)),
      )
    : [];
  const headersOf = (index: number, signature: string) => ({
    "webhook-id": requests[index]?.id,
    "webhook-timestamp": String(at),
    "webhook-signature": signature,
  });
  const secretOf = (key: Uint8Array) => `whsec_${Buffer.from(key).toString("base64")}`;

  it("are genuine to the app, by each of the keys", () => {
    expect(answers).toHaveLength(ASKS);
    for (const [index, { keys, method, target, text }] of requests.entries()) {
      const { webhook = "", console = "" } = answers[index] ?? {};
      for (const key of keys) {
        expect(isStandardGenuine(headersOf(index, webhook), text, [key])).toBe(true);
        const check = createConsoleCheck([secretOf(key)], () => new Date());
        const headers = headersOf(index, console);
        expect(check.isGenuine({ method, target, body: Buffer.from(text), headers })).toBe(true);
      }
    }
  });

  it("are forged to it under another key, with another text, and for the other purpose", () => {
    const other = randomBytes(32);
    for (const [index, { keys, method, target, text }] of requests.entries()) {
      const { webhook = "", console = "" } = answers[index] ?? {};
      const headers = headersOf(index, webhook);
      expect(isStandardGenuine(headers, text, [other])).toBe(false);
      expect(isStandardGenuine(headers, `${text} `, keys)).toBe(false);
      expect(isStandardGenuine(headersOf(index, console), text, keys)).toBe(false);
      const isGenuine = (asked: object, signature = console) =>
        createConsoleCheck(keys.map(secretOf), () => new Date()).isGenuine({
          method,
          target,
          body: Buffer.from(text),
          headers: headersOf(index, signature),
          ...asked,
        });
      expect(isGenuine({})).toBe(true);
      expect(isGenuine({ method: method === "GET" ? "POST" : "GET" })).toBe(false);
      expect(isGenuine({ target: `${target}?all` })).toBe(false);
      expect(isGenuine({ body: Buffer.from(`${text} `) })).toBe(false);
      expect(isGenuine({}, webhook)).toBe(false);
    }
  });

  it("are what HMAC says, by a second way of making it", () => {
    const [{ keys, id, text } = { keys: [], id: "", text: "" }] = requests;
    const by = (key: Uint8Array) =>
      `v1,${createHmac("sha256", key).update(`${id}.${at}.${text}`).digest("base64")}`;
    expect(answers[0]?.webhook).toBe(keys.map(by).join(" "));
  });
});
