// What the configuration's routes ask of a request, and how they answer.
import { HttpRequest, InvocationContext } from "@azure/functions";
import { describe, expect, it } from "vitest";
import {
  changeResponse,
  documentResponse,
  effectiveResponse,
  previewResponse,
} from "../../src/api/configuration-response.ts";
import {
  isNotModified,
  optionalPrecondition,
  requirePrecondition,
} from "../../src/api/preconditions.ts";
import { Problem } from "../../src/api/problem.ts";
import { pageParameters, parseQuery } from "../../src/api/query.ts";
import { readJson } from "../../src/api/read-json.ts";
import { respond } from "../../src/api/respond.ts";
import { RejectedError, TransientError } from "../../src/rules/errors.ts";
import { NO_IMPACT } from "../../src/rules/impact.ts";

const url = "http://127.0.0.1/api/configuration";
const asked = (headers: Record<string, string>, body?: string | Uint8Array) =>
  new HttpRequest({
    method: body === undefined ? "GET" : "PUT",
    url,
    headers,
    ...(body === undefined
      ? {}
      : { body: typeof body === "string" ? { string: body } : { bytes: body } }),
  });

async function problemOf(work: () => unknown): Promise<Problem> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("no problem");
}

describe("the precondition of a change", () => {
  it.each([
    [{ "if-match": '"0x8D"' }, ['"0x8D"']],
    [{ "if-match": '"a", W/"b,c"' }, ['"a"', '"b,c"']],
    [{ "if-match": " * " }, "any"],
    [{ "if-none-match": "*" }, "absent"],
  ])("is read from %j", (headers: Record<string, string>, precondition) => {
    expect(requirePrecondition(asked(headers))).toEqual(precondition);
  });

  it("must be there", async () => {
    const problem = await problemOf(() => requirePrecondition(asked({})));
    expect(problem).toMatchObject({ status: 428, code: "preconditionRequired" });
  });

  it.each([
    { "if-match": "0x8D" },
    { "if-match": "" },
    { "if-match": '"a" "b"' },
    { "if-match": '*, "a"' },
    { "if-match": `"${"x".repeat(5000)}"` },
    { "if-none-match": '"a"' },
    { "if-match": '"a"', "if-none-match": "*" },
  ])("is refused as %j", async (headers: Record<string, string>) => {
    const problem = await problemOf(() => requirePrecondition(asked(headers)));
    expect(problem).toMatchObject({ status: 400, code: "invalidPrecondition" });
  });
});

describe("the precondition of a preview", () => {
  it("may be left out, and is read like that of a change", async () => {
    expect(optionalPrecondition(asked({}))).toBeNull();
    expect(optionalPrecondition(asked({ "if-match": '"a"' }))).toEqual(['"a"']);
    const problem = await problemOf(() => optionalPrecondition(asked({ "if-match": "a" })));
    expect(problem).toMatchObject({ status: 400, code: "invalidPrecondition" });
  });
});

describe("a reader who has a version", () => {
  it.each([
    ['"a"', '"a"', true],
    ['W/"a"', '"a"', true],
    ['"b", "a"', '"a"', true],
    ["*", '"a"', true],
    ['"b"', '"a"', false],
    ["nonsense", '"a"', false],
    ["*", null, false],
  ])("of %s is told of the current %s only when it differs", (header, etag, expected) => {
    expect(isNotModified(asked({ "if-none-match": header }), etag)).toBe(expected);
    expect(isNotModified(asked({}), etag)).toBe(false);
  });
});

describe("a JSON body", () => {
  const type = { "content-type": "application/json; charset=utf-8" };

  it("is read whole", async () => {
    expect(await readJson(asked(type, '{"a":["é"]}'), 100)).toEqual({ a: ["é"] });
  });

  it.each([
    ["of another type", { "content-type": "text/plain" }, "{}", 415, "unsupportedMediaType"],
    ["of no type", {}, new Uint8Array([123, 125]), 415, "unsupportedMediaType"],
    ["that is cut off", type, '{"a":', 400, "malformedJson"],
    ["that is empty", type, "", 400, "malformedJson"],
    ["that is not UTF-8", type, new Uint8Array([34, 0xff, 34]), 400, "malformedJson"],
    ["that is too large", type, `"${"x".repeat(100)}"`, 413, "bodyTooLarge"],
  ])("%s is refused", async (_what, headers: Record<string, string>, body, status, code) => {
    expect(await problemOf(() => readJson(asked(headers, body), 100))).toMatchObject({
      status,
      code,
    });
  });
});

describe("the query of a listing", () => {
  const read = (query: string) => parseQuery(pageParameters, new URLSearchParams(query));

  it("has a limit that is never too large, and no unknown or repeated name", async () => {
    expect(read("")).toEqual({ limit: 50 });
    expect(read("limit=200&continuation=x")).toEqual({ limit: 200, continuation: "x" });
    for (const query of ["limit=201", "limit=0", "limit=x", "limt=1", "limit=1&limit=2"])
      expect(await problemOf(() => read(query))).toMatchObject({
        status: 400,
        code: "invalidQuery",
      });
  });
});

describe("the answers", () => {
  it("carry the ETag of what is saved, and none where nothing is", () => {
    expect(documentResponse({ guests: true }, '"1"')).toMatchObject({
      status: 200,
      headers: { ETag: '"1"' },
      body: '{"guests":true}',
    });
    expect(documentResponse({}, null).headers).not.toHaveProperty("ETag");
    expect(changeResponse({ kind: "saved", etag: '"2"' })).toMatchObject({
      status: 200,
      headers: { ETag: '"2"' },
    });
  });

  it("show the defaults when asked to, unless the document cannot be understood", async () => {
    const { body } = effectiveResponse({ guests: true }, '"1"');
    expect(JSON.parse(String(body))).toMatchObject({
      guests: true,
      directions: { drupalToEntra: true },
    });
    expect(await problemOf(() => effectiveResponse("{", '"1"'))).toMatchObject({
      status: 503,
      code: "configurationInvalid",
    });
  });

  it("name every fault in both notations, and a version that is no more the current one", async () => {
    const faults = [{ path: "a.0", pointer: "/a/0", message: "no" }];
    expect(await problemOf(() => changeResponse({ kind: "invalid", faults }))).toMatchObject({
      status: 422,
      code: "invalidConfiguration",
      faults,
    });
    expect(await problemOf(() => changeResponse({ kind: "moved" }))).toMatchObject({
      status: 412,
      code: "preconditionFailed",
    });
  });

  it.each([
    [
      new RejectedError("x", { system: "storage", code: "invalidContinuation" }),
      400,
      "invalidContinuation",
    ],
    [
      new TransientError("saved, but", { system: "storage", code: "savedWithoutAudit" }),
      503,
      "savedWithoutAudit",
    ],
  ])("say what %s means to the caller", async (error, status, code) => {
    const handler = respond(async () => {
      throw error;
    });
    const answer = await handler(asked({}), new InvocationContext());
    expect(answer).toMatchObject({ status, body: expect.stringContaining(`"code":"${code}"`) });
  });
});

describe("the answer of a preview", () => {
  const impact = { ...NO_IMPACT, cycleId: "c1", summary: "touches 412 users, 9 lose a role" };

  it("is 200 with the numbers when it has ended, and 202 with where to look while it plans", () => {
    expect(previewResponse({ kind: "impact", impact: NO_IMPACT, hasEnded: true })).toMatchObject({
      status: 200,
      body: expect.stringContaining('"summary":"touches nobody"'),
    });
    const running = { ...impact, status: "running" as const };
    expect(previewResponse({ kind: "impact", impact: running, hasEnded: false })).toMatchObject({
      status: 202,
      headers: { Location: "/api/cycles/c1", "Retry-After": "5" },
      body: expect.stringContaining('"preview":true,"cycleId":"c1","status":"running"'),
    });
  });

  it("refuses as a save does, and names the preview that is in the way", async () => {
    const faults = [{ path: "a", pointer: "/a", message: "no" }];
    expect(await problemOf(() => previewResponse({ kind: "invalid", faults }))).toMatchObject({
      status: 422,
      faults,
    });
    expect(await problemOf(() => previewResponse({ kind: "moved" }))).toMatchObject({
      status: 412,
    });
    const active = await problemOf(() => previewResponse({ kind: "active", cycleId: "c2" }));
    expect(active).toMatchObject({
      status: 409,
      code: "previewActive",
      headers: { Location: "/api/cycles/c2" },
    });
  });
});
