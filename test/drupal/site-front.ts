// Stands before PHP's server: counts what is asked as the simulator does, can be slow, and outlives a PHP that is killed.
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createRequestLog } from "../../infra/local/drupal/request-log.ts";

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** A running front. */
export interface SiteFront {
  readonly url: string;
  latencyMs: number;
  /** Where PHP listens; the front answers 502 while it does not. */
  port: number;
  /** May be called twice. */
  close(): Promise<void>;
}

/** Starts the front; `port` is PHP's, and is set once that is known. */
export async function startSiteFront(): Promise<SiteFront> {
  const log = createRequestLog();
  const answerCounts = (response: ServerResponse) => {
    response.writeHead(200, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ counts: log.counts(), last: log.last() }));
  };
  const pass = (message: IncomingMessage, response: ServerResponse) => {
    const began = Date.now();
    const { method = "GET", url: path = "/", headers } = message;
    const note = (status: number) => {
      const route = (path.split("?")[0] ?? "").replaceAll(UUID, "{uuid}");
      const at = new Date(began).toISOString();
      log.add({ at, method, path, route, status, durationMs: Date.now() - began });
    };
    const onward = request(
      { host: "127.0.0.1", port: front.port, method, path, headers, agent: false },
      (answer) => {
        note(answer.statusCode ?? 0);
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
        answer.once("error", () => response.destroy());
      },
    );
    onward.once("error", () => {
      note(0);
      if (response.headersSent) response.destroy();
      else response.writeHead(502, { "Content-Type": "text/plain" }).end("PHP does not answer.");
    });
    response.once("close", () => onward.destroy());
    message.pipe(onward);
  };
  const server = createServer((message, response) => {
    if (message.url === "/_control/requests") return answerCounts(response);
    setTimeout(() => pass(message, response), front.latencyMs);
  });
  await new Promise<void>((done, failed) => {
    server.once("error", failed);
    server.listen(0, "127.0.0.1", done);
  });
  const { port } = server.address() as AddressInfo;
  const front: SiteFront = {
    url: `http://127.0.0.1:${port}`,
    latencyMs: 0,
    port: 0,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return front;
}
