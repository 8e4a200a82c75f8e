// Scoping: which users a direction serves. Clauses are joined by AND inside a group, and groups by OR, as in Entra.
import { RE2JS } from "re2js";
import { z } from "zod";
import { attributeName } from "./attribute-row.ts";
import type { Reason } from "./plan.ts";
import type { Attributes, AttributeValue } from "./users.ts";
import { canonical, folded } from "./values.ts";

const text = z.string().min(1).max(1024);

// A pattern of the admin runs over values that people choose, on this process's only thread: RE2 takes linear time.
const boundedPattern = z
  .string()
  .min(1)
  .max(200)
  .superRefine((pattern, context) => {
    try {
      RE2JS.compile(pattern);
    } catch {
      const message = "is not a regular expression (RE2: no back references, no look-arounds)";
      context.addIssue({ code: "custom", message });
    }
  });

/** One clause. Text is compared without regard to case, as Entra does. */
export const scopeClauseSchema = z.discriminatedUnion("operator", [
  z.strictObject({
    attribute: attributeName,
    operator: z.enum(["equals", "notEquals", "contains", "startsWith", "endsWith"]),
    value: text.describe("Compared without regard to case."),
  }),
  z.strictObject({
    attribute: attributeName,
    operator: z.enum(["in", "notIn"]),
    values: z.array(text).min(1).max(1000),
  }),
  z.strictObject({
    attribute: attributeName,
    operator: z.enum(["matches", "notMatches"]),
    pattern: boundedPattern,
  }),
  z.strictObject({ attribute: attributeName, operator: z.enum(["isEmpty", "isNotEmpty"]) }),
  z.strictObject({
    attribute: attributeName,
    operator: z.enum(["greaterThan", "lessThan"]),
    value: text.describe("A number, or an ISO 8601 time."),
  }),
]);
type ScopeClause = z.infer<typeof scopeClauseSchema>;

/** The scope of one direction; an empty one serves everyone. */
export const scopeSchema = z.strictObject({
  anyOf: z
    .array(z.array(scopeClauseSchema).min(1).max(20))
    .max(20)
    .default([])
    .describe(
      "Any of these groups of clauses must hold; each holds when all of its clauses do. Empty: everyone.",
    ),
  entraGroups: z
    .array(z.guid().toLowerCase())
    .max(50)
    .default([])
    .describe(
      "Object ids: the Entra user must be a member, also of a group inside, of one of these groups. Empty: everyone.",
    ),
});

/** A parsed scope. */
export type Scope = z.infer<typeof scopeSchema>;

/** Whether a user is in scope, and which clause decided. */
export interface ScopeVerdict {
  readonly inScope: boolean;
  /** False where a group of the scope is not known: out of scope for now, and nothing follows from it. */
  readonly isKnown: boolean;
  readonly reason: Reason;
}

const MAX_MATCHED = 1024;

const textsOf = (value: AttributeValue | undefined): string[] => {
  const known = canonical(value);
  if (known === null) return [];
  return (typeof known === "object" ? known : [String(known)]).map(folded);
};

const ordered = (value: string): number =>
  /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : Date.parse(value);

// A list holds when one of its items does; a negated operator when none does.
function holds(clause: ScopeClause, value: AttributeValue | undefined): boolean {
  const texts = textsOf(value);
  switch (clause.operator) {
    case "equals":
      return texts.includes(folded(clause.value));
    case "notEquals":
      return !texts.includes(folded(clause.value));
    case "contains":
      return texts.some((one) => one.includes(folded(clause.value)));
    case "startsWith":
      return texts.some((one) => one.startsWith(folded(clause.value)));
    case "endsWith":
      return texts.some((one) => one.endsWith(folded(clause.value)));
    case "in":
      return clause.values.some((one) => texts.includes(folded(one)));
    case "notIn":
      return !clause.values.some((one) => texts.includes(folded(one)));
    case "matches":
    case "notMatches": {
      const pattern = RE2JS.compile(clause.pattern, RE2JS.CASE_INSENSITIVE);
      const found = texts.some((one) => pattern.matcher(one.slice(0, MAX_MATCHED)).find());
      return clause.operator === "matches" ? found : !found;
    }
    case "isEmpty":
      return texts.length === 0;
    case "isNotEmpty":
      return texts.length > 0;
    case "greaterThan":
      return texts.some((one) => ordered(one) > ordered(clause.value));
    case "lessThan":
      return texts.some((one) => ordered(one) < ordered(clause.value));
  }
}

const verdict = (inScope: boolean, code: string, message: string): ScopeVerdict => ({
  inScope,
  isKnown: true,
  reason: { code, message },
});

/**
 * Whether a user with these attributes and groups is in scope. `groups` are the ids of the groups that the Entra user is
 * in, or null where they are not known: then a scope by groups does not hold, and nothing follows from that.
 */
export function scopeVerdict(
  scope: Scope,
  attributes: Attributes,
  groups: ReadonlySet<string> | null,
): ScopeVerdict {
  if (scope.entraGroups.length > 0 && groups === null) {
    const reason = { code: "scopeUnknown", message: "the Entra groups of the user are not known" };
    return { inScope: false, isKnown: false, reason };
  }
  if (scope.entraGroups.length > 0 && !scope.entraGroups.some((id) => groups?.has(id) === true)) {
    return verdict(false, "outOfScope", "the user is in none of the Entra groups of the scope");
  }
  if (scope.anyOf.length === 0) return verdict(true, "inScope", "the scope has no more clauses");
  const failing = scope.anyOf.map((group) =>
    group.find((clause) => !holds(clause, attributes[clause.attribute])),
  );
  const holding = failing.indexOf(undefined);
  if (holding >= 0) return verdict(true, "inScope", `group ${holding + 1} of the scope holds`);
  const first = failing[0];
  const message =
    failing.length === 1 && first !== undefined
      ? `the clause "${first.attribute} ${first.operator}" does not hold`
      : `no group of the scope holds; the first fails at "${first?.attribute} ${first?.operator}"`;
  return verdict(false, "outOfScope", message);
}
