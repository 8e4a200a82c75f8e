// What the tests of the Graph simulator share: a running simulator and a small client for it.

import * as z from "zod";
import {
  type GraphSimulatorOptions,
  startGraphSimulator,
} from "../../../../infra/local/graph/start-graph-simulator.ts";

/** An answer, its JSON parsed when there is any. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
  readonly text: string;
  readonly bytes: Buffer;
}

/** How a request is sent. */
export interface Sent {
  readonly json?: unknown;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
  readonly token?: string | null;
}

const object = z.record(z.string(), z.unknown());
const errorShape = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    details: z
      .array(z.object({ code: z.string(), target: z.string(), message: z.string().optional() }))
      .optional(),
    innerError: z.object({
      date: z.string(),
      "request-id": z.string(),
      "client-request-id": z.string(),
    }),
  }),
});

/** Advanced queries need both. */
export const EVENTUAL = { ConsistencyLevel: "eventual" };

/** The smallest body POST /users accepts, with more or other properties. */
export function newUser(name: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    accountEnabled: true,
    displayName: name,
    mailNickname: name,
    userPrincipalName: `${name}@contoso.example`,
    passwordProfile: { password: "Correct-Horse-7" },
    ...more,
  };
}

/** The error of an answer, its envelope checked. */
export function errorOf(answer: Answer): z.infer<typeof errorShape>["error"] {
  return errorShape.parse(answer.body).error;
}

/** The items of an answer. */
export function valuesOf(answer: Answer): Record<string, unknown>[] {
  return z.array(object).parse(answer.body.value);
}

/** A text property of an answer. */
export function textAt(answer: Answer, name: string): string {
  return z.string().parse(answer.body[name]);
}

/** Starts a simulator and a client whose paths are below /v1.0 unless they begin with /_ or are whole links. */
export async function startGraph(options: GraphSimulatorOptions = {}) {
  const simulator = await startGraphSimulator(options);
  const send = async (method: string, path: string, sent: Sent = {}): Promise<Answer> => {
    const isWhole = path.startsWith("http");
    const isOwn = path.startsWith("/_") || path === "/";
    const url = isWhole ? path : `${simulator.url}${isOwn ? "" : "/v1.0"}${path}`;
    const token = sent.token === undefined ? "local" : sent.token;
    const response = await fetch(url, {
      method,
      headers: {
        ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
        ...(sent.json === undefined ? {} : { "Content-Type": "application/json" }),
        ...sent.headers,
      },
      ...(sent.json === undefined ? {} : { body: JSON.stringify(sent.json) }),
      ...(sent.body === undefined ? {} : { body: sent.body }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const text = bytes.toString("utf8");
    const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
    const body = isJson && text !== "" ? object.parse(JSON.parse(text)) : {};
    return { status: response.status, headers: response.headers, body, text, bytes };
  };
  const control = async (json: unknown): Promise<void> => {
    const answer = await send("PATCH", "/_control", { json });
    if (answer.status !== 200) throw new Error(answer.text);
  };
  const create = async (name: string, more: Record<string, unknown> = {}): Promise<string> => {
    const answer = await send("POST", "/users", { json: newUser(name, more) });
    if (answer.status !== 201) throw new Error(answer.text);
    return textAt(answer, "id");
  };
  /** Follows nextLinks to the end and returns every item, and the last answer. */
  const readAll = async (path: string, sent: Sent = {}) => {
    const items: Record<string, unknown>[] = [];
    let answer = await send("GET", path, sent);
    let pages = 1;
    for (;;) {
      if (answer.status !== 200) throw new Error(answer.text);
      items.push(...valuesOf(answer));
      const next = answer.body["@odata.nextLink"];
      if (typeof next !== "string") return { items, last: answer, pages };
      answer = await send("GET", next, sent);
      pages += 1;
    }
  };
  return { simulator, url: simulator.url, send, control, create, readAll };
}

/** A started simulator with its client. */
export type Graph = Awaited<ReturnType<typeof startGraph>>;

/** A JPEG as far as its header goes: `size` square, padded to `length` bytes. */
export function jpeg(size = 300, length = 64): Buffer {
  const header = Buffer.from([
    0xff,
    0xd8,
    0xff,
    0xc0,
    0,
    17,
    8,
    size >> 8,
    size & 255,
    size >> 8,
    size & 255,
    3,
  ]);
  return Buffer.concat([header, Buffer.alloc(Math.max(0, length - header.length))]);
}
