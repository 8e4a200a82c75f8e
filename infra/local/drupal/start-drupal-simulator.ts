// Starts the Drupal simulator: JSON:API, OAuth, webhooks, the people page and the control route on one port.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { ProductUrl } from "../sync-pictures.ts";
import { answerControl } from "./control-route.ts";
import { readRequest, serveDrupal, writeReply } from "./http-server.ts";
import { isSameOrigin, isTrustedHost } from "./loopback.ts";
import { answerPage } from "./page-routes.ts";
import { createSimulation, type Simulation, type SiteName } from "./simulation.ts";
import type { WebhookFormat } from "./webhook-settings.ts";

/** How to start. */
export interface DrupalSimulatorOptions {
  /** 0, the default, takes a free port. */
  readonly port?: number;
  readonly hostname?: string;
  /** How many of the shared fictional people the site has. */
  readonly people?: number;
  readonly latencyMs?: number;
  readonly webhook?: {
    readonly url: string;
    readonly secret: string;
    readonly formats: readonly WebhookFormat[];
  };
  /** "observed" and "observedFields" are the sites on which contract/drupal and contract/drupal-fields were recorded. */
  readonly site?: SiteName;
  /** Where the people page asks for a sync of the pictures; without it there is no button. */
  readonly productUrl?: ProductUrl;
  /** Gets one line for each failure of the simulator itself. */
  readonly log?: (line: string) => void;
}

/** A running simulator; tests may look into and change `simulation`. */
export interface DrupalSimulator {
  readonly url: string;
  readonly simulation: Simulation;
  close(): Promise<void>;
}

const PLAIN = { "Cache-Control": "no-store" };

async function handle(
  simulation: Simulation,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const request = await readRequest(message);
  const isControl = request.path === "/_control" || request.path.startsWith("/_control/");
  const isPage = request.path === "/" || request.path.startsWith("/_page/");
  if (!isControl && !isPage) return await serveDrupal(simulation, request, response);
  const reply =
    !isTrustedHost(request) || (isControl && !isSameOrigin(request, "tools"))
      ? { status: 403, body: { kind: "json" as const, value: { error: "only from this machine" } } }
      : isControl
        ? await answerControl(simulation, request)
        : await answerPage(simulation, request);
  const missing = {
    status: 404,
    body: { kind: "json" as const, value: { error: "no such route" } },
  };
  writeReply(response, reply ?? missing, request.method, PLAIN);
}

/** Starts the simulator and waits until it listens. */
export async function startDrupalSimulator(
  options: DrupalSimulatorOptions = {},
): Promise<DrupalSimulator> {
  const { hostname = "127.0.0.1", log = () => {} } = options;
  const simulation = createSimulation({
    people: options.people ?? 0,
    site: options.site ?? "seeded",
    latencyMs: options.latencyMs ?? 0,
    productUrl: options.productUrl ?? (() => undefined),
    webhook:
      options.webhook === undefined
        ? {}
        : { ...options.webhook, formats: [...options.webhook.formats] },
  });
  const server = createServer((message, response) => {
    handle(simulation, message, response).catch((error: unknown) => {
      log(`Drupal simulator: ${error instanceof Error ? error.stack : String(error)}`);
      // The rest of a body that was not read would be taken for the next request of the connection.
      if (!response.headersSent) response.writeHead(500, { Connection: "close" });
      response.end();
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, hostname, resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  simulation.origin = `http://${hostname}:${port}`;
  return {
    url: simulation.origin,
    simulation,
    async close() {
      simulation.outbox.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
