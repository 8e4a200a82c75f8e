// Drupal's console at the door: closed while it is off, bounded in what it may ask, and told apart from people of Entra.
import { HttpRequest } from "@azure/functions";
import { describe, expect, it } from "vitest";
import { parseAuditRequest } from "../../src/api/audit-request.ts";
import { createConsoleAccess } from "../../src/api/console-access.ts";
import { parseConsoleAudit, parseConsoleOrder } from "../../src/api/console-request.ts";
import { Problem } from "../../src/api/problem.ts";
import type { ConsoleRequest } from "../../src/rules/console-signing.ts";
import { APP, answerOf, asked } from "./asked.ts";

const UUID = "57a4d554-400c-4bda-83f8-44d67f8d0801";
const NOW = new Date("2026-11-24T08:00:00Z");

function door(isOn: boolean, answer = true) {
  const seen: ConsoleRequest[] = [];
  const isGenuine = (request: ConsoleRequest) => {
    seen.push(request);
    return answer;
  };
  return { seen, authorize: createConsoleAccess({ console: { isOn } }, { isGenuine }) };
}

const posted = (body: string, headers: Record<string, string> = {}) =>
  new HttpRequest({
    method: "POST",
    url: `${APP}/api/console/provision?a=%2Fb&c`,
    headers,
    body: { string: body },
  });

describe("the console's door", () => {
  it("is none while it is off: nothing is read, and no signature looked at", async () => {
    const { seen, authorize } = door(false);
    const request = posted("{}");
    expect(await answerOf(authorize(request))).toBe("404 notFound");
    expect([seen, request.bodyUsed]).toEqual([[], false]);
  });

  it("has the signature judged by what was sent: method, path and query, headers, and every byte", async () => {
    const { seen, authorize } = door(true);
    expect(Buffer.from(await authorize(posted("{} ", { "Webhook-Id": "a" }))).toString()).toBe(
      "{} ",
    );
    expect(seen).toMatchObject([
      {
        method: "POST",
        target: "/api/console/provision?a=%2Fb&c",
        headers: { "webhook-id": "a" },
        body: Buffer.from("{} "),
      },
    ]);
    await authorize(asked({}, `${APP}/api/console/audit?limit=1`));
    expect(seen[1]).toMatchObject({ method: "GET", target: "/api/console/audit?limit=1" });
    expect(seen[1]?.body).toHaveLength(0);
  });

  it("is closed to what the site did not sign, and reads 4096 bytes and none more", async () => {
    expect(await answerOf(door(true, false).authorize(posted("{}")))).toBe("401 signatureInvalid");
    const { seen, authorize } = door(true);
    expect(await answerOf(authorize(posted("x".repeat(4096))))).toBe("200");
    expect(await answerOf(authorize(posted("x".repeat(4097))))).toBe("413 bodyTooLarge");
    expect(seen).toHaveLength(1);
  });
});

function faultsOf(work: () => unknown): string[] {
  try {
    work();
    return [];
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 400) throw error;
    return error.faults.map(({ path }) => path);
  }
}

describe("the console's question to the audit log", () => {
  const question = (text: string) => parseConsoleAudit(new URLSearchParams(text));

  it("is one of GET audit, with fifty entries at the most", () => {
    const all = `from=2026-11-01&to=2026-11-24&user=${UUID.toUpperCase()}&operation=update&resourceType=user&status=success&system=entra&direction=drupalToEntra&cause=webhook&cycle=${UUID}&limit=50`;
    const { request, continuationOf } = question(all);
    expect(request).toEqual(parseAuditRequest(new URLSearchParams(all)).request);
    expect(request).toMatchObject({ user: UUID, limit: 50, format: "json" });
    expect(question("").request.limit).toBe(50);
    const place = continuationOf("123456789012345-entry");
    expect(question(`${all}&continuation=${place}`).request.after).toBe("123456789012345-entry");
  });

  it.each([
    ["limit=51", ["limit"]],
    ["limit=0", ["limit"]],
    ["limit=1.5", ["limit"]],
    ["limit=1e1000", ["limit"]],
    ["limit=1&limit=2", ["limit"]],
    ["format=json", [""]],
    ["format=csv", [""]],
    ["format=ndjson", [""]],
    ["bom=true", [""]],
    ["actor=somebody", [""]],
    ["user=1", ["user"]],
    ["user=ada", ["user"]],
    ["status=good", ["status"]],
    ["from=yesterday", ["from"]],
    ["from=2026-11-24&to=2026-11-01", ["from"]],
    ["user=1&limit=51", ["user", "limit"]],
  ])("is refused with %s", (text, paths) => {
    expect(faultsOf(() => question(text))).toEqual(paths);
  });

  it("has a continuation of its own question only", () => {
    const place = question("status=failure").continuationOf("123456789012345-entry");
    expect(() => question(`status=success&continuation=${place}`)).toThrow(Problem);
  });
});

describe("the console's order", () => {
  const order = (body: unknown) => parseConsoleOrder(body, NOW);

  it("is for one Drupal user, both ways, by a person of the site and without an operator's powers", () => {
    expect(order({ drupalUuid: UUID.toUpperCase(), actor: { uid: 17 } })).toEqual({
      dryRun: false,
      order: {
        drupalUuid: UUID,
        cause: "onDemand",
        attempt: 0,
        receivedAt: NOW.toISOString(),
        byPerson: true,
        bySite: true,
        actor: "drupal:user/17",
      },
    });
    expect(order({ drupalUuid: UUID, dryRun: true }).dryRun).toBe(true);
  });

  it.each([
    [undefined, "drupal"],
    [{ uid: 1 }, "drupal:user/1"],
    [{ name: "17" }, "drupal:17"],
    [{ name: "Zoë O'Neill-Ångström Jr." }, "drupal:Zoë O'Neill-Ångström Jr."],
    [{ uid: 17, name: "ada" }, "drupal:user/17"],
  ])("of %j is told as %s", (actor, told) => {
    expect(order({ drupalUuid: UUID, actor }).order.actor).toBe(told);
  });

  it.each([
    [null, [""]],
    ["text", [""]],
    [[], [""]],
    [{}, ["drupalUuid"]],
    [{ drupalUuid: "ada" }, ["drupalUuid"]],
    [{ drupalUuid: 17 }, ["drupalUuid"]],
    [{ drupalUuid: [UUID, UUID] }, ["drupalUuid"]],
    [{ drupalUuid: UUID, dryRun: "true" }, ["dryRun"]],
    [{ drupalUuid: UUID, joins: UUID }, [""]],
    [{ drupalUuid: UUID, configuration: {} }, [""]],
    [{ drupalUuid: UUID, direction: "drupalToEntra" }, [""]],
    [{ drupalUuid: UUID, cause: "approval" }, [""]],
    [{ drupalUuid: UUID, bySite: false }, [""]],
    [{ drupalUuid: UUID, entraObjectId: UUID }, [""]],
    [{ system: "entra", id: UUID }, ["drupalUuid", ""]],
    [{ drupalUuid: UUID, actor: "ada" }, ["actor"]],
    [{ drupalUuid: UUID, actor: {} }, ["actor"]],
    [{ drupalUuid: UUID, actor: { uid: 0 } }, ["actor.uid"]],
    [{ drupalUuid: UUID, actor: { uid: -1 } }, ["actor.uid"]],
    [{ drupalUuid: UUID, actor: { uid: "17" } }, ["actor.uid"]],
    [{ drupalUuid: UUID, actor: { name: "" } }, ["actor.name"]],
    [{ drupalUuid: UUID, actor: { name: "ada@contoso.example" } }, ["actor.name"]],
    [{ drupalUuid: UUID, actor: { name: "user/1" } }, ["actor.name"]],
    [{ drupalUuid: UUID, actor: { name: "a\nb" } }, ["actor.name"]],
    [{ drupalUuid: UUID, actor: { name: "<b>" } }, ["actor.name"]],
    [{ drupalUuid: UUID, actor: { name: "a\u202eb" } }, ["actor.name"]],
    [{ drupalUuid: UUID, actor: { name: "x".repeat(61) } }, ["actor.name"]],
    [{ drupalUuid: UUID, actor: { uid: 17, mail: "ada@contoso.example" } }, ["actor"]],
  ])("is refused as %j", (body, paths) => {
    expect(faultsOf(() => order(body))).toEqual(paths);
  });
});
