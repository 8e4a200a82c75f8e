// Answers of JSON lines: whole lines only, read no faster than they are taken, and never complete when the rows failed.
import { describe, expect, it } from "vitest";
import { ndjsonResponse } from "../../src/api/ndjson.ts";

const streamOf = ({ body }: ReturnType<typeof ndjsonResponse>): ReadableStream<Uint8Array> => {
  if (!(body instanceof ReadableStream)) throw new Error("not streamed");
  return body;
};
const textOf = (answer: ReturnType<typeof ndjsonResponse>) => new Response(streamOf(answer)).text();

async function* counted(count: number) {
  for (let number = 0; number < count; number += 1)
    yield { number, text: 'two\nlines, "quoted", and ø \u2028' };
}

describe("an answer of JSON lines", () => {
  it("has one object a line, whatever the objects hold", async () => {
    const answer = ndjsonResponse("all of it.ndjson", counted(5000));
    const text = await textOf(answer);
    expect(text.endsWith("\n")).toBe(true);
    const lines = text.slice(0, -1).split("\n");
    const read = lines.map((line) => JSON.parse(line));
    const rows: object[] = [];
    for await (const row of counted(5000)) rows.push(row);
    expect(read).toEqual(rows);
    expect(answer.headers).toMatchObject({
      "Content-Type": "application/x-ndjson; charset=utf-8",
      "Content-Disposition": 'attachment; filename="all_of_it.ndjson"',
      "X-Content-Type-Options": "nosniff",
      "Cache-Control": "no-store",
    });
  });

  it("is empty without rows", async () => {
    expect(await textOf(ndjsonResponse("x.ndjson", counted(0)))).toBe("");
  });

  it("breaks off when its rows fail", async () => {
    async function* failing() {
      yield* counted(2000);
      throw new Error("storage is away");
    }
    await expect(textOf(ndjsonResponse("x.ndjson", failing()))).rejects.toThrow("storage is away");
  });

  it("is made no faster than it is read, and ends its rows when nobody reads on", async () => {
    let made = 0;
    const ended = Promise.withResolvers<void>();
    async function* endless() {
      try {
        for (;;) yield { number: ++made };
      } finally {
        ended.resolve();
      }
    }
    const reader = streamOf(ndjsonResponse("x.ndjson", endless())).getReader();
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const ahead = made;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(made).toBe(ahead);
    await reader.cancel();
    await ended.promise;
  });
});
