// What is logged of a request: refusals by their code, failures by their place, and nothing of one that is answered.
import { HttpRequest, InvocationContext } from "@azure/functions";
import { describe, expect, it } from "vitest";
import { Problem } from "../../src/api/problem.ts";
import { respond } from "../../src/api/respond.ts";
import { RejectedError, TransientError } from "../../src/rules/errors.ts";

const CANARY = "canary@contoso.example";

/** Answers as a handler that throws this would, and tells what was logged. */
async function answered(thrown: Error | null) {
  const lines: string[] = [];
  const context = new InvocationContext({
    functionName: "links",
    invocationId: "1",
    logHandler: (_level, ...args) => void lines.push(...args.map(String)),
  });
  const request = new HttpRequest({
    method: "GET",
    url: `http://localhost/api/links?user=${CANARY}`,
  });
  const handler = respond(() => (thrown === null ? Promise.resolve({}) : Promise.reject(thrown)));
  const { status = 200 } = (await handler(request, context)) ?? {};
  return { status, lines };
}

describe("a request that is refused", () => {
  it.each([
    [new Problem(401, "unauthorized", "Sign in first."), 401, "unauthorized"],
    [
      new Problem(400, "invalidRequest", `no ${CANARY}`, {
        faults: [{ path: "id", message: CANARY }],
      }),
      400,
      "invalidRequest",
    ],
    [new RejectedError(CANARY, { system: "entra", code: "entraRefused" }), 422, "entraRefused"],
    [new RejectedError("", { system: "entra", code: CANARY }), 422, "unprintable"],
  ])(
    "is one line with route, status and code, and with nothing that was sent (%#)",
    async (thrown, status, reason) => {
      const answer = await answered(thrown);
      expect(answer.status).toBe(status);
      expect(answer.lines.map((line) => JSON.parse(line))).toEqual([
        { event: "request.refused", function: "links", status, reason },
      ]);
    },
  );
});

describe("a request that is not refused", () => {
  it("is no line where it is answered, or has to be asked again", async () => {
    expect(await answered(null)).toEqual({ status: 200, lines: [] });
    const away = new TransientError("away", { system: "drupal", code: "drupalUnavailable" });
    expect(await answered(away)).toEqual({ status: 503, lines: [] });
  });

  it("is told as a failure where the app is at fault", async () => {
    const { status, lines } = await answered(new TypeError(CANARY));
    expect(status).toBe(500);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('"event":"request.failed"');
    expect(lines[0]).not.toContain(CANARY);
  });
});
