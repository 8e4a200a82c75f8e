// The page reads the configuration's JSON Schema as the sync reads the configuration: same defaults, same choices.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { isObject, type Json, type JsonObject } from "../../src/dashboard/pages/mapping/json.ts";
import { choicesOf, filled, lean, schemaAt } from "../../src/dashboard/pages/mapping/schema.ts";
import {
  parseSyncConfiguration,
  syncConfigurationJsonSchema,
} from "../../src/rules/configuration.ts";

const asJson = (value: unknown): Json => {
  const json: Json = JSON.parse(JSON.stringify(value));
  return json;
};
const objectOf = (value: unknown): JsonObject => {
  const json = asJson(value);
  if (!isObject(json)) throw new Error("not an object");
  return json;
};
const schema = objectOf(syncConfigurationJsonSchema());
const sample = objectOf(
  JSON.parse(
    readFileSync(
      resolve(import.meta.dirname, "../../infra/sync-configuration.sample.json"),
      "utf8",
    ),
  ),
);

describe("the schema as the page reads it", () => {
  it.each([
    ["an empty document", {}],
    ["the sample", sample],
    ["no limits and one row", { thresholds: { deletes: null }, attributes: [] }],
  ])("fills in the defaults of %s as the sync does", (_, document) => {
    const parsed = parseSyncConfiguration(document);
    expect(parsed.ok).toBe(true);
    expect(filled(schema, asJson(document))).toEqual(
      asJson(parsed.ok ? parsed.configuration : null),
    );
  });

  it("leaves out what is the default, and loses nothing", () => {
    const full = filled(schema, sample) ?? null;
    const short = lean(schema, full);
    expect(JSON.stringify(short).length).toBeLessThan(JSON.stringify(full).length / 1.3);
    expect(filled(schema, short)).toEqual(full);
  });

  it("finds the choices of a place, also of numbers and inside of lists", () => {
    const choices = (...path: (string | number)[]) => choicesOf(schemaAt(schema, path) ?? {});
    expect(choices("states", "drupalToEntra", "disabled")).toEqual(["nothing", "disable"]);
    expect(choices("photos", "size")).toContain(648);
    expect(choices("matching", 0, "entra")).toContain("employeeId");
    expect(choices("thresholds", "deletes", "users")).toEqual([]);
  });

  it("keeps what it does not know", () => {
    expect(filled(schema, { nonsense: 1 })).toMatchObject({ nonsense: 1, guests: false });
  });
});
