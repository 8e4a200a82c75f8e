// Rows of the attribute mapping as they are edited: what follows when a row gets another kind or another way.
import { isObject, isSame, type Json, type JsonObject, textAt } from "./json.ts";

type Flow = "drupalToEntra" | "entraToDrupal" | "both";
type Kind = "direct" | "constant" | "expression";

const without = (row: JsonObject, ...names: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)));

/** Which way a row flows. */
export function flowOf(row: JsonObject): Flow {
  const flow = textAt(row, "flow");
  return flow === "both" || flow === "entraToDrupal" ? flow : "drupalToEntra";
}

/** What a row's value is. */
export function kindOf(row: JsonObject): Kind {
  const kind = textAt(row, "kind");
  return kind === "constant" || kind === "expression" ? kind : "direct";
}

/** The end that a row reads, and the one that it writes; of both ways, as Drupal's is shown first. */
export const endsOf = (
  row: JsonObject,
): { source: "drupal" | "entra"; target: "drupal" | "entra" } =>
  flowOf(row) === "entraToDrupal"
    ? { source: "entra", target: "drupal" }
    : { source: "drupal", target: "entra" };

/** The row with another kind. A computed row has no source of its own and one way; what was the source becomes the text. */
export function withKind(row: JsonObject, kind: Kind): JsonObject {
  if (kindOf(row) === kind) return row;
  const { source } = endsOf(row);
  const name = textAt(row, source);
  const bare = without(row, "expression", "value", "kind");
  if (kind === "direct") return { kind, ...bare, [source]: name };
  const oneWay = flowOf(row) === "both" ? without(bare, "flow", "authority") : bare;
  const computed = without(oneWay, source, "default");
  if (kind === "constant") return { kind, ...without(computed, "whenEmpty"), value: "" };
  return { kind, ...computed, expression: name === "" ? "" : `${source}.${name}` };
}

/** The row with another way. Both ways have no default and always apply; a computed row takes its target's place. */
export function withFlow(row: JsonObject, flow: Flow): JsonObject {
  const turned = { ...row, flow };
  if (flow === "both") return without(turned, "default", "apply");
  const oneWay = without(turned, "authority");
  if (kindOf(row) === "direct") return oneWay;
  const { source, target } = endsOf(oneWay);
  return { ...without(oneWay, source), [target]: textAt(row, target) };
}

/** The row with another value of one setting; undefined takes it away. */
export function withSetting(row: JsonObject, name: string, value: Json | undefined): JsonObject {
  return value === undefined ? without(row, name) : { ...row, [name]: value };
}

/** The name under which an explanation tells of a row, as rules/attribute-row makes it. */
export function keyOfRow(row: JsonObject): string {
  const [drupal, entra] = [textAt(row, "drupal"), textAt(row, "entra")];
  switch (flowOf(row)) {
    case "both":
      return `${drupal}<>${entra}`;
    case "drupalToEntra":
      return `>${entra}`;
    case "entraToDrupal":
      return `<${drupal}`;
  }
}

/** A row in one line, such as "field_department ⇄ department". */
export function nameOfRow(row: JsonObject): string {
  const arrow = { both: "⇄", drupalToEntra: "→", entraToDrupal: "←" }[flowOf(row)];
  const kind = kindOf(row);
  const end = (system: "drupal" | "entra") => {
    if (kind !== "direct" && system === endsOf(row).source)
      return kind === "constant" ? `“${textAt(row, "value")}”` : "an expression";
    return textAt(row, system) || "…";
  };
  return `${end("drupal")} ${arrow} ${end("entra")}`;
}

const sharesEnd = (one: JsonObject, row: JsonObject): boolean =>
  (["drupal", "entra"] as const).some(
    (end) => textAt(one, end) !== "" && textAt(one, end) === textAt(row, end),
  );

/** What a row was when it was saved: the one of its key, or one at an end of it that no other row of the draft is. */
export function savedRowOf(
  row: JsonObject,
  { saved, draft }: { readonly saved: readonly Json[]; readonly draft: readonly Json[] },
): JsonObject | undefined {
  const rows = saved.filter(isObject);
  const taken = new Set(draft.filter(isObject).map(keyOfRow));
  return (
    rows.find((one) => keyOfRow(one) === keyOfRow(row)) ??
    rows.find((one) => !taken.has(keyOfRow(one)) && sharesEnd(one, row))
  );
}

/** What became of a row since it was saved. Rows are known by their ends, wherever they stand. */
export function newsOf(row: JsonObject, saved: readonly Json[]): "new" | "changed" | null {
  if (saved.some((one) => isSame(one, row))) return null;
  const key = keyOfRow(row);
  const touches = (one: Json) => isObject(one) && (keyOfRow(one) === key || sharesEnd(one, row));
  return saved.some(touches) ? "changed" : "new";
}

/** The saved rows of which the draft has nothing any more. */
export function droppedRows(saved: readonly Json[], draft: readonly Json[]): JsonObject[] {
  const rows = draft.filter(isObject);
  return saved.filter(isObject).filter((one) => !rows.some((row) => newsOf(row, [one]) !== "new"));
}
