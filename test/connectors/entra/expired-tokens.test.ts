// How an expired delta token looks in the field.
import { createServer } from "node:http";
import { expect, it } from "vitest";
import { createGraphClient } from "../../../src/connectors/entra/client.ts";
import { createEntraFeed } from "../../../src/connectors/entra/feed.ts";
import { parseSyncConfiguration } from "../../../src/rules/configuration.ts";

const parsed = parseSyncConfiguration({});
if (!parsed.ok) throw new Error("the configuration of the test is wrong");
const { configuration } = parsed;

// microsoft-graph-docs#2877 and #2350 show the code with a capital S.
it("is known by its code in either spelling", async () => {
  const codes = ["SyncStateNotFound", "syncStateNotFound", "ResyncRequired"];
  for (const code of codes) {
    const server = createServer((_request, response) => {
      response.writeHead(400, { "Content-Type": "application/json" });
      response.end(JSON.stringify({ error: { code, message: "The sync state is not found" } }));
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const client = createGraphClient({
      baseUrl: new URL(`http://127.0.0.1:${port}`),
      token: async () => "local",
      timeoutMs: 2000,
      now: () => new Date(),
    });
    const feed = createEntraFeed(client);
    const position = await feed.begin("/users/delta?$deltatoken=old", configuration);
    try {
      expect([code, await feed.page(position, configuration)]).toEqual([code, "expired"]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }
});
