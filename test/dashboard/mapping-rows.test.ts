// Rows of the attribute mapping as they are edited: what an edit leaves is a row that the sync takes.
import { describe, expect, it } from "vitest";
import {
  droppedRows,
  keyOfRow,
  nameOfRow,
  newsOf,
  savedRowOf,
  withFlow,
  withKind,
} from "../../src/dashboard/pages/mapping/row-edits.ts";
import { type AttributeRow, keyOf } from "../../src/rules/attribute-row.ts";
import { parseSyncConfiguration } from "../../src/rules/configuration.ts";

const direct = {
  kind: "direct",
  drupal: "field_a",
  entra: "city",
  flow: "drupalToEntra",
  apply: "create",
  default: "x",
};
const KINDS = ["direct", "constant", "expression"] as const;
const FLOWS = ["drupalToEntra", "entraToDrupal", "both"] as const;

const faultsOf = (row: unknown) => {
  const parsed = parseSyncConfiguration({ attributes: [row] });
  return parsed.ok ? [] : parsed.faults.map(({ path, message }) => `${path}: ${message}`);
};

describe("a row", () => {
  it.each(FLOWS.flatMap((flow) => KINDS.map((kind) => [flow, kind] as const)))(
    "that goes %s becomes %s without a fault",
    (flow, kind) => {
      expect(faultsOf(withKind(withFlow(direct, flow), kind))).toEqual([]);
    },
  );

  it("that computes what it read before it was an expression", () => {
    expect(withKind(direct, "expression")).toMatchObject({ expression: "drupal.field_a" });
    expect(withKind(withFlow(direct, "entraToDrupal"), "expression")).toEqual({
      kind: "expression",
      drupal: "field_a",
      flow: "entraToDrupal",
      apply: "create",
      expression: "entra.city",
    });
  });

  it("that is computed and turned round asks for a place of the other side", () => {
    const turned = withFlow({ kind: "constant", value: "CH", entra: "country" }, "entraToDrupal");
    expect(turned).toEqual({
      kind: "constant",
      value: "CH",
      drupal: "",
      flow: "entraToDrupal",
    });
  });

  it("has the key by which an explanation tells of it", () => {
    for (const flow of FLOWS) {
      const row = withFlow({ kind: "direct", drupal: "field_a", entra: "city" }, flow);
      const parsed = parseSyncConfiguration({ attributes: [row] });
      const read: AttributeRow | undefined = parsed.ok
        ? parsed.configuration.attributes[0]
        : undefined;
      expect(read && keyOf(read)).toBe(keyOfRow(row));
    }
  });

  it("is called by its ends", () => {
    expect(nameOfRow(withFlow(direct, "both"))).toBe("field_a ⇄ city");
    expect(nameOfRow({ kind: "constant", value: "CH", entra: "country" })).toBe("“CH” → country");
  });

  it("is new, changed or as it was, wherever it stands", () => {
    const saved = [{ kind: "constant", entra: "country", value: "CH" }, direct];
    expect(newsOf(direct, saved)).toBeNull();
    expect(newsOf({ ...direct, entra: "state" }, saved)).toBe("changed");
    expect(newsOf({ kind: "direct", drupal: "b", entra: "state" }, saved)).toBe("new");
    expect(droppedRows(saved, [{ ...direct, flow: "both" }])).toEqual([saved[0]]);
  });

  it("is known as the row that it was, also when it goes another way", () => {
    const other = { kind: "direct", drupal: "field_a", entra: "state" };
    const saved = [direct, other];
    const turned = withFlow(direct, "both");
    expect(savedRowOf(turned, { saved, draft: [turned, other] })).toEqual(direct);
    expect(savedRowOf(other, { saved, draft: [turned, other] })).toEqual(other);
  });

  it("that is new was none, even if it reads what another row reads", () => {
    const added = { kind: "direct", drupal: "field_a", entra: "country" };
    expect(savedRowOf(added, { saved: [direct], draft: [direct, added] })).toBeUndefined();
  });
});
