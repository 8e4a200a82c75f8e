// Stands between the module and the app: remembers what was sent, and can answer in the app's place.
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";

/** Where the module posts its events. */
export const WEBHOOK = "/api/webhooks/drupal";

/** The body of an event: which user, and no value of the user. */
const event = z.strictObject({
  type: z.enum(["user.created", "user.updated", "user.deleted", "test"]),
  timestamp: z.iso.datetime(),
  data: z.looseObject({ uuid: z.guid().optional(), sequence: z.number().optional() }),
});

/** One request of the module. */
export interface Delivery {
  readonly id: string;
  readonly event: z.infer<typeof event>;
  readonly headers: IncomingHttpHeaders;
  /** What was answered; null while it is not. */
  status: number | null;
}

/** How the front answers: by asking the app, with a status of its own, not at all, or by breaking off. */
export type Behaviour =
  | "pass"
  | "hang"
  | "break"
  | { readonly status: number; readonly retryAfterSeconds?: number };

/** A running front. */
export interface AppFront {
  readonly url: string;
  behaviour: Behaviour;
  /** Asked before each answer, with what is told. */
  onDelivery: (delivery: Delivery) => Promise<Behaviour | undefined>;
  readonly deliveries: readonly Delivery[];
  /** What else the site asked: method and target. */
  readonly asked: readonly string[];
  /** How many requests are open right now, and how many were at most. */
  readonly open: number;
  readonly mostOpen: number;
  /** Of one user. */
  of(uuid: string): readonly Delivery[];
  forget(): void;
  /** Lets those that hang go on. */
  letGo(): void;
  close(): Promise<void>;
}

/** Starts a front of the app at `appUrl()`. */
export async function startAppFront(appUrl: () => string): Promise<AppFront> {
  const deliveries: Delivery[] = [];
  const asked: string[] = [];
  let hanging: (() => void)[] = [];
  let open = 0;
  let mostOpen = 0;
  const server = createServer(async (message, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { method = "GET", url: target = "/" } = message;
    const { host: _, connection: __, "content-length": ___, ...headers } = message.headers;
    const passOn = () =>
      fetch(`${appUrl()}${target}`, {
        method,
        headers: headers as Record<string, string>,
        ...(method === "GET" ? {} : { body }),
      }).catch(() => null);
    if (target !== WEBHOOK) {
      asked.push(`${method} ${target}`);
      const passed = await passOn();
      const type = passed?.headers.get("content-type") ?? "text/plain";
      response.writeHead(passed?.status ?? 502, { "Content-Type": type });
      response.end(await passed?.text());
      return;
    }
    const id = String(message.headers["webhook-id"]);
    const delivery: Delivery = {
      id,
      event: event.parse(JSON.parse(body.toString())),
      headers: message.headers,
      status: null,
    };
    deliveries.push(delivery);
    open += 1;
    mostOpen = Math.max(mostOpen, open);
    const answer = (status: number, headers: Record<string, string> = {}) => {
      delivery.status = status;
      response.writeHead(status, headers).end();
    };
    try {
      let behaviour = (await front.onDelivery(delivery)) ?? front.behaviour;
      if (behaviour === "hang") {
        await new Promise<void>((goOn) => hanging.push(goOn));
        behaviour = "pass";
      }
      if (behaviour === "break") response.destroy();
      else if (behaviour === "pass") {
        const passed = await passOn();
        await passed?.arrayBuffer();
        answer(passed?.status ?? 502);
      } else {
        const { status, retryAfterSeconds: wait } = behaviour;
        answer(status, wait === undefined ? {} : { "Retry-After": String(wait) });
      }
    } finally {
      open -= 1;
    }
  });
  await new Promise<void>((done, failed) => {
    server.once("error", failed);
    server.listen(0, "127.0.0.1", done);
  });
  const front: AppFront = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    behaviour: "pass",
    onDelivery: async () => undefined,
    deliveries,
    asked,
    get open() {
      return open;
    },
    get mostOpen() {
      return mostOpen;
    },
    of: (uuid) => deliveries.filter(({ event: { data } }) => data.uuid === uuid),
    forget() {
      deliveries.length = 0;
      asked.length = 0;
      mostOpen = 0;
      front.behaviour = "pass";
      front.onDelivery = async () => undefined;
    },
    letGo() {
      for (const goOn of hanging) goOn();
      hanging = [];
    },
    async close() {
      front.letGo();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return front;
}
