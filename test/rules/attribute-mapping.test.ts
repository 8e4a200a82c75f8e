// The attribute mapping: what becomes of a Drupal user's values on their way to Entra.
import { describe, expect, it } from "vitest";
import { mapAttributes } from "../../src/rules/attribute-mapping.ts";
import { parseSyncConfiguration } from "../../src/rules/configuration.ts";
import { aConfiguration, aDrupalUser } from "../doubles/world.ts";

const rows = (attributes: object[]) =>
  aConfiguration({
    attributes: [{ kind: "direct", drupal: "name", entra: "displayName" }, ...attributes],
  }).attributes;
const map = (attributes: object[], user = aDrupalUser(), phase: "create" | "update" = "update") => {
  const { values, failures } = mapAttributes(user, rows(attributes), phase);
  const { displayName: _displayName, ...others } = values;
  return { values: others, failures };
};
const department = { kind: "direct", drupal: "field_department", entra: "department" };

describe("a row of the mapping", () => {
  it("copies, sets a constant, or computes", () => {
    const result = map([
      department,
      { kind: "constant", value: "Contoso", entra: "companyName" },
      {
        kind: "expression",
        expression: 'upper(ascii(drupal.field_last_name)) + "!"',
        entra: "jobTitle",
      },
    ]);
    expect(result.values).toEqual({
      department: "R&D",
      companyName: "Contoso",
      jobTitle: "LOVELACE!",
    });
  });

  it("keeps the target's value when the source is empty, unless told to clear it or given a default", () => {
    const user = aDrupalUser({ attributes: { field_department: "  " } });
    expect(map([department], user).values).toEqual({});
    expect(map([{ ...department, whenEmpty: "clear" }], user).values).toEqual({ department: null });
    expect(map([{ ...department, default: "None" }], user).values).toEqual({ department: "None" });
  });

  it("never reads a field that is not there as empty", () => {
    const row = { kind: "direct", drupal: "field_gone", entra: "department", whenEmpty: "clear" };
    expect(map([row])).toEqual({ values: {}, failures: [] });
  });

  it("says nothing about a linked user when it applies on create only", () => {
    const row = { ...department, apply: "create" };
    expect(map([row]).values).toEqual({});
    expect(map([row], aDrupalUser(), "create").values).toEqual({ department: "R&D" });
  });

  const refused = [
    {
      what: "a value that is too long",
      row: department,
      value: "x".repeat(65),
      code: "valueTooLong",
    },
    {
      what: "a mail address that Entra does not take",
      row: { ...department, entra: "mail" },
      value: "ä@b.c",
      code: "invalidValue",
    },
    {
      what: "a country that is not a code",
      row: { ...department, entra: "usageLocation" },
      value: "Germany",
      code: "invalidValue",
    },
    {
      what: "clearing what cannot be cleared",
      row: { ...department, entra: "mail", whenEmpty: "clear" },
      value: "",
      code: "notClearable",
    },
    {
      what: "an expression on a value of another type",
      row: { kind: "expression", expression: "drupal.field_department + 1", entra: "department" },
      value: "x",
      code: "expressionFailed",
    },
  ];
  for (const { what, row, value, code } of refused) {
    it(`fails for itself alone: ${what}`, () => {
      const user = aDrupalUser({ attributes: { field_department: value } });
      const result = map([row, { kind: "constant", value: "Contoso", entra: "companyName" }], user);
      expect(result.failures).toMatchObject([{ attribute: row.entra, code }]);
      expect(result.values).toEqual({ companyName: "Contoso" });
    });
  }

  it("takes exactly the longest value that Entra takes", () => {
    const user = aDrupalUser({ attributes: { field_department: "x".repeat(64) } });
    expect(map([department], user).failures).toEqual([]);
  });
});

describe("the configuration document", () => {
  it("is valid when empty", () => {
    expect(parseSyncConfiguration({}).ok).toBe(true);
  });

  it("has every fault reported at once, each with its path", () => {
    const parsed = parseSyncConfiguration({
      extra: 1,
      account: { userPrincipalName: "drupal.name +", marker: "displayName" },
      attributes: [
        { kind: "direct", drupal: "name", entra: "displayName" },
        { kind: "direct", drupal: "mail", entra: "accountEnabled" },
        { kind: "expression", expression: 'drupal.name.matches("(a+)+$")', entra: "city" },
        { kind: "direct", drupal: "mail", entra: "displayName" },
      ],
      states: { drupalToEntra: { disabled: "delete", graceDays: -1 } },
    });
    const paths = parsed.ok ? [] : parsed.faults.map((fault) => fault.path).toSorted();
    expect(paths).toEqual([
      "",
      "account.marker",
      "account.userPrincipalName",
      "attributes.1.entra",
      "attributes.2.expression",
      "attributes.3.entra",
      "states.drupalToEntra.disabled",
      "states.drupalToEntra.graceDays",
    ]);
  });
});
