// A table of rows as large as it may be: its circles are found, and where there are none it is let through.
import { describe, expect, it } from "vitest";
import { parseSyncConfiguration } from "../../src/rules/configuration.ts";

const names = (from: number, to: number, prefix: string) =>
  Array.from({ length: to - from }, (_, index) => `drupal.${prefix}${from + index}`);

describe("a large mapping", () => {
  // Each value is computed from all that come before it, and goes on to the next.
  const attributes = Array.from({ length: 50 }, (_, row) => [
    {
      kind: "expression",
      entra: `e${row}`,
      expression: `firstNonEmpty([${names(0, row, "d")}]) + firstNonEmpty([${names(0, 40, "x")}])`,
    },
    { kind: "direct", flow: "entraToDrupal", entra: `e${row}`, drupal: `d${row}` },
  ]).flat();

  it("is let through where its values run on without coming back", () => {
    const parsed = parseSyncConfiguration({ attributes });
    expect(parsed.ok ? [] : parsed.faults.slice(0, 3)).toEqual([]);
  });

  it("is refused when one of its values would come back to where it started", () => {
    const chain = Array.from({ length: 40 }, (_, index) => [
      { kind: "direct", drupal: `field_c${index}`, entra: `entraC${index}` },
      {
        kind: "direct",
        flow: "entraToDrupal",
        entra: `entraC${index}`,
        drupal: `field_c${(index + 1) % 40}`,
      },
    ]).flat();
    const whole = parseSyncConfiguration({ attributes: chain });
    expect(whole.ok ? 0 : whole.faults.length).toBe(80);
    expect(parseSyncConfiguration({ attributes: chain.slice(0, -1) }).ok).toBe(true);
  });
});
