// What the audit log says about a change of the configuration.
import { describe, expect, it } from "vitest";
import { configurationChanges } from "../../src/rules/configuration-changes.ts";

const told = (before: unknown, after: unknown) =>
  configurationChanges(before, after).map((one) => [one.attribute, one.before, one.after]);
const row = { kind: "direct", drupal: "mail", entra: "mail" };

describe("the changes of a configuration", () => {
  it.each([
    ["nothing", { a: [1, { b: null }] }, { a: [1, { b: null }] }, []],
    ["the order of names", { a: 1, b: 2 }, { b: 2, a: 1 }, []],
    ["a value", { guests: false }, { guests: true }, [["guests", "false", "true"]]],
    ["a new part", {}, { guests: true }, [["guests", null, "true"]]],
    [
      "a part that is gone",
      { account: { domain: null } },
      {},
      [["account", '{"domain":null}', null]],
    ],
    [
      "null for nothing",
      { account: {} },
      { account: { domain: null } },
      [["account.domain", null, "null"]],
    ],
    [
      "one cell of a row",
      { attributes: [row] },
      { attributes: [{ ...row, flow: "both" }] },
      [["attributes.0.flow", null, '"both"']],
    ],
    [
      "the order of a list",
      { a: [1, 2] },
      { a: [2, 1] },
      [
        ["a.0", "1", "2"],
        ["a.1", "2", "1"],
      ],
    ],
    ["a longer list, as a whole", { a: [1] }, { a: [0, 1] }, [["a", "[1]", "[0,1]"]]],
    ["a list for an object", { a: [1] }, { a: { 0: 1 } }, [["a", "[1]", '{"0":1}']]],
    ["a document that was none", "{ guests", {}, [["document", '"{ guests"', "{}"]]],
  ])("tell %s", (_what, before, after, changes) => {
    expect(told(before, after)).toEqual(changes);
  });

  it("hold values of at most 1,000 characters, and name whole parts where many leaves changed", () => {
    const names = (prefix: string) =>
      Array.from({ length: 500 }, (_, index) => `${prefix}${index}`);
    const before = { guests: true, protected: { drupalNames: names("a") } };
    const after = { guests: true, protected: { drupalNames: names("b") } };
    const [only, ...others] = configurationChanges(before, after);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ attribute: "protected", why: "configurationChanged" });
    expect(String(only?.before)).toHaveLength(1000);
    expect(String(only?.after)).toMatch(/^\{"drupalNames":\["b0",.*…$/);
  });
});
