// A receiver of webhooks on a free port that remembers what it got and answers as it is told.
import { createServer, type IncomingHttpHeaders } from "node:http";

/** One received webhook with its raw bytes. */
export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly raw: string;
}

/** The receiver; `answer` decides the status, after whatever it waits for. */
export interface WebhookReceiver {
  readonly url: string;
  readonly received: Received[];
  answer: (received: Received) => Promise<number> | number;
  /** Waits until at least this many have arrived. */
  waitFor(count: number): Promise<void>;
  close(): Promise<void>;
}

/** Starts a receiver. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const received: Received[] = [];
  const receiver: WebhookReceiver = {
    url: "",
    received,
    answer: () => 202,
    async waitFor(count) {
      const end = Date.now() + 5_000;
      while (received.length < count) {
        if (Date.now() > end) throw new Error(`${received.length} of ${count} webhooks arrived`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const item = { headers: request.headers, raw: Buffer.concat(chunks).toString("utf8") };
    received.push(item);
    response.writeHead(await receiver.answer(item)).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return Object.assign(receiver, { url: `http://127.0.0.1:${port}/hooks` });
}
