// A file that breaks off on its way: it never looks complete, and whoever logs why learns of no one.
import { ReadableStream } from "node:stream/web";
import { describe, expect, it } from "vitest";
import { maskedStream } from "../../src/api/masked-stream.ts";

async function* breaking() {
  yield "a row";
  throw new SyntaxError(`Unexpected token in "Ada Lovelace" of ada.lovelace@contoso.example`);
}

describe("a streamed answer that fails", () => {
  it("gives what it had, then fails with an error without people, and the whole one is reported", async () => {
    const reported: unknown[] = [];
    const stream = maskedStream(ReadableStream.from(breaking()), (error) => reported.push(error));
    const read: string[] = [];
    const failure = await (async () => {
      for await (const chunk of stream) read.push(chunk);
    })().then(
      () => null,
      (error: unknown) => error,
    );
    expect(read).toEqual(["a row"]);
    expect(failure).toBeInstanceOf(Error);
    expect(String(failure)).not.toMatch(/Ada|contoso/);
    expect(reported).toMatchObject([{ name: "SyntaxError" }]);
  });

  it("is read no further by whoever leaves", async () => {
    let wasLeft = false;
    async function* endless() {
      try {
        for (;;) yield "row";
      } finally {
        wasLeft = true;
      }
    }
    const reader = maskedStream(ReadableStream.from(endless()), () => undefined).getReader();
    await reader.read();
    await reader.cancel();
    expect(wasLeft).toBe(true);
  });

  it("is no failure when they leave while a row is being read", async () => {
    const reported: unknown[] = [];
    const slow = new ReadableStream<string>({
      pull: () => new Promise(() => undefined),
    });
    const reader = maskedStream(slow, (error) => reported.push(error)).getReader();
    const pending = reader.read();
    await reader.cancel();
    expect(await pending).toEqual({ done: true, value: undefined });
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(reported).toEqual([]);
  });
});
