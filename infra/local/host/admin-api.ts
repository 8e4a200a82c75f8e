// The part of the host's own API that is modelled: status, ping, and running a function by hand.

import { z } from "zod";
import { messageOf } from "./host-error.ts";
import { type Report, reportHost } from "./host-events.ts";
import { endEmpty, type IncomingCall } from "./http-message.ts";
import { type HostKeys, keyOf, mayCall } from "./keys.ts";

/** What the admin API may do. */
export interface AdminApi {
  /** Runs one function; undefined when there is no function of that name that can be run by hand. */
  runByHand(functionName: string, input: string): (() => Promise<unknown>) | undefined;
  readonly hostId: string;
  readonly keys: HostKeys | undefined;
  readonly report: Report;
}

const Body = z.object({ input: z.string().default("") });

/** Answers a request below /admin; what is not modelled is 404. */
export function createAdminApi(api: AdminApi): (call: IncomingCall) => Promise<void> {
  return async ({ request, response, path, url }) => {
    const route = `${request.method} ${path.slice(1).join("/").toLowerCase()}`;
    if (/^(GET|POST) host\/ping$/.test(route)) return endEmpty(response, 200);
    if (!mayCall(api.keys, "admin", "", keyOf(request.headers, url.searchParams)))
      return endEmpty(response, 401);
    if (route === "GET host/status") {
      const status = {
        id: api.hostId,
        state: "Running",
        processUptime: Math.round(process.uptime() * 1000),
      };
      response.setHeader("content-type", "application/json; charset=utf-8");
      response.end(JSON.stringify(status));
      return;
    }
    const name = path[2];
    if (request.method !== "POST" || path[1]?.toLowerCase() !== "functions" || !name)
      return endEmpty(response, 404);
    if (path.length !== 3) return endEmpty(response, 404);
    const input = await readInput(request);
    if (input === undefined) return endEmpty(response, 400);
    const run = api.runByHand(name, input);
    if (!run) return endEmpty(response, 404);
    // The real host answers before the function has run.
    run().catch((error: unknown) =>
      reportHost(api.report, "error", `${name}, run by hand: ${messageOf(error)}`),
    );
    endEmpty(response, 202);
  };
}

async function readInput(stream: AsyncIterable<unknown>): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  if (text === "") return "";
  try {
    return Body.safeParse(JSON.parse(text)).data?.input;
  } catch {
    return undefined;
  }
}
