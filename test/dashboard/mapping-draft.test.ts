// The draft of the mapping: it stays as short as its admin wrote it, knows what it changes.
import { describe, expect, it } from "vitest";
import {
  changedDraft,
  changedParts,
  effective,
} from "../../src/dashboard/pages/mapping/draft-changes.ts";
import type { JsonObject } from "../../src/dashboard/pages/mapping/json.ts";
import { syncConfigurationJsonSchema } from "../../src/rules/configuration.ts";

const schema: JsonObject = JSON.parse(JSON.stringify(syncConfigurationJsonSchema()));
const change = (
  saved: JsonObject,
  draft: JsonObject,
  ...args: [(string | number)[], JsonObject[string]]
) => changedDraft({ schema, saved, draft }, ...args);
const parts = (before: JsonObject, after: JsonObject) =>
  changedParts(effective(schema, before), effective(schema, after));

describe("an edit", () => {
  it("writes the place, and nothing of the defaults around it", () => {
    expect(change({}, {}, ["photos", "size"], 120)).toEqual({ photos: { size: 120 } });
    expect(change({}, {}, ["scope", "entraToDrupal", "entraGroups"], ["g"])).toEqual({
      scope: { entraToDrupal: { entraGroups: ["g"] } },
    });
  });

  it("of one row writes the other rows of the default list as they are", () => {
    const draft = change({}, {}, ["attributes", 0, "apply"], "create");
    expect(draft.attributes).toHaveLength(5);
    expect(parts({}, draft)).toEqual(["1 row"]);
  });

  it("that is taken back leaves no trace", () => {
    const draft = change({}, {}, ["attributes", 1, "flow"], "drupalToEntra");
    expect(draft).not.toEqual({});
    expect(change({}, draft, ["attributes", 1, "flow"], "both")).toEqual({});
    const saved = { guests: false };
    expect(change(saved, change(saved, saved, ["guests"], true), ["guests"], false)).toEqual(saved);
  });

  it("of a list keeps the rows that say what they said as they were written", () => {
    const first = { kind: "direct", drupal: "a", entra: "city", apply: "always" };
    const second = { kind: "direct", drupal: "b", entra: "state", whenEmpty: "keep" };
    const saved = { attributes: [first, second] };
    const full = effective(schema, saved).attributes;
    const rows = Array.isArray(full) ? full : [];
    const added = { kind: "direct", drupal: "c", entra: "country", apply: "always" };
    expect(change(saved, saved, ["attributes"], [...rows, added]).attributes).toEqual([
      first,
      second,
      { kind: "direct", drupal: "c", entra: "country" },
    ]);
  });

  it("under a switched-off limit writes the limit out", () => {
    const none = { thresholds: { deletes: null } };
    expect(change(none, none, ["thresholds", "deletes"], {})).toEqual({
      thresholds: { deletes: {} },
    });
  });
});

describe("what a draft changes", () => {
  const rows = [
    { kind: "direct", drupal: "a", entra: "city" },
    { kind: "direct", drupal: "b", entra: "state" },
  ];

  it("counts rows that are new, changed or gone, once each", () => {
    const after = [
      { ...rows[0], flow: "both" },
      { kind: "constant", entra: "country", value: "CH" },
    ];
    expect(parts({ attributes: rows }, { attributes: after })).toEqual(["3 rows"]);
  });

  it("tells an order of rows from a change of rows", () => {
    expect(parts({ attributes: rows }, { attributes: rows.toReversed() })).toEqual([
      "order of the rows",
    ]);
  });

  it("is nothing when a default is only written out", () => {
    expect(parts({}, { guests: false, photos: { size: 240 } })).toEqual([]);
  });
});
