// Stands before a table service and remembers the filters that it is asked, for tests of what a store looks at.
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import type { StorageAccount } from "../../src/storage/tables.ts";

/** A way to the same account that is listened to. */
export interface RecordedAccount {
  readonly account: StorageAccount;
  /** `table?filter` of each query of rows so far, in order; emptied by `take`. */
  take(): string[];
  close(): Promise<void>;
}

/** Starts the proxy. A query of rows goes on when `before` lets it. */
export async function recordAccount(
  connectionString: string,
  before: (query: string) => Promise<void> = async () => {},
): Promise<RecordedAccount> {
  const endpoint = /TableEndpoint=http:\/\/([^;]+)/.exec(connectionString)?.[1] ?? "";
  const port = Number(/:(\d+)/.exec(endpoint)?.[1]);
  let seen: string[] = [];
  const server = createServer((incoming, outgoing) => {
    const url = new URL(incoming.url ?? "", "http://localhost");
    const filter = url.searchParams.get("$filter");
    const table = /\/([a-z0-9]+)\(\)$/i.exec(url.pathname)?.[1];
    const { method, url: path, headers } = incoming;
    const query = table === undefined ? null : `${table}?${filter}`;
    if (query !== null) seen.push(query);
    const onward = request({ port, host: "127.0.0.1", method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    const go = query === null ? Promise.resolve() : before(query);
    go.then(
      () => incoming.pipe(onward),
      () => outgoing.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const own = isPort(address) ? address.port : 0;
  return {
    account: {
      kind: "connectionString",
      connectionString: connectionString.replace(endpoint, endpoint.replace(`:${port}`, `:${own}`)),
    },
    take: () => {
      const taken = seen;
      seen = [];
      return taken;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const isPort = (address: AddressInfo | string | null): address is AddressInfo =>
  typeof address === "object" && address !== null;
