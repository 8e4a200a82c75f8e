// Texts of the configuration: where one stops being JSON, where each place of it stands, and how two differ.
import { describe, expect, it } from "vitest";
import { aroundChanges, diffOf } from "../../src/dashboard/pages/mapping/line-diff.ts";
import { linesOf, parsedText } from "../../src/dashboard/pages/mapping/parse-fault.ts";

describe("a text that is not JSON", () => {
  it("is told with the line at which it stops being JSON", () => {
    const { fault } = parsedText('{\n  "guests": true,\n  "photos" {}\n}');
    expect(fault).toEqual({ message: "Expected ':' after property name", line: 3 });
    expect(parsedText("").fault?.message).not.toBe("");
  });
});

describe("the lines of the places of a text", () => {
  it("are found whatever the text looks like", () => {
    const text = `{
  "attributes": [
    { "kind": "direct", "entra": "a, ]}\\"",
      "drupal": "b" },
    {}, [], 3
  ], "roles": { "map": [[1],
    { "drupal": "x" }] },
  "guests": false
}`;
    const lines = linesOf(text);
    expect(lines.get("attributes.0.entra")).toBe(3);
    expect(lines.get("attributes.0.drupal")).toBe(4);
    expect(lines.get("attributes.3")).toBe(5);
    expect(lines.get("roles.map.0.0")).toBe(6);
    expect(lines.get("roles.map.1.drupal")).toBe(7);
    expect(lines.get("guests")).toBe(8);
  });
});

describe("the difference of two texts", () => {
  const shown = (before: string, after: string) =>
    diffOf(before, after).map(
      ({ kind, text }) => `${{ same: " ", gone: "-", new: "+" }[kind]}${text}`,
    );

  it("keeps what both have, in order", () => {
    expect(shown("a\nb\nc\nd", "a\nc\nx\nd")).toEqual([" a", "-b", " c", "+x", " d"]);
    expect(shown("same", "same")).toEqual([" same"]);
    expect(shown("a\na", "a")).toEqual([" a", "-a"]);
  });

  it("gives both texts back", () => {
    const before = "one\ntwo\nthree\ntwo\nfour";
    const after = "two\nthree\nfour\nfive\ntwo";
    const diff = diffOf(before, after);
    const of = (kind: "gone" | "new") =>
      diff.filter((line) => line.kind === "same" || line.kind === kind).map(({ text }) => text);
    expect(of("gone").join("\n")).toBe(before);
    expect(of("new").join("\n")).toBe(after);
  });

  it("counts what is alike and far from a change", () => {
    const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
    const around = aroundChanges(diffOf(lines.join("\n"), lines.with(10, "other").join("\n")));
    expect(around[0]).toEqual({ kind: "skipped", lines: 7 });
    expect(around.at(-1)).toEqual({ kind: "skipped", lines: 6 });
    expect(around).toHaveLength(10);
  });
});
