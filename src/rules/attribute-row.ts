// One row of the attribute mapping as the admin writes it, and what makes a table of rows sound: no target twice, no
// value that could run in a circle.
import { z } from "zod";
import { compileExpression } from "./expressions.ts";
import type { System } from "./users.ts";

/** An expression of the mapping, checked when the document is. */
export const expressionSchema = z
  .string()
  .min(1)
  .max(1024)
  .describe(
    "A CEL expression over drupal.<field> or entra.<property>, such as upper(drupal.field_last_name).",
  )
  .superRefine((text, context) => {
    const compiled = compileExpression(text);
    if (!compiled.ok) context.addIssue({ code: "custom", message: compiled.fault });
  });

/** The name of a field or property; a path such as `onPremisesExtensionAttributes.extensionAttribute1` is one name. */
export const attributeName = z
  .string()
  .refine((name) => !(name in Object.prototype), "is not the name of an attribute")
  .regex(/^[A-Za-z][A-Za-z0-9_.]{0,119}$/, "must be an attribute name such as department")
  .describe("A Drupal field or an Entra property; a dotted path is one name.");

const drupalName = attributeName.describe(
  "Machine name of the Drupal field, such as field_department.",
);
const entraName = attributeName.describe(
  "Entra property, such as department or onPremisesExtensionAttributes.extensionAttribute1.",
);

const common = {
  flow: z
    .enum(["drupalToEntra", "entraToDrupal", "both"])
    .default("drupalToEntra")
    .describe("Which way values go. both is for direct rows."),
  authority: z
    .enum(["drupal", "entra", "newest", "manual"])
    .default("drupal")
    .describe(
      "Whose value counts when both sides changed since they last agreed; manual waits for an operator.",
    ),
  apply: z
    .enum(["always", "create", "ownAccounts"])
    .default("always")
    .describe(
      "create: a starting value, never touched again. ownAccounts: only in accounts that the sync itself made.",
    ),
  whenEmpty: z
    .enum(["keep", "clear"])
    .default("keep")
    .describe("What an empty source means for the target: leave its value, or clear it."),
  default: z.string().max(1024).optional().describe("Written when the source is empty."),
};

/** One row of the attribute mapping. */
export const attributeRowSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("direct").describe("The value of one side is the value of the other."),
    drupal: drupalName,
    entra: entraName,
    ...common,
  }),
  z.strictObject({
    kind: z.literal("constant").describe("The target always holds the same value."),
    value: z.string().max(1024).describe("The value to write."),
    drupal: drupalName.optional(),
    entra: entraName.optional(),
    ...common,
  }),
  z.strictObject({
    kind: z.literal("expression").describe("The target's value is computed from the source."),
    expression: expressionSchema,
    drupal: drupalName.optional(),
    entra: entraName.optional(),
    ...common,
  }),
]);

/** A parsed row. */
export type AttributeRow = z.infer<typeof attributeRowSchema>;

/** The systems that a row may write. */
export function targetsOf(row: AttributeRow): readonly System[] {
  if (row.flow === "both") return ["entra", "drupal"];
  return row.flow === "drupalToEntra" ? ["entra"] : ["drupal"];
}

/** The name under which the link keeps a row's base: it changes with the pair and with the flow of a one-way row. */
export function keyOf(row: AttributeRow): string {
  if (row.flow === "both") return `${row.drupal}<>${row.entra}`;
  return row.flow === "drupalToEntra" ? `>${row.entra}` : `<${row.drupal}`;
}

/** The name of a row's end in `system`, from its key; null where that end is computed. */
export function targetOfKey(key: string, system: System): string | null {
  const [drupal = "", entra = ""] = key.split(/<>|[<>]/);
  if (key.startsWith("<")) return system === "drupal" ? entra : null;
  if (key.startsWith(">")) return system === "entra" ? entra : null;
  return system === "drupal" ? drupal : entra;
}

/**
 * Properties that the sync itself decides: they are not attributes of a mapping.
 * State follows the state matrix, names follow `account`, roles follow `roles`.
 */
const RESERVED: Readonly<Record<System, readonly string[]>> = {
  entra: ["id", "accountEnabled", "userPrincipalName", "mailNickname", "passwordProfile"],
  drupal: ["uid", "uuid", "name", "status", "pass", "roles", "changed", "created", "user_picture"],
};

interface Fault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

function faultsOfRow(row: AttributeRow, index: number): Fault[] {
  const at = (name: string, message: string): Fault => ({ path: [index, name], message });
  const targets = targetsOf(row);
  const faults = targets.flatMap((system) => {
    const name = row[system];
    if (name === undefined) return [at(system, `the ${row.flow} row needs the name of its target`)];
    return RESERVED[system].includes(name)
      ? [at(system, `${name} is decided by the sync and cannot be mapped`)]
      : [];
  });
  if (row.kind !== "direct" && row.flow === "both")
    faults.push(at("flow", "only a direct row can flow both ways"));
  const source = row.flow === "drupalToEntra" ? "drupal" : "entra";
  if (row.kind !== "direct" && row.flow !== "both" && row[source] !== undefined)
    faults.push(at(source, "a constant or expression has no other source"));
  if (row.kind === "expression" && row.flow !== "both") {
    const compiled = compileExpression(row.expression);
    const other = source === "drupal" ? "entra" : "drupal";
    if (compiled.ok && compiled.reads(other))
      faults.push(at("expression", `a ${row.flow} row reads ${source}, not ${other}`));
  }
  if (row.flow === "both" && row.default !== undefined)
    faults.push(at("default", "a default needs one direction"));
  if (row.flow === "both" && row.apply !== "always")
    faults.push(at("apply", "a row that flows both ways always applies"));
  return faults;
}

function faultsOfTargets(rows: readonly AttributeRow[]): Fault[] {
  const seen = new Set<string>();
  return rows.flatMap((row, index) =>
    targetsOf(row).flatMap((system) => {
      const target = `${system}.${row[system]}`;
      const isTwice = row[system] !== undefined && seen.has(target);
      seen.add(target);
      return isTwice
        ? [{ path: [index, system], message: `${row[system]} is mapped twice` } as Fault]
        : [];
    }),
  );
}

const sourcesOf = (row: AttributeRow): string[] => {
  const source = row.flow === "drupalToEntra" ? "drupal" : "entra";
  if (row.kind === "direct") return [`${source}.${row[source]}`];
  if (row.kind === "constant") return [];
  const compiled = compileExpression(row.expression);
  return compiled.ok ? compiled[source].map((name) => `${source}.${name}`) : [];
};

/** A place, and all to which a value runs on from there. */
function placesFrom(
  start: string,
  next: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlySet<string> {
  const seen = new Set([start]);
  // A set that grows while it is walked through gives what was added, too.
  for (const place of seen) for (const to of next.get(place) ?? []) seen.add(to);
  return seen;
}

// Both ends of a two-way row are one place. A path that leads from a place back to itself would let a value run for ever.
function faultsOfCircles(rows: readonly AttributeRow[]): Fault[] {
  const place = new Map<string, string>();
  for (const row of rows)
    if (row.flow === "both") place.set(`entra.${row.entra}`, `drupal.${row.drupal}`);
  const placeOf = (name: string): string => place.get(name) ?? name;
  const edges = rows.flatMap((row, index) => {
    if (row.flow === "both") return [];
    const [system] = targetsOf(row);
    const to = placeOf(`${system}.${system === undefined ? "" : row[system]}`);
    return sourcesOf(row).map((from) => ({ from: placeOf(from), to, index }));
  });
  const next = new Map<string, Set<string>>();
  for (const { from, to } of edges) next.set(from, (next.get(from) ?? new Set()).add(to));
  // Once for each target, of which there are at most as many as rows: each walk passes each place once.
  const reached = new Map<string, ReadonlySet<string>>();
  const placesAfter = (start: string): ReadonlySet<string> => {
    const seen = reached.get(start) ?? placesFrom(start, next);
    reached.set(start, seen);
    return seen;
  };
  const circular = new Set(
    edges.filter(({ from, to }) => placesAfter(to).has(from)).map(({ index }) => index),
  );
  return [...circular].map((index) => ({
    path: [index, "flow"],
    message: "the value would come back to where it started: use one direct row with flow both",
  }));
}

/** Every fault of a table of rows, each with the path of its row. */
export function faultsOfRows(rows: readonly AttributeRow[]): Fault[] {
  return [...rows.flatMap(faultsOfRow), ...faultsOfTargets(rows), ...faultsOfCircles(rows)];
}
