// Starts the Microsoft Graph simulator: v1.0 on one port, with a control route and a page.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { ProductUrl } from "../sync-pictures.ts";
import { answerControl } from "./control.ts";
import { NoAnswer } from "./faults.ts";
import { errorEnvelope, GraphError } from "./graph-error.ts";
import type { GraphReply } from "./graph-message.ts";
import { graphRequest, isLocalHost, readBody, sendReply } from "./http-front.ts";
import type { JsonObject } from "./json-value.ts";
import { answerPage } from "./page-routes.ts";
import { representUser } from "./represent-user.ts";
import { beginLife, type SimulatorLife } from "./simulator-life.ts";
import type { Tenant } from "./tenant.ts";
import { USER_PROPERTIES } from "./user-properties.ts";

/** How to start. */
export interface GraphSimulatorOptions {
  /** 0 (default) takes a free port. */
  readonly port?: number | undefined;
  /** How many people to seed; default 0. */
  readonly people?: number | undefined;
  readonly latencyMs?: number | undefined;
  /** One line per write, such as `PATCH /users/{user} 204`. */
  readonly log?: ((line: string) => void) | undefined;
  /** Where the page asks for a sync of the pictures; without it there is no button. */
  readonly productUrl?: ProductUrl | undefined;
  /** Fills the tenant beside `people`, also after a reset. */
  readonly fill?: ((tenant: Tenant) => void) | undefined;
}

/** A running simulator. */
export interface GraphSimulator {
  /** http://127.0.0.1:PORT; Graph answers below `${url}/v1.0`. */
  readonly url: string;
  /** Every live user with all modelled properties, newest values, for tests. */
  listUsers(): JsonObject[];
  close(): Promise<void>;
}

const HOSTNAME = "127.0.0.1";

const plainError = (error: GraphError): GraphReply => ({
  status: error.status,
  body: errorEnvelope(error, { requestId: "", clientRequestId: "", now: Date.now() }),
});

/** Starts a simulator and resolves when it listens. */
export async function startGraphSimulator(
  options: GraphSimulatorOptions = {},
): Promise<GraphSimulator> {
  const begin = (): SimulatorLife => {
    const begun = beginLife({
      people: options.people ?? 0,
      latencyMs: options.latencyMs ?? 0,
      onWrite: options.log ?? (() => {}),
      productUrl: options.productUrl ?? (() => undefined),
    });
    options.fill?.(begun.tenant);
    return begun;
  };
  let life = begin();
  const reset = (): SimulatorLife => {
    life.end();
    life = begin();
    return life;
  };

  const reply = async (request: IncomingMessage, body: Buffer): Promise<GraphReply> => {
    const target = request.url ?? "/";
    const path = target.split("?")[0] ?? "/";
    const method = request.method ?? "GET";
    if (!/^\/v1\.0(\/|$)/.test(path) && !isLocalHost(request.headers.host)) {
      return { status: 403, body: { error: { code: "Forbidden", message: "Loopback only." } } };
    }
    if (path.startsWith("/_control")) return answerControl(life, reset, method, path, body);
    const page = answerPage(life, request, target, body);
    if (page !== undefined) return page;
    const { latencyMs } = life.tenant.settings;
    const graph = graphRequest(request, target, body);
    if (latencyMs > 0) await sleep(latencyMs);
    return life.answer(graph);
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const body = await readBody(request);
      if (body === undefined) {
        throw new GraphError(413, "RequestEntityTooLarge", "The request is too large.");
      }
      sendReply(response, await reply(request, body));
    } catch (error) {
      if (error instanceof NoAnswer) {
        if (error.manner === "drop") request.socket.destroy();
      } else if (error instanceof GraphError) sendReply(response, plainError(error));
      else request.socket.destroy();
    }
  };

  const server = createServer((request, response) => void serve(request, response));
  // Clients that keep connections must not meet one that is just being closed.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, HOSTNAME, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const everything = [...USER_PROPERTIES.keys()];

  return {
    url: `http://${HOSTNAME}:${port}`,
    listUsers: () =>
      [...life.tenant.users.all()].map((record) => ({
        ...representUser(
          life.tenant,
          record,
          [...everything, ...life.tenant.extensionProperties.keys()],
          record.values,
        ),
        managerId: record.managerId ?? null,
      })),
    async close() {
      life.end();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
