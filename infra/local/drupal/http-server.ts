// Between sockets and routes: reads requests, writes answers, applies faults, latency by blocking readers, and the log.
import type { IncomingMessage, ServerResponse } from "node:http";
import { performance } from "node:perf_hooks";
import { z } from "zod";
import { answerRequest, findRoute } from "./answer-request.ts";
import { DrupalError, reasonOf, refusal } from "./drupal-error.ts";
import type { DrupalRequest, Reply } from "./drupal-http.ts";
import type { FaultRule } from "./faults.ts";
import { errorDocument } from "./json-api-document.ts";
import { parseQuery } from "./php-query.ts";
import { ownUrl } from "./route-tools.ts";
import type { Simulation } from "./simulation.ts";
import { pause, type Site } from "./site.ts";

// Photos straight from a camera are to meet the field's own rules and hear Drupal's words for it.
const MAX_BODY = 32 * 1024 * 1024;
const POLL_MS = 5;

// Headers of every answer that PHP gives (contract/drupal, all).
const COMMON: Readonly<Record<string, string>> = {
  "X-Powered-By": "PHP/8.2.36",
  "Cache-Control": "must-revalidate, no-cache, private",
  "Content-language": "en",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "SAMEORIGIN",
  Expires: "Sun, 19 Nov 1978 05:00:00 GMT",
  "X-Generator": "Drupal 10 (https://www.drupal.org)",
};

/** Reads a whole body, up to a limit no Drupal request of ours comes near. */
export async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size > MAX_BODY) throw refusal(413, "The request body is too large for the simulator.");
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** Sorts out a node request. */
export async function readRequest(message: IncomingMessage): Promise<DrupalRequest> {
  const [path = "/", ...query] = (message.url ?? "/").split("?");
  const rawQuery = query.join("?");
  const headers = Object.entries(message.headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
  );
  return {
    method: message.method ?? "GET",
    path,
    rawQuery,
    query: parseQuery(rawQuery),
    headers: new Map(headers),
    body: await readBody(message),
    address: message.socket.remoteAddress ?? "",
    origin: `http://${message.headers.host ?? "127.0.0.1"}`,
  };
}

function themedPage(status: number, title: string): string {
  return `<!DOCTYPE html>\n<html lang="en" dir="ltr"><head><meta charset="utf-8" /><title>${title} | Drupal simulator</title></head><body><main><h1>${title}</h1><p>${status}</p></main></body></html>`;
}

function errorReply(error: unknown, request: DrupalRequest): Reply {
  const known =
    error instanceof DrupalError
      ? error
      : refusal(500, error instanceof Error ? error.message : String(error));
  const { form } = known;
  const headers = form.headers ?? {};
  if (form.html === true)
    return {
      status: form.status,
      headers,
      body: {
        kind: "html",
        text: themedPage(form.status, form.items[0]?.detail ?? reasonOf(form.status)),
      },
    };
  const value = errorDocument(form, ownUrl(request));
  return { status: form.status, headers, body: { kind: "document", value } };
}

interface Payload {
  readonly type: string;
  readonly bytes: Buffer;
}

function payloadOf(reply: Reply): Payload | undefined {
  const { body } = reply;
  switch (body.kind) {
    case "document":
      return { type: "application/vnd.api+json", bytes: Buffer.from(JSON.stringify(body.value)) };
    case "json":
      return { type: "application/json", bytes: Buffer.from(JSON.stringify(body.value)) };
    case "html":
      return { type: "text/html; charset=UTF-8", bytes: Buffer.from(body.text) };
    case "bytes":
      return { type: body.type, bytes: body.bytes };
    case "none":
      return undefined;
  }
}

/** Writes an answer with Drupal's headers; HEAD gets no body. */
export function writeReply(
  response: ServerResponse,
  reply: Reply,
  method: string,
  common: Readonly<Record<string, string>> = COMMON,
): void {
  const payload = payloadOf(reply);
  const type = payload === undefined ? {} : { "Content-Type": payload.type };
  // Public files come from the web server, which adds nothing of Drupal's (contract/drupal 195).
  const base = common === COMMON && reply.body.kind === "bytes" ? {} : common;
  const headers = { ...base, ...type, ...reply.headers };
  response.writeHead(reply.status, reasonOf(reply.status), headers);
  response.end(method === "HEAD" ? undefined : payload?.bytes);
}

function faultReply(rule: FaultRule): Reply {
  const retry =
    rule.retryAfterSeconds === undefined ? {} : { "Retry-After": String(rule.retryAfterSeconds) };
  const status = rule.status ?? 503;
  return {
    status,
    headers: retry,
    body: { kind: "html", text: themedPage(status, reasonOf(status)) },
  };
}

const listing = z.looseObject({ data: z.array(z.unknown()) });

/** A listing without its items and without a next page; other answers stay as they are. */
function emptied(reply: Reply): Reply {
  const parsed = reply.body.kind === "document" ? listing.safeParse(reply.body.value) : undefined;
  if (parsed?.success !== true) return reply;
  const { included: _included, links: _links, ...rest } = parsed.data;
  return { ...reply, body: { kind: "document", value: { ...rest, data: [] } } };
}

/** SQLite keeps readers waiting while a save is inside its webhook (contract/drupal 331, 332). */
async function waitForWriters(simulation: Simulation): Promise<void> {
  while (simulation.webhook.whileSending === "blocks" && simulation.site.openTransactions > 0)
    await pause(POLL_MS);
}

async function replyTo(simulation: Simulation, request: DrupalRequest): Promise<Reply> {
  try {
    await waitForWriters(simulation);
    return await answerRequest(simulation.site, request);
  } catch (error) {
    return errorReply(error, request);
  }
}

/** The template that a request is counted under. */
function templateOf(site: Site, path: string): string {
  if (!path.startsWith("/jsonapi"))
    return path.startsWith("/sites/") ? "/sites/default/files" : path;
  try {
    return findRoute(site, path).template;
  } catch {
    return path;
  }
}

/** Answers one Drupal request; undefined means that the connection was cut on purpose. */
async function serve(
  simulation: Simulation,
  request: DrupalRequest,
  response: ServerResponse,
): Promise<number> {
  const rule = simulation.faults.strike(request.method, `${request.path}?${request.rawQuery}`);
  if (rule?.kind === "hang") return 0;
  if (rule?.kind === "dropBeforeCommit") {
    response.destroy();
    return 0;
  }
  if (rule?.kind === "status") {
    writeReply(response, faultReply(rule), request.method);
    return rule.status ?? 503;
  }
  const reply = await replyTo(simulation, request);
  if (rule?.kind === "dropAfterCommit") {
    response.destroy();
    return 0;
  }
  const final =
    rule?.kind === "statusAfterCommit"
      ? faultReply(rule)
      : rule?.kind === "emptyList"
        ? emptied(reply)
        : reply;
  writeReply(response, final, request.method);
  return final.status;
}

/** Serves a request and logs it. */
export async function serveDrupal(
  simulation: Simulation,
  request: DrupalRequest,
  response: ServerResponse,
): Promise<void> {
  const start = performance.now();
  const { requests } = simulation;
  const status = await serve(simulation, request, response);
  requests.add({
    at: new Date().toISOString(),
    method: request.method,
    path: `${request.path}${request.rawQuery === "" ? "" : `?${request.rawQuery}`}`,
    route: templateOf(simulation.site, request.path),
    status,
    durationMs: Math.round(performance.now() - start),
  });
}
