// The attribute mapping: what each row reads on one side, and what it asks of the other.
import { describe, expect, it } from "vitest";
import { mapRows, NO_REFERENCES, type References } from "../../src/rules/attribute-mapping.ts";
import { parseSyncConfiguration } from "../../src/rules/configuration.ts";
import type { Attributes } from "../../src/rules/users.ts";
import { aConfiguration, aDrupalUser, anEntraUser } from "../doubles/world.ts";

interface Given {
  readonly drupal?: Attributes;
  readonly entra?: Attributes;
  readonly isNew?: boolean;
  readonly fields?: object;
  readonly references?: References;
}

/** What each row asks of the other side: its value, or the code of what stands in the way. */
function asked(attributes: object[], given: Given = {}) {
  const configuration = aConfiguration({ attributes, fields: given.fields ?? {} });
  const drupal = aDrupalUser({ attributes: given.drupal ?? {} });
  const entra = anEntraUser({ attributes: given.entra ?? {} });
  const sides = { drupal, entra: given.isNew ? null : entra };
  const rows = mapRows(sides, sides, configuration, given.references ?? NO_REFERENCES);
  return rows.map(({ row, asks }) => {
    const wanted = row.flow === "entraToDrupal" ? asks.entra : asks.drupal;
    if (wanted.kind === "value") return wanted.value;
    return wanted.kind === "fault" ? wanted.fault.code : wanted.kind;
  });
}
const department = { kind: "direct", drupal: "field_department", entra: "department" };
const back = (entra: string, drupal: string) => ({
  kind: "direct",
  entra,
  drupal,
  flow: "entraToDrupal",
});

describe("a row of the mapping", () => {
  it("copies, sets a constant, or computes, either way", () => {
    const rows = [
      department,
      { kind: "constant", value: "Contoso", entra: "companyName" },
      {
        kind: "expression",
        expression: 'upper(ascii(drupal.field_last_name)) + "!"',
        entra: "jobTitle",
      },
      {
        kind: "expression",
        expression:
          'mailDomain(entra.mail) + "/" + entra.onPremisesExtensionAttributes.extensionAttribute1',
        drupal: "field_origin",
        flow: "entraToDrupal",
      },
    ];
    const entra = {
      mail: "ada@contoso.example",
      "onPremisesExtensionAttributes.extensionAttribute1": "HQ",
    };
    expect(asked(rows, { entra })).toEqual(["R&D", "Contoso", "LOVELACE!", "contoso.example/HQ"]);
  });

  it("keeps the target's value when the source is empty, unless told to clear it or given a default", () => {
    const drupal = { field_department: "  " };
    expect(asked([department], { drupal })).toEqual(["nothing"]);
    expect(asked([{ ...department, whenEmpty: "clear" }], { drupal })).toEqual([null]);
    expect(asked([{ ...department, default: "None" }], { drupal })).toEqual(["None"]);
  });

  it("never reads a field that is not there as empty", () => {
    const row = { kind: "direct", drupal: "field_gone", entra: "department", whenEmpty: "clear" };
    expect(asked([row])).toEqual(["unreadable"]);
    const expression = { kind: "expression", expression: "drupal.field_gone", entra: "city" };
    expect(asked([expression])).toEqual(["unreadable"]);
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
      row: { kind: "expression", expression: "drupal.field_department + 1", entra: "city" },
      value: "x",
      code: "expressionFailed",
    },
    {
      what: "an expression that fills the memory",
      row: {
        kind: "expression",
        expression: `replace(replace(drupal.field_department, "x", "${"y".repeat(200)}"), "y", "${"z".repeat(200)}")`,
        entra: "city",
      },
      value: "x",
      code: "expressionFailed",
    },
  ];
  for (const { what, row, value, code } of refused) {
    it(`fails for itself alone: ${what}`, () => {
      const rows = [row, { kind: "constant", value: "Contoso", entra: "companyName" }];
      expect(asked(rows, { drupal: { field_department: value } })).toEqual([code, "Contoso"]);
    });
  }

  it("takes exactly the longest value that Entra takes", () => {
    const longest = "x".repeat(64);
    expect(asked([department], { drupal: { field_department: longest } })).toEqual([longest]);
  });

  const helpers: readonly (readonly [string, unknown])[] = [
    ['join([drupal.field_first_name, "", drupal.field_last_name], "-")', "Ada-Lovelace"],
    ['split("a,b,c", ",")[1]', "b"],
    ['split(drupal.mail, "@")[0]', "ada.lovelace"],
    ["lower(drupal.field_last_name)", "lovelace"],
    ['title("jean-luc o\'neill")', "Jean-Luc O'Neill"],
    ['ascii("Jürgen Weiß, Łódź")', "Jurgen Weiss, Lodz"],
    ['substring("Ångström", 0, 4)', "Ångs"],
    ['firstNonEmpty(["", drupal.field_nobody, "c"])', "c"],
    ["mailLocal(drupal.mail)", "ada.lovelace"],
    ["mailDomain(drupal.mail)", "contoso.example"],
    ['drupal.field_department == "R&D" ? "Research" : drupal.field_department', "Research"],
  ];
  for (const [expression, value] of helpers) {
    it(`has the helpers that people need: ${expression}`, () => {
      const drupal = { field_nobody: null };
      expect(asked([{ kind: "expression", expression, entra: "city" }], { drupal })).toEqual([
        value,
      ]);
    });
  }
});

describe("values of Drupal's field types", () => {
  const fields = {
    field_number: { type: "integer" },
    field_decimal: { type: "decimal" },
    field_flag: { type: "boolean" },
    field_office: { type: "list", values: ["hq", "branch"] },
    field_start: { type: "date" },
    field_review: { type: "datetime" },
    field_phones: { type: "text", multiple: true },
    field_team: { type: "term", vocabulary: "teams" },
    field_manager: { type: "user" },
    preferred_langcode: { type: "language", values: ["en", "pt-br"] },
  };
  const out: readonly (readonly [string, string, unknown, unknown])[] = [
    ["field_number", "employeeId", 4711, "4711"],
    ["field_decimal", "city", "4.5", "4.5"],
    ["field_flag", "city", true, "true"],
    ["field_start", "employeeHireDate", "2026-01-05", "2026-01-05T00:00:00Z"],
    ["field_phones", "otherMails", ["a@b.example", "c@d.example"], ["a@b.example", "c@d.example"]],
    ["field_phones", "businessPhones", ["+49 1"], ["+49 1"]],
    ["field_phones", "businessPhones", ["+49 1", "+49 2"], "severalValues"],
    ["field_department", "businessPhones", "+49 1", ["+49 1"]],
    ["field_team", "department", "Research", "Research"],
    ["preferred_langcode", "preferredLanguage", "pt-br", "pt-br"],
    ["field_manager", "manager", "m-1", "M1"],
    ["field_manager", "manager", "m-2", "referenceNotLinked"],
  ];
  for (const [drupal, entra, value, expected] of out) {
    it(`go to Entra: ${drupal} ${JSON.stringify(value)} to ${entra}`, () => {
      const row = { kind: "direct", drupal, entra };
      const references = { entraIdOf: { "m-1": "M1" }, drupalUuidOf: {} };
      const given = { drupal: { [drupal]: value } as Attributes, fields, references };
      expect(asked([row], given)).toEqual([expected]);
    });
  }

  const into: readonly (readonly [string, string, unknown, unknown])[] = [
    ["employeeId", "field_number", "4711", 4711],
    ["employeeId", "field_number", "47a", "invalidValue"],
    ["employeeId", "field_number", "99999999999", "invalidValue"],
    ["city", "field_decimal", "4.5", "4.5"],
    ["city", "field_flag", "true", true],
    ["city", "field_flag", "yes", "invalidValue"],
    ["city", "field_office", "hq", "hq"],
    ["city", "field_office", "HQ", "invalidValue"],
    ["employeeHireDate", "field_start", "2026-01-05T00:00:00Z", "2026-01-05"],
    ["employeeHireDate", "field_review", "2026-01-05T10:00:00Z", "2026-01-05T10:00:00+00:00"],
    ["businessPhones", "field_phones", ["+49 1"], ["+49 1"]],
    ["otherMails", "field_department", ["a@b.example", "c@d.example"], "severalValues"],
    ["preferredLanguage", "preferred_langcode", "en-US", "en"],
    ["preferredLanguage", "preferred_langcode", "de-DE", "invalidValue"],
    ["city", "timezone", "Europe/Berlin", "Europe/Berlin"],
    ["city", "timezone", "W. Europe Standard Time", "invalidValue"],
    ["displayName", "field_department", "x".repeat(256), "valueTooLong"],
    ["manager", "field_manager", "M1", "m-1"],
  ];
  for (const [entra, drupal, value, expected] of into) {
    it(`come from Entra: ${entra} ${JSON.stringify(value).slice(0, 40)} to ${drupal}`, () => {
      const references = { entraIdOf: {}, drupalUuidOf: { M1: "m-1" } };
      const given = { entra: { [entra]: value } as Attributes, fields, references };
      expect(asked([back(entra, drupal)], given)).toEqual([expected]);
    });
  }
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
      scope: {
        drupalToEntra: { anyOf: [[{ attribute: "mail", operator: "matches", pattern: "(a)\\1" }]] },
      },
    });
    const paths = parsed.ok ? [] : parsed.faults.map((fault) => fault.path).toSorted();
    expect(paths).toEqual([
      "account.marker",
      "account.userPrincipalName",
      "attributes.1.entra",
      "attributes.2.expression",
      "attributes.3.entra",
      "extra",
      "scope.drupalToEntra.anyOf.0.0.pattern",
      "states.drupalToEntra.disabled",
      "states.drupalToEntra.graceDays",
    ]);
  });

  const unsound: readonly (readonly [string, object, string])[] = [
    [
      "a value that would run in a circle",
      {
        attributes: [
          { kind: "direct", drupal: "field_a", entra: "city" },
          { kind: "direct", drupal: "field_b", entra: "city", flow: "entraToDrupal" },
          { kind: "expression", expression: "drupal.field_b", entra: "state" },
          { kind: "direct", drupal: "field_a", entra: "state", flow: "entraToDrupal" },
        ],
      },
      "attributes.0.flow",
    ],
    [
      "an expression that flows both ways",
      {
        attributes: [
          { kind: "expression", expression: '"x"', drupal: "field_a", entra: "city", flow: "both" },
        ],
      },
      "attributes.0.flow",
    ],
    [
      "a privileged role that is not allowed by name",
      {
        roles: {
          map: [{ drupal: "administrator", entraGroups: ["aaaaaaaa-0000-4000-8000-000000000001"] }],
        },
      },
      "roles.map.0.allowPrivileged",
    ],
    [
      "a role that would protect its holders from us",
      {
        roles: {
          map: [
            {
              drupal: "administrator",
              allowPrivileged: true,
              entraGroups: ["aaaaaaaa-0000-4000-8000-000000000001"],
            },
          ],
        },
      },
      "roles.map.0.drupal",
    ],
    [
      "a manager from a field that refers to nobody",
      { attributes: [{ kind: "direct", drupal: "field_boss", entra: "manager" }] },
      "attributes.0.entra",
    ],
  ];
  for (const [what, document, path] of unsound) {
    it(`is refused for ${what}`, () => {
      const parsed = parseSyncConfiguration(document);
      expect(parsed.ok ? [] : parsed.faults.map((fault) => fault.path)).toContain(path);
    });
  }
});
