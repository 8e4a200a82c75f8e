// Runs an HTTP function with streams: the request is proxied to the library's own HTTP server
// (capability HttpUri; azure-functions-host, DefaultHttpProxyService), which joins it with the invocation.

import { randomUUID } from "node:crypto";
import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { RpcTypedData } from "./core-types.ts";
import { HostError } from "./host-error.ts";
import { type IncomingCall, joinHeaders, MAX_REQUEST_BYTES } from "./http-message.ts";
import type { InvocationResponse, InvokeRequest } from "./invoke.ts";

// So long the proxy waits for the library to send something (azure-functions-host, DefaultHttpProxyService: ActivityTimeout).
const SILENCE_MS = 240_000;

// RFC 9110 section 7.6.1, and what the host sets itself.
const NOT_FORWARDED = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "expect",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-ms-invocation-id",
]);

/** Forwards requests to the library's server on `port`. */
export interface StreamForwarder {
  run(
    call: IncomingCall,
    params: Readonly<Record<string, string>>,
    run: (
      request: Pick<InvokeRequest, "input" | "triggerMetadata" | "invocationId">,
    ) => Promise<InvocationResponse>,
  ): Promise<void>;
  close(): void;
}

/** The body was longer than the host accepts. */
export class BodyTooLargeError extends Error {
  override name = "BodyTooLargeError";
}

/** Makes the forwarder; connections to the library are kept alive and shared. */
export function createStreamForwarder(port: number): StreamForwarder {
  const agent = new Agent({ keepAlive: true });
  return {
    close: () => agent.destroy(),
    run: async (call, params, run) => {
      const { request, response } = call;
      const invocationId = randomUUID();
      const upstream = httpRequest({
        agent,
        host: "127.0.0.1",
        port,
        method: request.method ?? "GET",
        path: `${call.url.pathname}${call.url.search}`,
        headers: forwardedHeaders(request, call.url, invocationId),
      });
      upstream.setTimeout(SILENCE_MS, () => upstream.destroy());
      // However the response ends: the library's side must not stay open for ever, as it does when a
      // handler throws (azure-functions-nodejs-library #324) or the client goes away.
      response.once("close", () => upstream.destroy());
      const answered = answer(upstream, call);
      send(request, upstream);
      const invoked = run({
        invocationId,
        input: { http: {} },
        triggerMetadata: metadataOf(request, params),
      }).catch(async (error: unknown) => {
        // Once the answer has begun the host awaits its end before it looks at how the invocation ended
        // (azure-functions-host, EnsureSuccessfulForwardingAsync): a body that is neither ended nor broken off hangs.
        if (response.headersSent) await answered.catch(() => undefined);
        throw error;
      });
      const { returnedNothing } = await Promise.race([
        invoked,
        // When the library cannot be reached the invocation would wait for its request for ever.
        // A client that went away is another matter: its invocation goes on, as on Azure.
        failureOf(answered, () => !response.destroyed),
      ]);
      if (returnedNothing)
        throw new HostError(
          "The handler returned nothing: with enableHttpStream the library then never answers, " +
            "and on Azure the request hangs. Return a response.",
        );
      if (!response.destroyed) await answered;
    },
  };
}

function failureOf(work: Promise<void>, matters: () => boolean): Promise<never> {
  return new Promise((_, reject) => {
    work.catch((error: unknown) => {
      if (matters()) reject(error);
    });
  });
}

// Not a pipeline: a failure on the library's side must leave the client's socket open for the 500.
function send(request: IncomingMessage, upstream: ClientRequest): void {
  const limit = limitBytes();
  request.on("error", () => undefined);
  limit.on("error", (error) => {
    request.unpipe(limit);
    request.resume();
    upstream.destroy(error);
  });
  upstream.once("close", () => {
    request.unpipe(limit);
    request.resume();
  });
  request.pipe(limit).pipe(upstream);
}

function answer(upstream: ClientRequest, call: IncomingCall): Promise<void> {
  return new Promise((resolve, reject) => {
    const closed = (): void => reject(new Error("The connection closed before an answer."));
    upstream.on("error", reject);
    upstream.once("close", closed);
    upstream.once("response", (message) => {
      upstream.off("close", closed);
      copyHead(message, call);
      pipeline(message, call.response).then(resolve, reject);
    });
  });
}

function copyHead(message: IncomingMessage, { response }: IncomingCall): void {
  const { rawHeaders } = message;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    if (!NOT_FORWARDED.has(name.toLowerCase()) || name.toLowerCase() === "x-ms-invocation-id")
      response.appendHeader(name, rawHeaders[index + 1] ?? "");
  }
  response.statusCode = message.statusCode ?? 502;
  // The first bytes may be long in coming; the client sees the status at once.
  response.flushHeaders();
}

function forwardedHeaders(
  request: IncomingMessage,
  url: URL,
  invocationId: string,
): Record<string, string> {
  const named = new Set((request.headers.connection ?? "").toLowerCase().split(/\s*,\s*/));
  const kept = Object.entries(joinHeaders(request.rawHeaders)).filter(
    ([name]) => !NOT_FORWARDED.has(name.toLowerCase()) && !named.has(name.toLowerCase()),
  );
  return {
    ...Object.fromEntries(kept),
    ...(request.headers["transfer-encoding"] ? { "transfer-encoding": "chunked" } : {}),
    // The library throws without these two.
    "x-forwarded-host": url.host,
    "x-forwarded-proto": "http",
    "x-ms-invocation-id": invocationId,
  };
}

// In stream mode the library takes headers and route parameters from here (host #9840), the rest from the proxy.
function metadataOf(
  request: IncomingMessage,
  params: Readonly<Record<string, string>>,
): Record<string, RpcTypedData> {
  return {
    ...Object.fromEntries(Object.entries(params).map(([name, string]) => [name, { string }])),
    Headers: { json: JSON.stringify(joinHeaders(request.rawHeaders)) },
  };
}

function limitBytes(): Transform {
  let total = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      total += chunk.byteLength;
      if (total > MAX_REQUEST_BYTES) done(new BodyTooLargeError("The request body is too large."));
      else done(null, chunk);
    },
  });
}
