// Deliveries of Drupal: what is proven genuine is read, everything else is refused without a word why.
import { createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import {
  type Delivery,
  readWebhook,
  type WebhookSettings,
} from "../../../src/connectors/drupal/webhook.ts";

const SECRET = `whsec_${Buffer.from("a secret of more than 24 bytes").toString("base64")}`;
const OLD_SECRET = `whsec_${Buffer.from("the previous one, also long enough").toString("base64")}`;
const UUID = "57a4d554-400c-4bda-83f8-44d67f8d0801";
const settings: WebhookSettings = {
  secrets: [SECRET, OLD_SECRET],
  formats: ["standard", "contrib"],
  ownName: "svc-sync",
};

const native = (type = "user.updated", data: unknown = { uuid: UUID, sequence: 12 }) =>
  JSON.stringify({ type, timestamp: "2026-11-24T08:00:00Z", data });

interface Signing {
  readonly secret?: string;
  readonly id?: string;
  readonly at?: number;
  readonly headers?: Record<string, string | undefined>;
}

function standard(
  body: string,
  { secret = SECRET, id = "msg_1", at = Date.now(), headers = {} }: Signing = {},
): Delivery {
  const signature = new Webhook(secret).sign(id, new Date(at), body);
  return {
    headers: {
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at / 1000)),
      "webhook-signature": signature,
      ...headers,
    },
    body: Buffer.from(body),
  };
}

function contrib(body: string, algorithm: "sha256" | "sha1" = "sha256"): Delivery {
  const hex = createHmac(algorithm, SECRET).update(body).digest("hex");
  const header = algorithm === "sha256" ? "x-hub-signature-256" : "x-hub-signature";
  return {
    headers: { [header]: `${algorithm}=${hex}`, "x-drupal-delivery": "8c3e0203" },
    body: Buffer.from(body),
  };
}

describe("Standard Webhooks", () => {
  it("reads which user and what happened, and nothing else", () => {
    expect(readWebhook(standard(native()), settings)).toEqual({
      kind: "event",
      event: {
        drupalUuid: UUID,
        event: "updated",
        deliveryId: "msg_1",
        actorUuid: null,
        isOwn: false,
        changedAtLeast: null,
      },
    });
  });

  it("accepts each of several secrets, and one good signature among several", () => {
    expect(readWebhook(standard(native(), { secret: OLD_SECRET }), settings).kind).toBe("event");
    const good = standard(native());
    const signature = `v1,AAAA v1a,x ${good.headers["webhook-signature"]}`;
    const delivery = { ...good, headers: { ...good.headers, "webhook-signature": signature } };
    expect(readWebhook(delivery, settings).kind).toBe("event");
  });

  it("accepts 5 minutes of skew on either side and not a second more", () => {
    const kindAt = (seconds: number) =>
      readWebhook(standard(native(), { at: Date.now() + seconds * 1000 }), settings).kind;
    expect([-299, 299].map(kindAt)).toEqual(["event", "event"]);
    expect([-302, 302].map(kindAt)).toEqual(["unverified", "unverified"]);
  });

  const good = standard(native());
  const signature = good.headers["webhook-signature"] ?? "";
  const seconds = good.headers["webhook-timestamp"] ?? "";
  const forged: Record<string, Delivery> = {
    "no id": { ...good, headers: { ...good.headers, "webhook-id": undefined } },
    "another id": { ...good, headers: { ...good.headers, "webhook-id": "msg_2" } },
    "an id with a dot": standard(native(), { id: "msg.1" }),
    "an id of 129 characters": standard(native(), { id: "x".repeat(129) }),
    "no timestamp": { ...good, headers: { ...good.headers, "webhook-timestamp": undefined } },
    "a timestamp with a suffix": {
      ...good,
      headers: { ...good.headers, "webhook-timestamp": `${seconds}abc` },
    },
    "a timestamp with a fraction": {
      ...good,
      headers: { ...good.headers, "webhook-timestamp": `${seconds}.5` },
    },
    "a timestamp with a blank": {
      ...good,
      headers: { ...good.headers, "webhook-timestamp": ` ${seconds}` },
    },
    "an empty signature": { ...good, headers: { ...good.headers, "webhook-signature": "" } },
    "another version": {
      ...good,
      headers: { ...good.headers, "webhook-signature": signature.replace("v1,", "v2,") },
    },
    "no comma": {
      ...good,
      headers: { ...good.headers, "webhook-signature": signature.replace(",", "") },
    },
    "six signatures": {
      ...good,
      headers: { ...good.headers, "webhook-signature": `${"v1,AAAA ".repeat(5)}${signature}` },
    },
    "lower-case base64": {
      ...good,
      headers: { ...good.headers, "webhook-signature": signature.toLowerCase() },
    },
    "another secret": standard(native(), {
      secret: `whsec_${Buffer.from("not a secret of ours at all").toString("base64")}`,
    }),
    "one byte more": { ...good, body: Buffer.concat([good.body, Buffer.from(" ")]) },
    "the same JSON written otherwise": {
      ...good,
      body: Buffer.from(JSON.stringify(JSON.parse(native()), null, 1)),
    },
    "invalid UTF-8": { ...good, body: Buffer.concat([good.body, Buffer.from([0xff])]) },
  };
  for (const [what, delivery] of Object.entries(forged)) {
    it(`refuses ${what}`, () => {
      expect(readWebhook(delivery, settings)).toEqual({ kind: "unverified" });
    });
  }

  it("tells malformed bodies from unknown types, once the signature is good", () => {
    expect(readWebhook(standard("{"), settings).kind).toBe("malformed");
    expect(readWebhook(standard("[]"), settings).kind).toBe("malformed");
    expect(readWebhook(standard(native("user.updated", { uuid: "1 or 1" })), settings).kind).toBe(
      "malformed",
    );
    expect(readWebhook(standard(native("node.created")), settings)).toEqual({
      kind: "ignored",
      type: "node.created",
    });
    expect(readWebhook(standard('{"__proto__":{"type":"user.updated"}}'), settings).kind).toBe(
      "malformed",
    );
  });

  it("is refused where only the other format is switched on", () => {
    expect(readWebhook(standard(native()), { ...settings, formats: ["contrib"] }).kind).toBe(
      "unverified",
    );
  });
});

describe("the contrib webhooks module", () => {
  const folder = join(import.meta.dirname, "../../contract/drupal-webhooks");
  const recordings = readdirSync(folder).map((name) =>
    JSON.parse(readFileSync(join(folder, name), "utf8")),
  );

  it("reads every recorded body", () => {
    const read = recordings.map((recording) => {
      const reading = readWebhook(contrib(JSON.stringify(recording.body)), {
        ...settings,
        ownName: null,
      });
      return reading.kind === "event"
        ? `${reading.event.event} ${reading.event.drupalUuid}`
        : reading.kind;
    });
    const uuid = recordings[0].body.entity.uuid[0].value;
    expect(read.filter((one) => one === "ignored")).toHaveLength(2); // system:user_login, system:user_cancel
    expect(new Set(read.filter((one) => one !== "ignored"))).toEqual(
      new Set([`created ${uuid}`, `updated ${uuid}`, `deleted ${uuid}`]),
    );
  });

  it("announces the version that the read must reach, since it speaks before the commit", () => {
    const [first] = recordings;
    const reading = readWebhook(contrib(JSON.stringify(first.body)), settings);
    const changed = Date.parse(first.body.entity.changed[0].value) / 1000;
    expect(reading.kind === "event" && reading.event.changedAtLeast).toBe(changed);
  });

  it("knows our own account as the actor", () => {
    const reading = readWebhook(contrib(JSON.stringify(recordings[0].body)), settings);
    expect(reading.kind === "event" && reading.event.isOwn).toBe(true);
  });

  it("takes sha1 only where it is switched on", () => {
    const delivery = contrib(JSON.stringify(recordings[0].body), "sha1");
    expect(readWebhook(delivery, settings).kind).toBe("unverified");
    expect(readWebhook(delivery, { ...settings, formats: ["contrib-sha1"] }).kind).toBe("event");
  });

  it("refuses a signature of another body, a short one, and none", () => {
    const good = contrib(JSON.stringify(recordings[0].body));
    const hex = good.headers["x-hub-signature-256"] ?? "";
    const forged = [
      { ...good, body: Buffer.from("{}") },
      { ...good, headers: { "x-hub-signature-256": hex.slice(0, 20) } },
      { ...good, headers: { "x-hub-signature-256": `${hex}zz` } },
      { ...good, headers: {} },
    ];
    expect(forged.map((one) => readWebhook(one, settings).kind)).toEqual(
      Array(4).fill("unverified"),
    );
  });
});
