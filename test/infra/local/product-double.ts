// The product as the pages of the simulators see it: something that takes POST /api/cycles and answers as it is told.
import { createServer } from "node:http";

/** The stand-in; `answer` is what the next requests get. */
export interface ProductDouble {
  readonly url: string;
  /** Method, path, type and body of each request. */
  readonly asked: string[];
  answer: { readonly status: number; readonly body: string };
  close(): Promise<void>;
}

/** Starts it on a free port; at first it says 202. */
export async function startProductDouble(): Promise<ProductDouble> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const { method, url, headers } = request;
    asked.push(`${method} ${url} ${headers["content-type"]} ${Buffer.concat(chunks)}`);
    const { status, body } = double.answer;
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const double: ProductDouble = {
    url: `http://127.0.0.1:${port}`,
    asked,
    answer: { status: 202, body: "{}" },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return double;
}
