// The published contract as a document: valid OpenAPI 3.1, its operations told apart and guarded, its schemas the routes' own.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { openApiDocument } from "../../src/api/contract/open-api-document.ts";
import { OPERATIONS } from "../../src/api/contract/operations.ts";

const ROOT = join(import.meta.dirname, "../..");
const document = openApiDocument(OPERATIONS);
const text = JSON.stringify(document);

describe("the document", () => {
  it("is valid OpenAPI 3.1", async () => {
    const validator = new Validator();
    expect(await validator.validate(JSON.parse(text))).toEqual({ valid: true });
    expect(validator.version).toBe("3.1");
  });

  it("refers to nothing that is not there", () => {
    const at = (path: string): unknown =>
      path
        .split("/")
        .slice(1)
        .reduce<unknown>(
          (found, name) =>
            typeof found === "object" && found !== null
              ? Object.getOwnPropertyDescriptor(found, name)?.value
              : undefined,
          JSON.parse(text),
        );
    const references = [...text.matchAll(/"\$ref":"(.*?)"/g)].map(([, target = ""]) => target);
    expect(references.length).toBeGreaterThan(50);
    expect(references.filter((target) => at(target) === undefined)).toEqual([]);
  });

  it("is of the version of the app", () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    expect(document.info).toMatchObject({ version });
  });

  it("refuses two schemas of one name", () => {
    const [first] = OPERATIONS;
    if (first?.body === undefined) throw new Error("the first operation takes a body");
    const taken = first.body.meta({ id: "Reason" });
    expect(() => openApiDocument([{ ...first, body: taken }])).toThrow("Reason");
  });
});

describe("each operation", () => {
  it("has a name and a route of its own", () => {
    const names = OPERATIONS.map(({ id }) => id);
    const routes = OPERATIONS.map(({ method, route }) => `${method} ${route}`);
    expect([new Set(names).size, new Set(routes).size]).toEqual([names.length, routes.length]);
  });

  it.each(OPERATIONS.map((operation) => [operation.id, operation] as const))(
    "%s tells who may, and what they get who may not",
    (_id, { who, method, route }) => {
      const told = JSON.parse(text).paths[`/${route}`][method];
      const isOpen = who.includes("anyone");
      const isSigned = who.includes("signature") || who.includes("console");
      const isGuarded = !isOpen && !isSigned;
      expect(told.security.some((one: object) => Object.keys(one).length === 0)).toBe(isOpen);
      expect(told.security.length).toBeGreaterThan(0);
      expect("401" in told.responses).toBe(!isOpen);
      expect(!isGuarded || "403" in told.responses).toBe(true);
    },
  );

  it.each(OPERATIONS.map((operation) => [operation.id, operation] as const))(
    "%s tells all parameters of its route, and no other",
    (_id, { route, parameters }) => {
      const inRoute = [...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(Object.keys(parameters?.path?.shape ?? {})).toEqual(inRoute);
    },
  );
});

describe("an answer that never comes", () => {
  it.each([
    ["session", "403", "another site's page is told that nobody is signed in"],
    ["users", "422", "a side that refuses the question is told as one of the failures"],
  ])("of %s, %s, is not promised: %s", (id, status) => {
    const route = OPERATIONS.find((operation) => operation.id === id)?.route;
    const { responses } = JSON.parse(text).paths[`/${route}`].get;
    expect(Object.keys(responses)).toContain("200");
    expect(Object.keys(responses)).not.toContain(status);
  });
});

describe("the app", () => {
  it("answers no JSON that is not of a documented schema", () => {
    const files = ["functions", "src/api"].flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".ts"))
        .map((name) => join(folder, name)),
    );
    const free = files.filter((file) => /\bjson\(/.test(readFileSync(join(ROOT, file), "utf8")));
    expect(free.toSorted()).toEqual(["src/api/json-of.ts", "src/api/problem.ts"]);
  });
});
