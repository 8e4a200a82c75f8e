// Two admins edit the configuration at once: the second loses nothing of the first one's rows, and hears what both have touched.
import { describe, expect, it } from "vitest";
import { effective } from "../../src/dashboard/pages/mapping/draft-changes.ts";
import { at, isList, type Json, type JsonObject } from "../../src/dashboard/pages/mapping/json.ts";
import { onTopOf } from "../../src/dashboard/pages/mapping/on-top-of.ts";
import {
  parseSyncConfiguration,
  syncConfigurationJsonSchema,
} from "../../src/rules/configuration.ts";

const schema: JsonObject = JSON.parse(JSON.stringify(syncConfigurationJsonSchema()));
const joined = (theirs: JsonObject, base: JsonObject, draft: JsonObject) =>
  onTopOf(theirs, { schema, base, draft });

const city = { kind: "direct", drupal: "a", entra: "city" };
const state = { kind: "direct", drupal: "b", entra: "state" };
const country = { kind: "constant", entra: "country", value: "CH" };
const mobile = { kind: "direct", drupal: "c", entra: "mobilePhone" };

describe("a draft on top of another's save", () => {
  const base = { guests: false, photos: { size: 120 }, matchUnproven: false };

  it("keeps their parts and its own", () => {
    const theirs = { ...base, photos: { size: 240 }, roles: {} };
    expect(joined(theirs, base, { ...base, guests: true })).toEqual({
      document: { guests: true, photos: { size: 240 }, matchUnproven: false, roles: {} },
      both: [],
    });
  });

  it("names what both have changed, and takes a part away that it took away", () => {
    const { guests: _guests, ...draft } = { ...base, photos: { size: 48 } };
    const { document, both } = joined({ ...base, photos: { size: 96 } }, base, draft);
    expect("guests" in document).toBe(false);
    expect(document.photos).toEqual({ size: 48 });
    expect(both).toEqual(["pictures"]);
  });

  it("keeps the rows that either of them added, changed or took away", () => {
    const rows = { attributes: [city, state, mobile] };
    const theirs = { attributes: [{ ...city, whenEmpty: "clear" }, mobile, country] };
    const draft = {
      attributes: [city, state, { ...mobile, apply: "create" }, { ...state, entra: "jobTitle" }],
    };
    expect(joined(theirs, rows, draft)).toEqual({
      document: {
        attributes: [
          { ...city, whenEmpty: "clear" },
          { ...mobile, apply: "create" },
          country,
          { ...state, entra: "jobTitle" },
        ],
      },
      both: [],
    });
  });

  it("names only the row that both have changed, and keeps the other of theirs", () => {
    const rows = { attributes: [city, state] };
    const theirs = {
      attributes: [
        { ...city, whenEmpty: "clear" },
        { ...state, apply: "create" },
      ],
    };
    const draft = { attributes: [{ ...city, default: "Bern" }, state] };
    expect(joined(theirs, rows, draft)).toEqual({
      document: {
        attributes: [
          { ...city, default: "Bern" },
          { ...state, apply: "create" },
        ],
      },
      both: ["a → city"],
    });
  });

  it("of a row that both turned round keeps one, and what comes out is a configuration", () => {
    const rows = { attributes: [city] };
    const theirs = { attributes: [{ ...city, flow: "both" }] };
    const draft = { attributes: [{ kind: "constant", entra: "city", value: "Bern" }] };
    const { document, both } = joined(theirs, rows, draft);
    expect(document).toEqual(draft);
    expect(both).toEqual(["“Bern” → city"]);
    expect(parseSyncConfiguration(document).ok).toBe(true);
  });

  it("that took a row away which they changed says so", () => {
    const rows = { attributes: [city, state] };
    const theirs = { attributes: [{ ...city, apply: "create" }, state] };
    const { document, both } = joined(theirs, rows, { attributes: [state] });
    expect(document).toEqual({ attributes: [state] });
    expect(both).toEqual(["a → city"]);
  });

  it("knows the rows that nobody had written out before", () => {
    const full = effective(schema, {}).attributes;
    const rows: readonly Json[] = isList(full) ? full : [];
    const draft = { attributes: [...rows, city] };
    const theirs = { attributes: [...rows.slice(1), country] };
    const { document, both } = joined(theirs, {}, draft);
    expect(both).toEqual([]);
    expect(document.attributes).toEqual([...rows.slice(1), country, city]);
  });

  it("joins both admins' names and roles, and keeps its own order of keys", () => {
    const keys = [
      { drupal: "mail", entra: "mail" },
      { drupal: "name", entra: "employeeId" },
    ];
    const third = { drupal: "mail", entra: "userPrincipalName" };
    const editor = { drupal: "editor", entraGroups: ["g1"] };
    const before = { matching: keys, protected: { drupalRoles: ["administrator"] } };
    const theirs = {
      matching: [...keys, third],
      protected: { drupalRoles: ["administrator", "auditor"] },
      roles: { map: [editor] },
    };
    const draft = {
      matching: keys.toReversed(),
      protected: { drupalRoles: ["administrator", "board"] },
      roles: { map: [{ drupal: "author", entraGroups: ["g2"] }] },
    };
    const { document, both } = joined(theirs, before, draft);
    expect(both).toEqual([]);
    expect(document.matching).toEqual([...keys.toReversed(), third]);
    expect(at(document, ["protected", "drupalRoles"])).toEqual([
      "administrator",
      "auditor",
      "board",
    ]);
    expect(at(document, ["roles", "map"])).toEqual([
      editor,
      { drupal: "author", entraGroups: ["g2"] },
    ]);
  });

  it("takes the place of a whole list whose rows cannot be told apart, and says so", () => {
    const rows = { attributes: [city] };
    const twice = { attributes: [city, mobile, mobile] };
    expect(joined({ attributes: [city, country] }, rows, twice)).toEqual({
      document: twice,
      both: ["attributes"],
    });
  });
});
