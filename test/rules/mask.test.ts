// What the log shows of errors that nobody expected: where they come from, and no person and no secret.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { maskedError, maskText, withoutSecrets } from "../../src/rules/mask.ts";
import { pseudonym } from "../../src/rules/pseudonym.ts";

const ID = "8f14e45f-ceea-467f-a34b-2c1d3e4f5a6b";
const JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlLW9mLWNhbmFyeQ";

const table: readonly (readonly [what: string, text: string, canary: string])[] = [
  ["a mail", "no account for canary.jane@contoso.example here", "canary"],
  ["a mail in brackets", "To: Jane <canary@contoso.example>", "canary"],
  ["a mail in an address", "GET /v1.0/users/canary%40contoso.example failed", "canary"],
  ["a mail with an apostrophe", "o'canary@contoso.example is taken", "canary"],
  ["a mail in another script", "канарейка@пример.рф is taken", "канарейка"],
  ["a guest's UPN", "canary_gmail.com#EXT#@contoso.onmicrosoft.com", "canary"],
  ["an internal UPN", "canary@localhost", "canary"],
  ["a mail in an address in an address", "next=%2Fusers%2Fcanary%2540contoso.example", "canary"],
  ["a mail with a full-width sign", "no account for canary＠contoso.example", "canary"],
  ["a bearer", "Authorization: Bearer canary.token-1", "canary"],
  ["a bearer alone", "sent Bearer canaryToken", "canary"],
  ["a password by Basic", "Basic Y2FuYXJ5OnNlY3JldA==", "Y2FuYXJ5"],
  ["a token", `refused ${JWT}`, "eyJ"],
  ["a named secret", "client_secret=canary&scope=x", "canary"],
  ["a named secret of an encoded query", "sig%3Dcanary%26x%3Dy", "canary"],
  ["a named secret, encoded twice", "client_secret%253Dcanary", "canary"],
  ["a code of a sign-in", "grant_type=authorization_code&code=canary", "canary"],
  ["a code of a sign-in, encoded", "redirect code%3Dcanary", "canary"],
  ["a code of a sign-in behind another, encoded", "state%3Dx%26code%3Dcanary", "canary"],
  ["an encoded filter", "GET /users%3F$filter%3DdisplayName%20eq%20'Canary'", "Canary"],
  ["a named secret in JSON", '{"password":"canary bird"}', "canary"],
  ["a connection string", "AccountName=x;AccountKey=canary1/2+3==;EndpointSuffix=y", "canary"],
  ["a signed address", "https://x.example/c/b.txt?sv=2024&sig=canary%2F", "canary"],
  ["a filter", "GET /users?$filter=displayName%20eq%20'Canary'", "Canary"],
  ["hex of a key", "key material 0123456789abcdef0123456789abcdef", "0123456789abcdef"],
  ["base64 of a key", "got 4dGVzdC/zZWNyZXQ+0ZXN0LXNlY3JldDEyMzQ1Njc4OTAx/w==", "4dGVzdC"],
  ["an id", `user ${ID} is gone`, ID],
];

describe("a masked text", () => {
  for (const [what, text, canary] of table)
    it(`does not show ${what}`, () => expect(maskText(text)).not.toContain(canary));

  it("shows whose id it was by the pseudonym", () => {
    expect(maskText(`user ${ID.toUpperCase()} is gone`)).toBe(`user ${pseudonym(ID)} is gone`);
  });

  for (const text of [
    "connect ECONNREFUSED 127.0.0.1:10002",
    "at async TableClient.getEntity (node_modules/@azure/data-tables/dist/esm/TableClient.js:120:17)",
    "Cannot read properties of undefined",
    "the host answered with the code: 503",
    "statusCode=503",
    "at reasonOfNothingThatIsLongEnoughToLookLikeAKey (dist/src/sync/record-export.js:66:14)",
  ])
    it(`leaves alone what is not: ${text.slice(0, 40)}`, () => expect(maskText(text)).toBe(text));

  it("shows no mail, whatever stands around it", () => {
    const word = fc.string({ unit: "grapheme", maxLength: 20 });
    fc.assert(
      fc.property(word, word, (before, after) => {
        const text = `${before} canary.bird@contoso.example ${after}`;
        expect(maskText(text)).not.toContain("canary.bird@");
      }),
    );
  });
});

describe("an error in the log", () => {
  it("has its name, its code and its place in the code, without the folders of this machine", () => {
    const error = Object.assign(new TypeError("fetch failed"), { code: "ECONNRESET" });
    const masked = maskedError(error);
    expect(masked).toMatchObject({
      name: "TypeError",
      code: "ECONNRESET",
      message: "fetch failed",
    });
    const frames = maskedError(
      Object.assign(new Error("x"), {
        stack: "Error: x\n    at go (file:///home/canary/app/dist/src/sync/go.js:1:2)\n    at now",
      }),
    ).frames;
    expect(frames).toEqual(["at go (dist/src/sync/go.js:1:2)"]);
  });

  it("does not quote what it choked on", () => {
    for (const text of ['{"name":"Canary Jane"', "Canary Jane", '{"a":"b" "Canary"'])
      expect(maskedError(thrownBy(() => JSON.parse(text))).message).not.toMatch(/Canary|Jane/);
    expect(maskedError(new Error('no "Canary "the" Bird" here')).message).toBe('no "…" here');
    expect(maskedError(new Error("no 'Canary Bird' here")).message).toBe("no '…' here");
  });

  it.each(["“”", "”“", "„“", "«»", "»«", "‹›", "‘’", "‚‘", "’’", "「」"])(
    "does not quote what stands in %s",
    ([open, close]) => {
      const error = new Error(`no ${open}Canary ${open}O’Jane${close}${close} here, is it`);
      expect(maskedError(error).message).toMatch(/^no .…. here, is it$/);
    },
  );

  it("hides what a cut leaves of a quotation", () => {
    for (const quote of ['"', "'", "“", "‘"]) {
      const text = `no ${quote}Canary Jane ${"and more ".repeat(1000)}${quote} here`;
      expect(maskedError(new Error(text)).message).toBe(`no ${quote}…`);
    }
  });

  it("says of a refused message which field was wrong, and not what was in it", () => {
    const schema = z.strictObject({ request: z.strictObject({ attempt: z.int() }) });
    const error = thrownBy(() => schema.parse({ request: { attempt: "canary", canary: 1 } }));
    const { message, name } = maskedError(error);
    expect(name).toBe("ZodError");
    expect(message).toContain("request.attempt: invalid_type");
    expect(message).not.toContain("canary");
  });

  it("is not fooled by a message that looks like a stack", () => {
    const { frames } = maskedError(new Error("no\n    at canary (jane:1:1)"));
    expect(frames.join()).not.toContain("canary");
  });

  it("has no frames of a message that was changed later, and keeps those of one that was not", () => {
    const framesAs = (message: string, header: string) =>
      maskedError(
        Object.assign(new Error(message), { stack: `${header}\n    at go (dist/src/go.js:1:2)` }),
      ).frames;
    const header = "Error: no\n    at canary (jane.js:1:1)";
    for (const message of ["gone", "canary", "jane", ""])
      expect(framesAs(message, header)).toEqual([]);
    expect(framesAs("no\n    at canary (jane.js:1:1)", header)).toHaveLength(1);
    // This might be the first line of what it was: only places in code are told.
    expect(framesAs("no", "Error: no\n    at canary (jane:1:1)")).toHaveLength(1);
    expect(framesAs("", "Error: \n    at canary (jane.js:1:1)")).toEqual([]);
    expect(framesAs("", "Error")).toEqual(["at go (src/go.js:1:2)"]);
    for (const text of ["no", "no\n    at canary (jane:1:1)"])
      expect(maskedError(new Error(text)).frames[0]).toMatch(/mask\.test\.ts/);
    const named = Object.assign(new Error("no"), { name: "Other" });
    expect(maskedError(named).frames[0]).toMatch(/mask\.test\.ts/);
    expect(maskedError(thrownBy(() => Buffer.alloc(Number.NaN))).frames).not.toEqual([]);
  });

  it("is told also where it is none", () => {
    expect(maskedError("canary@contoso.example")).toEqual({
      name: "NotAnError",
      message: "a thrown string",
      frames: [],
    });
  });

  it("is passed on to the host without what it held", () => {
    const safe = withoutSecrets(new RangeError("canary@contoso.example"));
    expect([safe.name, safe.message]).toEqual(["RangeError", "…"]);
    expect(`${safe.stack}`).toMatch(/^RangeError: …\n {4}at /);
    expect(`${safe.stack}`).not.toContain("canary@");
  });
});

describe("a text without end", () => {
  const LINES = [
    "a",
    "a-",
    "key",
    "key=",
    "?",
    "%3F",
    "%",
    "eyJ.",
    "x@",
    "A1/",
    "'",
    "“",
    "1:",
    "at ",
  ].map((piece) => piece.repeat(100_000 / piece.length));
  const most = (text: string): string =>
    JSON.stringify(
      [
        new Error(text),
        Object.assign(new Error("x"), { stack: `Error: x\n    at ${text}:1:1` }),
        Object.assign(new Error("x"), { name: text, code: text }),
        new z.ZodRealError([{ code: "custom", path: [text], message: text, input: text }]),
      ].map(maskedError),
    );

  it("costs no more than a long one, as nothing behind the limit is looked at", () => {
    const began = performance.now();
    for (const line of LINES) expect(most(line).length).toBeLessThan(2500);
    // All together take some 40 ms; one that was matched whole took most of a minute.
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it("is told by its beginning, in whole words", () => {
    const tail = "canary@contoso.example ".repeat(10_000);
    expect(maskText(`${"so ".repeat(1333)}${tail}`)).toBe("so ".repeat(1333).trimEnd());
    expect(maskText(`as said ${"canary".repeat(20_000)}`)).toBe("as said");
  });

  it("of many faults is told by the first of them", () => {
    const issues = Array.from({ length: 50_000 }, (_, n) => n).map((n) => ({
      code: "custom" as const,
      path: ["users", n],
      message: "",
      input: n,
    }));
    expect(maskedError(new z.ZodRealError(issues)).message).toMatch(
      /^users\.0: custom; users\.1: c/,
    );
  });
});

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
