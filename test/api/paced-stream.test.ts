// Streams at the pace of their reader, over a real connection that is written to as the library of Functions does it.
import { once } from "node:events";
import { createServer } from "node:http";
import { connect, type Socket } from "node:net";
import { Readable } from "node:stream";
import { ReadableStream } from "node:stream/web";
import { setImmediate } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { connectionOf, pacedStream } from "../../src/api/paced-stream.ts";

const PIECE = new Uint8Array(65_536);
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A server that answers with `stream`, paced, and writes whatever comes at once. */
async function serve(
  stream: ReadableStream<Uint8Array>,
  work: () => Promise<void> = async () => {},
): Promise<{ readonly client: Socket; readonly done: Promise<void> }> {
  const done = Promise.withResolvers<void>();
  const server = createServer(async (_request, response) => {
    const connection = connectionOf("invocation");
    await work();
    try {
      for await (const piece of pacedStream(stream, connection)) response.write(piece);
      response.end();
      done.resolve();
    } catch (error) {
      // As the library does: it forgets the response.
      done.reject(error);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const client = connect(typeof address === "object" ? (address?.port ?? 0) : 0, "127.0.0.1");
  ends.push(() => {
    client.destroy();
    server.close();
  });
  client.write(
    "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nx-ms-invocation-id: invocation\r\n\r\n",
  );
  return { client, done: done.promise };
}

function pieces(count: number) {
  const state = { made: 0, ended: Promise.withResolvers<void>() };
  async function* make() {
    try {
      while (state.made < count) {
        state.made += 1;
        await setImmediate(); // so that a stream that goes on for ever still lets the test end
        yield PIECE;
      }
    } finally {
      state.ended.resolve();
    }
  }
  return { state, stream: Readable.toWeb(Readable.from(make(), { objectMode: false })) };
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 150));

describe("a stream to a connection", () => {
  it("waits for a reader who takes nothing, and is whole when it is taken after all", async () => {
    const { state, stream } = pieces(1000);
    const { client } = await serve(stream);
    client.pause();
    let before = -1;
    while (before !== state.made) {
      before = state.made;
      await pause();
    }
    expect(state.made).toBeLessThan(1000);
    let bytes = 0;
    for await (const piece of client) bytes += piece.length;
    expect(bytes).toBeGreaterThan(1000 * PIECE.length);
    expect(state.made).toBe(1000);
  });

  it("ends its rows when the reader goes away", async () => {
    const { state, stream } = pieces(Number.POSITIVE_INFINITY);
    const { client } = await serve(stream);
    await once(client, "data");
    client.destroy();
    await state.ended.promise;
  });

  it("ends its rows also when the reader went away before there was an answer", async () => {
    const { stream } = pieces(Number.POSITIVE_INFINITY);
    const reached = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<void>();
    const { client, done } = await serve(stream, () => {
      reached.resolve();
      connectionOf("invocation")?.once("close", () => gone.resolve());
      return gone.promise;
    });
    await reached.promise;
    client.destroy();
    await gone.promise;
    await done;
  });

  it("breaks off when it fails", async () => {
    async function* failing() {
      yield PIECE;
      throw new Error("storage is away");
    }
    const stream = pacedStream(Readable.toWeb(Readable.from(failing())), undefined);
    await expect(new Response(stream).text()).rejects.toThrow("storage is away");
  });

  it("breaks its connection off when it fails, as nobody else would", async () => {
    async function* failing() {
      yield PIECE;
      throw new Error("storage is away");
    }
    const { client, done } = await serve(Readable.toWeb(Readable.from(failing())));
    done.catch(() => undefined);
    const text: Buffer[] = [];
    client.on("data", (piece: Buffer) => text.push(piece));
    client.on("error", () => undefined);
    await once(client, "close");
    // The last piece of a whole answer in chunks (RFC 9112, 7.1) never came.
    expect(Buffer.concat(text).toString("latin1").endsWith("0\r\n\r\n")).toBe(false);
  });

  it("is left alone where there is no connection", () => {
    const stream = new ReadableStream<Uint8Array>();
    expect(connectionOf("nobody")).toBeUndefined();
    expect(pacedStream(stream, undefined)).toBe(stream);
  });
});
