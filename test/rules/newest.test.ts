// Which edit is newer: only what the looks prove.
import { describe, expect, it } from "vitest";
import { newerSide, type SeenWindows, windowsAfter } from "../../src/rules/newest.ts";

const at = (minute: number): string => new Date(Date.UTC(2026, 10, 24, 8, minute)).toISOString();
const BASE = { drupal: "old", entra: "old" };

/** Looks at given minutes, each with what the sides hold and Drupal's `changed`. */
function looks(...seen: readonly (readonly [number, string, string, number])[]): SeenWindows {
  let known: SeenWindows | undefined;
  for (const [minute, drupal, entra, changed] of seen) {
    const noticed = { drupal: at(changed), entra: at(minute) };
    known = windowsAfter(known, BASE, { drupal, entra }, noticed, new Date(at(minute)));
  }
  if (known === undefined) throw new Error("no look");
  return known;
}

describe("the newer side", () => {
  it("is the one that was still as agreed when the other had changed already", () => {
    expect(
      newerSide(looks([0, "old", "old", 0], [10, "old", "new", 0], [20, "new", "new", 15])),
    ).toBe("drupal");
    expect(
      newerSide(looks([0, "old", "old", 0], [10, "new", "old", 9], [20, "new", "new", 9])),
    ).toBe("entra");
  });

  it("is not known where both changed between two looks, however late Drupal's `changed` is", () => {
    expect(newerSide(looks([0, "old", "old", 0], [60, "new", "new", 59]))).toBeNull();
    expect(newerSide(looks([60, "new", "new", 1]))).toBeNull();
  });

  it("is not changed by a later save of another field", () => {
    const before = looks([0, "old", "old", 0], [10, "new", "old", 9], [20, "new", "new", 9]);
    const after = looks([0, "old", "old", 0], [10, "new", "old", 9], [20, "new", "new", 19]);
    expect(newerSide(after)).toBe(newerSide(before));
  });
});
