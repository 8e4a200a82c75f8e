// Streams an answer no faster than its reader takes it, and no further when the reader went away. The library writes a body to
// its end whatever the connection says (@azure/functions, httpProxy.ts, sendProxyResponse), so a large file would be read into
// memory for someone slow, and for someone who left. Node tells of each request that a server of this process gets
// (diagnostics_channel, "http.server.request.start"), and the host names the invocation in a header of it.
import { subscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { IncomingMessage, ServerResponse } from "node:http";
import { ReadableStream, type ReadableStreamDefaultController } from "node:stream/web";
import { z } from "zod";

const INVOCATION_ID = "x-ms-invocation-id";
const started = z.object({
  request: z.instanceof(IncomingMessage),
  response: z.instanceof(ServerResponse),
});
const connections = new Map<string, ServerResponse>();

subscribe("http.server.request.start", (message) => {
  const { data } = started.safeParse(message);
  const id = data?.request.headers[INVOCATION_ID];
  if (data === undefined || typeof id !== "string") return;
  connections.set(id, data.response);
  data.response.once("close", () => connections.delete(id));
});

// Until the connection takes more, or is closed.
async function drained(connection: ServerResponse): Promise<void> {
  if (!connection.writableNeedDrain) return;
  const over = new AbortController();
  const { signal } = over;
  await Promise.race([
    once(connection, "drain", { signal }),
    once(connection, "close", { signal }),
  ]).finally(() => over.abort());
}

/** The connection that an invocation answers; undefined where the host passes bodies on itself. To be asked for before the work
 * begins: a connection that was closed since is still told from none. */
export const connectionOf = (invocationId: string): ServerResponse | undefined =>
  connections.get(invocationId);

/** The stream at the pace of the connection; as it is without one. */
export function pacedStream<T>(
  stream: ReadableStream<T>,
  connection: ServerResponse | undefined,
): ReadableStream<T> {
  if (connection === undefined) return stream;
  const reader = stream.getReader();
  const leave = () => void reader.cancel().catch(() => undefined);
  if (connection.destroyed) leave();
  connection.once("close", leave);
  const pull = async (controller: ReadableStreamDefaultController<T>) => {
    await drained(connection);
    // The library forgets a connection whose body failed, and the host waits for it until its own limit of minutes: broken off
    // here, the file is at once seen not to be complete.
    const { done, value } = await reader.read().catch((error: unknown) => {
      connection.destroy();
      throw error;
    });
    if (done) controller.close();
    else controller.enqueue(value);
  };
  return new ReadableStream<T>({ pull, cancel: (why) => reader.cancel(why) }, { highWaterMark: 0 });
}
