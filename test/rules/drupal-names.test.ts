// Names and UUIDs of accounts that we make in Drupal: always valid, readable, and the same for the same user.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drupalNameCandidates, drupalNameOf, drupalUuidFor } from "../../src/rules/drupal-names.ts";

const ID = "8f14e45f-ceea-467f-a34b-2c1d3e4f5a6b";
const table: readonly (readonly [string, string])[] = [
  ["ada.lovelace@contoso.example", "ada.lovelace"],
  ["jürgen@contoso.example", "jürgen"],
  ["john_doe_example.org#EXT#@contoso.onmicrosoft.com", "john_doe"],
  ["o'neill@contoso.example", "o'neill"],
  ["a<b>c/d@contoso.example", "a.b.c.d"],
  ["...", "user-8f14e45f"],
  ["x".repeat(80), "x".repeat(60)],
];

describe("a name for Drupal", () => {
  for (const [text, name] of table) {
    it(`made from ${text.slice(0, 40)} is ${name.slice(0, 40)}`, () => {
      expect(drupalNameOf(text, ID)).toBe(name);
    });
  }

  it("is one that Drupal takes, whatever it is made from", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 120 }), (text) => {
        for (const name of drupalNameCandidates(drupalNameOf(text, ID), ID)) {
          expect(name.length).toBeGreaterThan(0);
          expect(name.length).toBeLessThanOrEqual(60);
          expect(name).toBe(name.trim());
          expect(name).not.toMatch(/ {2}|[<>#"\\/:;,|=*?%&]/);
        }
      }),
      { numRuns: 5000 },
    );
  });
});

describe("the UUID for an Entra user", () => {
  it("is of version 5, in lower case, the same each time, and another for another user", () => {
    expect(drupalUuidFor(ID)).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(drupalUuidFor(ID.toUpperCase())).toBe(drupalUuidFor(ID));
    expect(drupalUuidFor("8f14e45f-ceea-467f-a34b-2c1d3e4f5a6c")).not.toBe(drupalUuidFor(ID));
  });
});
