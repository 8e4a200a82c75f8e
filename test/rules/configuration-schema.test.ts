// The published JSON Schema: as the rules are today, understood by another validator, and never stricter than they are.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import {
  parseSyncConfiguration,
  syncConfigurationJsonSchema,
} from "../../src/rules/configuration.ts";

const INFRA = join(import.meta.dirname, "../../infra");
const readJson = (name: string): unknown => JSON.parse(readFileSync(join(INFRA, name), "utf8"));

const sample = readJson("sync-configuration.sample.json");
// The pattern beside each `format: uuid` checks ids already; formats are a package of their own.
const isValid = new Ajv2020({ validateFormats: false }).compile(syncConfigurationJsonSchema());
const row = { kind: "direct", drupal: "field_department", entra: "department" };

describe("the published schema", () => {
  it("is the one that the rules make: `npm run schema` writes it", () => {
    expect(readJson("sync-configuration.schema.json")).toEqual(
      JSON.parse(JSON.stringify(syncConfigurationJsonSchema())),
    );
  });

  it("takes the sample, as the sync does", () => {
    expect(isValid(sample), JSON.stringify(isValid.errors)).toBe(true);
    expect(parseSyncConfiguration(sample)).toMatchObject({ ok: true });
  });

  const good: readonly (readonly [string, unknown])[] = [
    ["an empty document", {}],
    ["the schema's own address", { $schema: "./sync-configuration.schema.json" }],
    ["a part of a part", { states: { entraToDrupal: { deleted: "nothing" } } }],
    ["no attributes at all", { attributes: [] }],
    ["null for the default domain", { account: { domain: null } }],
    ["a row both ways", { attributes: [{ ...row, flow: "both", authority: "manual" }] }],
  ];
  it.each(good)("takes %s", (_what, document) => {
    expect(isValid(document), JSON.stringify(isValid.errors)).toBe(true);
    expect(parseSyncConfiguration(document)).toMatchObject({ ok: true });
  });

  const bad: readonly (readonly [string, unknown, string])[] = [
    ["what is not an object", [], ""],
    ["a name that is not known", { gests: true }, "/gests"],
    ["text for a switch", { guests: "yes" }, "/guests"],
    ["a row of no kind", { attributes: [{ ...row, kind: "copy" }] }, "/attributes/0/kind"],
    [
      "a row without its target",
      { attributes: [{ kind: "direct", drupal: "mail" }] },
      "/attributes/0/entra",
    ],
    ["an id that is none", { protected: { entraObjectIds: ["x"] } }, "/protected/entraObjectIds/0"],
    [
      "an operator of nobody's",
      { scope: { entraToDrupal: { anyOf: [[{ attribute: "mail", operator: "like" }]] } } },
      "/scope/entraToDrupal/anyOf/0/0/operator",
    ],
    [
      "a delete for a block",
      { states: { drupalToEntra: { disabled: "delete" } } },
      "/states/drupalToEntra/disabled",
    ],
    [
      "too long a grace",
      { states: { drupalToEntra: { graceDays: 366 } } },
      "/states/drupalToEntra/graceDays",
    ],
    ["a field's name with a slash", { fields: { "a/b": { type: "text" } } }, "/fields/a~1b"],
  ];
  it.each(bad)("refuses %s, where the sync says the fault is", (_what, document, pointer) => {
    expect(isValid(document)).toBe(false);
    const parsed = parseSyncConfiguration(document);
    expect(parsed.ok ? [] : parsed.faults.map((fault) => fault.pointer)).toContain(pointer);
  });

  it("leaves to the sync what no schema can say", () => {
    const twice = { attributes: [row, row] };
    expect(isValid(twice)).toBe(true);
    expect(parseSyncConfiguration(twice)).toMatchObject({
      ok: false,
      faults: [{ path: "attributes.1.entra", pointer: "/attributes/1/entra" }],
    });
  });

  it("tells an editor's user what each part is for", () => {
    const parts = Object.entries(syncConfigurationJsonSchema().properties ?? {});
    expect(parts.length).toBeGreaterThan(10);
    expect(parts.filter(([, part]) => !("description" in Object(part)))).toEqual([]);
  });
});

describe("the faults of a document", () => {
  it("come all at once, each at its place in both notations", () => {
    const parsed = parseSyncConfiguration({
      gests: 1,
      guests: 2,
      fields: { "a~/b": { type: "text" } },
    });
    expect(parsed.ok ? [] : parsed.faults.toSorted((a, b) => a.path.localeCompare(b.path))).toEqual(
      [
        { path: "fields.a~/b", pointer: "/fields/a~0~1b", message: "Invalid key in record" },
        { path: "gests", pointer: "/gests", message: "is not a known name" },
        { path: "guests", pointer: "/guests", message: expect.stringContaining("boolean") },
      ],
    );
  });
});
