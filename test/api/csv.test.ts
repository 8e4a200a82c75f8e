// CSV answers: what a spreadsheet would run is text, and a file that breaks off is never taken for a whole one.
import { describe, expect, it } from "vitest";
import { csvResponse, defused } from "../../src/api/csv.ts";

async function* rowsOf(...rows: Record<string, unknown>[]) {
  yield* rows;
}
const textOf = async (answer: ReturnType<typeof csvResponse>): Promise<string> => {
  if (!(answer.body instanceof ReadableStream)) throw new Error("not streamed");
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(
    await new Response(answer.body).arrayBuffer(),
  );
};

describe("a cell", () => {
  it.each([
    ["=1+1", "'=1+1"],
    [" =1+1", "' =1+1"],
    ["\u00a0=1", "'\u00a0=1"],
    ["\ufeff\u200b =1", "'\ufeff\u200b =1"],
    ["\u3000=1", "'\u3000=1"],
    ["\0=1", "'\0=1"],
    ["a\n=1+1", "a\n'=1+1"],
    ["a\r\n =1+1\n@b", "a\r\n' =1+1\n'@b"],
    ["a\n\n=1", "a\n\n'=1"],
    ["a\u2028=1", "a\u2028'=1"],
    ["a;=1", "a;'=1"],
    ["+", "'+"],
    ["+47 22 33", "'+47 22 33"],
    ["-", "'-"],
    ["-2+3", "'-2+3"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["|cmd", "'|cmd"],
    ["\tx", "'\tx"],
    ["\t=1", "'\t=1"],
    ["\rx", "'\rx"],
    ["\r=1", "'\r'=1"],
    ["＝1+1", "'＝1+1"],
    ["＋", "'＋"],
    ["－1", "'－1"],
    ["＠", "'＠"],
  ])("%j that could be a formula becomes text", (text, safe) => {
    expect(defused(text)).toBe(safe);
  });

  it.each(["", "Ada", "a=b", "a - b", "R&D; sales", "2026-11-24T08:00:00.000Z", "a\nb", "'=1"])(
    "%j is left as it is",
    (text) => {
      expect(defused(text)).toBe(text);
    },
  );
});

describe("a CSV answer", () => {
  it("has a header line, quotes what needs it, and writes each kind of value", async () => {
    const answer = csvResponse(
      "people of today.csv",
      ["a", "b"],
      rowsOf(
        { a: 'say "hi", all', b: null, hidden: 1 },
        { a: -5, b: true },
        { a: new Date(0), b: { x: "=1" } },
        { b: false },
        { a: "=1\n=2", b: 0 },
      ),
    );
    expect(await textOf(answer)).toBe(
      [
        "a,b",
        '"say ""hi"", all",',
        "-5,true",
        '1970-01-01T00:00:00.000Z,"{""x"":""=1""}"',
        ",false",
        `"'=1\n'=2",0`,
        "",
      ].join("\r\n"),
    );
    expect(answer.headers).toMatchObject({
      "Content-Type": "text/csv; charset=utf-8",
      "Content-Disposition": 'attachment; filename="people_of_today.csv"',
      "X-Content-Type-Options": "nosniff",
    });
  });

  it("has a header line without rows, and a byte order mark only where it is asked for", async () => {
    expect(await textOf(csvResponse("x.csv", ["a"], rowsOf()))).toBe("a\r\n");
    const marked = csvResponse("x.csv", ["a"], rowsOf({ a: "ø" }), { bom: true });
    expect(await textOf(marked)).toBe("\ufeffa\r\nø\r\n");
    expect(await textOf(csvResponse("x.csv", ["a"], rowsOf(), { bom: true }))).toBe("\ufeffa\r\n");
  });

  it("breaks off when its rows fail", async () => {
    async function* failing() {
      yield { a: 1 };
      throw new Error("storage is away");
    }
    await expect(textOf(csvResponse("x.csv", ["a"], failing()))).rejects.toThrow("storage is away");
  });

  it("is made no faster than it is read, and ends its rows when nobody reads on", async () => {
    let made = 0;
    let ended = false;
    async function* endless() {
      try {
        for (;;) yield { a: ++made };
      } finally {
        ended = true;
      }
    }
    const { body } = csvResponse("x.csv", ["a"], endless());
    if (!(body instanceof ReadableStream)) throw new Error("not streamed");
    const reader = body.getReader();
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const ahead = made;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(made).toBe(ahead);
    await reader.cancel();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(ended).toBe(true);
  });
});
