// The HTTP front of the host: finds the function of a request, checks its key, and runs it.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { FunctionDefinition, TriggerOf } from "./describe-function.ts";
import { HostError, messageOf } from "./host-error.ts";
import { type Report, reportHost } from "./host-events.ts";
import type { HostJson } from "./host-json.ts";
import { runBuffered } from "./http-buffered.ts";
import { createHttpGate } from "./http-gate.ts";
import { endEmpty, type IncomingCall, MAX_REQUEST_BYTES, readCall } from "./http-message.ts";
import { BodyTooLargeError, createStreamForwarder } from "./http-stream.ts";
import type { Invoke } from "./invoke.ts";
import { type HostKeys, keyOf, mayCall } from "./keys.ts";
import { matchRoute, parseRoute, routesOverlap, type Segment } from "./routes.ts";

/** An HTTP function with its parsed route. */
export interface HttpFunction {
  readonly definition: FunctionDefinition<TriggerOf<"http">>;
  readonly route: readonly Segment[];
}

/** The listening server. */
export interface HttpServer {
  readonly port: number;
  /** Stops accepting requests and waits for those that run. */
  close(): Promise<void>;
  /** Leaves those that still run without an answer. */
  breakOff(): void;
}

/**
 * Parses the routes and puts the functions into the order in which the real host tries them: by name,
 * ignoring case. Two that could answer the same request are refused, for only the name would decide.
 */
export function planRoutes(
  definitions: readonly FunctionDefinition<TriggerOf<"http">>[],
): readonly HttpFunction[] {
  const key = ({ definition }: HttpFunction): string => definition.name.toUpperCase();
  const functions = definitions
    .map((definition) => ({
      definition,
      route: parseRoute(definition.trigger.route, `Function "${definition.name}"`),
    }))
    .sort((a, b) => (key(a) < key(b) ? -1 : 1));
  for (const [index, a] of functions.entries()) {
    for (const b of functions.slice(index + 1)) {
      const shared = a.definition.trigger.methods.filter((method) =>
        b.definition.trigger.methods.includes(method),
      );
      if (shared.length > 0 && routesOverlap(a.route, b.route))
        throw new HostError(
          `Functions "${a.definition.name}" and "${b.definition.name}": the routes ` +
            `"${a.definition.trigger.route}" and "${b.definition.trigger.route}" overlap for ${shared.join(", ")}.`,
        );
    }
  }
  return functions;
}

/** Starts listening. `admin` answers paths below /admin. */
export async function startHttpServer(options: {
  readonly functions: readonly HttpFunction[];
  readonly http: HostJson["http"];
  readonly keys: HostKeys | undefined;
  readonly streamPort: number | undefined;
  readonly invoke: Invoke;
  readonly admin: (call: IncomingCall) => Promise<void>;
  readonly report: Report;
  readonly hostname: string;
  readonly port: number;
}): Promise<HttpServer> {
  const { functions, http, keys, invoke, report } = options;
  const prefix = http.routePrefix.split("/").filter((part) => part !== "");
  const gate = createHttpGate(http.maxConcurrentRequests, http.maxOutstandingRequests);
  const forwarder =
    options.streamPort === undefined ? undefined : createStreamForwarder(options.streamPort);
  const running = new Set<Promise<void>>();
  let closing = false;

  const runFunction = async (
    { definition }: HttpFunction,
    params: Readonly<Record<string, string>>,
    call: IncomingCall,
  ): Promise<void> => {
    const level = definition.trigger.authLevel;
    if (!mayCall(keys, level, definition.name, keyOf(call.request.headers, call.url.searchParams)))
      return endEmpty(call.response, 401);
    if (Number(call.request.headers["content-length"] ?? 0) > MAX_REQUEST_BYTES)
      return endEmpty(call.response, 413);
    const leave = await gate.enter();
    if (!leave) return endEmpty(call.response, 429);
    const reason = `${call.request.method} ${call.url.pathname}`;
    try {
      if (forwarder)
        await forwarder.run(call, params, (part) => invoke({ definition, reason, ...part }));
      else await runBuffered(call, params, (part) => invoke({ definition, reason, ...part }));
    } catch (error) {
      reportHost(report, "error", `${definition.name}: ${messageOf(error)}`);
      endEmpty(call.response, error instanceof BodyTooLargeError ? 413 : 500);
    } finally {
      leave();
    }
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (closing) response.setHeader("connection", "close");
    const call = readCall(request, response);
    if (!call) return endEmpty(response, 400);
    const first = call.path[0]?.toLowerCase();
    if (first === "admin") return options.admin(call);
    const below = prefix.every(
      (part, index) => call.path[index]?.toLowerCase() === part.toLowerCase(),
    );
    if (!below || first === "runtime") return endEmpty(response, 404);
    const path = call.path.slice(prefix.length);
    for (const candidate of functions) {
      const { trigger, disabled } = candidate.definition;
      // A wrong method does not match: 404, never 405 (WebJobsRouter).
      if (disabled || !trigger.methods.includes(request.method ?? "")) continue;
      const params = matchRoute(candidate.route, path);
      if (params) return runFunction(candidate, params, call);
    }
    endEmpty(response, 404);
  };

  const server = createServer((request, response) => {
    const work = answer(request, response)
      .catch((error: unknown) => {
        reportHost(report, "error", `HTTP: ${messageOf(error)}`);
        endEmpty(response, 500);
      })
      .finally(() => running.delete(work));
    running.add(work);
  });
  // Kestrel's default; Node's 5 s makes clients with kept-alive connections see resets.
  server.keepAliveTimeout = 130_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) =>
      reject(
        new HostError(`Cannot listen on ${options.hostname}:${options.port}: ${error.message}`),
      ),
    );
    server.listen(options.port, options.hostname, resolve);
  });

  const breakOff = (): void => {
    server.closeAllConnections();
    forwarder?.close();
  };
  return {
    port: addressOf(server.address()).port,
    breakOff,
    close: async () => {
      closing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      await Promise.allSettled(running);
      breakOff();
      await closed;
    },
  };
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === "string") throw new HostError("No TCP address.");
  return address;
}
