// What the tests of the Entra connector share: a Graph simulator, a client of it, its controls and its count of requests.
import { z } from "zod";
import { startGraphSimulator } from "../../../infra/local/graph/start-graph-simulator.ts";
import {
  createGraphClient,
  type GraphClient,
  type GraphClientOptions,
} from "../../../src/connectors/entra/client.ts";

const log = z.object({ counts: z.record(z.string(), z.number()) });

export interface SimulatedGraph {
  readonly url: string;
  client(token?: string, options?: Pick<GraphClientOptions, "meter" | "priority">): GraphClient;
  control(patch: object): Promise<void>;
  /** Requests served so far whose route holds the text. */
  served(route?: string): Promise<number>;
  close(): Promise<void>;
}

export async function startSimulatedGraph(): Promise<SimulatedGraph> {
  const graph = await startGraphSimulator({ people: 0 });
  return {
    url: graph.url,
    client: (token = "local", options = {}) =>
      createGraphClient({
        baseUrl: new URL(graph.url),
        token: async () => token,
        timeoutMs: 2000,
        now: () => new Date(),
        ...options,
      }),
    control: async (patch) => {
      const answer = await fetch(`${graph.url}/_control`, {
        method: "PATCH",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(patch),
      });
      if (!answer.ok) throw new Error(await answer.text());
    },
    served: async (route = "") => {
      const answer = await fetch(`${graph.url}/_control/requests`);
      const { counts } = log.parse(await answer.json());
      return Object.entries(counts)
        .filter(([name]) => name.includes(route))
        .reduce((sum, [, count]) => sum + count, 0);
    },
    close: () => graph.close(),
  };
}
