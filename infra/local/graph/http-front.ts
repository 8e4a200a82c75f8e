// The socket side: reads a request, sends a reply, or lets it go without an answer.
import type { IncomingMessage, ServerResponse } from "node:http";
import { notModelled } from "./graph-error.ts";
import { type GraphReply, type GraphRequest, parseTarget } from "./graph-message.ts";

// Photos are 4 MB at most; JSON far less.
const MOST_BYTES = 5 * 1024 * 1024;

/** The whole body, or undefined when it is larger than anything the simulator takes. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The request as the simulator's inside knows it; `target` is the URL with path and query. */
export function graphRequest(request: IncomingMessage, target: string, body: Buffer): GraphRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  const path = target.split("?")[0] ?? "";
  if (!/^\/v1\.0(\/|$)/.test(path)) throw notModelled(`'${path}': only /v1.0`);
  return {
    method: request.method ?? "GET",
    path,
    ...parseTarget(target.slice("/v1.0".length)),
    headers,
    body,
    origin: `http://${headers.host ?? "127.0.0.1"}`,
  };
}

/** Writes a reply. */
export function sendReply(response: ServerResponse, reply: GraphReply): void {
  const { body } = reply;
  const payload =
    body === undefined
      ? undefined
      : Buffer.isBuffer(body)
        ? body
        : Buffer.from(JSON.stringify(body));
  response.writeHead(reply.status, {
    ...(payload === undefined || Buffer.isBuffer(body)
      ? {}
      : { "Content-Type": "application/json" }),
    ...reply.headers,
    ...(reply.status === 204 ? {} : { "Content-Length": String(payload?.length ?? 0) }),
  });
  response.end(payload);
}

/** Loopback names only, so that no web page can reach the control route through its own host name. */
export function isLocalHost(host: string | undefined): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host ?? "");
}
