// Names for Entra accounts, from whatever a Drupal site allows.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { collisionCandidates, userPrincipalNameLocalPart } from "../../src/rules/entra-names.ts";

const UUID = "57a4d554-400c-4bda-83f8-44d67f8d0801";

describe("the local part of a UPN", () => {
  const table: readonly (readonly [string, string])[] = [
    ["ada.lovelace", "ada.lovelace"],
    ["Jürgen Weiß", "jurgen.weiss"],
    ["Łukasz Ångström", "lukasz.angstrom"],
    ["O'Neill", "o'neill"],
    ["ada+test@contoso.example", "ada.test"],
    ["  spaced   out ", "spaced.out"],
    ["..dots..", "dots"],
    ["Ольга", "user-57a4d554"],
    ["🙂", "user-57a4d554"],
    ["x_#EXT#", "x_.ext"],
  ];
  for (const [name, expected] of table) {
    it(`of "${name}" is ${expected}`, () => {
      expect(userPrincipalNameLocalPart(name, UUID)).toBe(expected);
    });
  }

  it("is one that Graph accepts, for any name, also with a collision suffix", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 90 }), (name) => {
        for (const local of collisionCandidates(userPrincipalNameLocalPart(name, UUID), UUID)) {
          expect(local).toMatch(/^[a-z0-9'._-]{1,64}$/);
          expect(local).not.toMatch(/^\.|\.$|\.\./);
        }
      }),
    );
  });

  it("has candidates that differ, the last of which only this user can have", () => {
    const candidates = collisionCandidates("x".repeat(64), UUID);
    expect(new Set(candidates).size).toBe(candidates.length);
    expect(candidates.at(-1)).toContain(UUID.slice(0, 8));
  });
});
