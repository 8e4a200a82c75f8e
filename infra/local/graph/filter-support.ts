// Holds a parsed $filter against what Graph documents for each property: operators, value types, advanced queries.
import { invalidFilter } from "./filter-lexer.ts";
import type { FilterLiteral, FilterNode } from "./filter-parser.ts";
import { type GraphError, notModelled, unsupportedQuery } from "./graph-error.ts";
import type { PropertyRule } from "./user-properties.ts";

/** How a filter learns of properties; throws for what is unknown or not modelled. */
export type RuleLookup = (name: string) => PropertyRule;

const unsupportedFor = (property: string, resource: string): GraphError =>
  unsupportedQuery(
    `Unsupported or invalid query filter clause specified for property '${property}' of resource '${resource}'.`,
  );

type FilterTerm = Extract<FilterNode, { kind: "compare" | "in" | "call" }>;

const operatorOf = (node: FilterTerm): string => {
  if (node.kind === "compare") return node.operator;
  return node.kind === "in" ? "in" : node.name;
};

// passwordPolicies knows "eq on null values" only, so a test for null is an operator of its own.
const isNullTest = (node: FilterTerm): boolean =>
  node.kind === "compare" && node.value === null && ["eq", "ne"].includes(node.operator);

const literalFits = (rule: PropertyRule, value: FilterLiteral): boolean => {
  if (value === null) return rule.operators.has("null");
  switch (rule.type) {
    case "boolean":
      return typeof value === "boolean";
    case "integer":
      return typeof value === "number";
    case "dateTime":
      return typeof value === "string" && !Number.isNaN(Date.parse(value));
    default:
      return typeof value === "string";
  }
};

/**
 * Checks a filter and says whether it is an advanced one, which needs ConsistencyLevel: eventual and $count=true
 * (concepts/aad-advanced-queries.md @01a90577 and its table per property).
 */
export function checkFilter(tree: FilterNode, rules: RuleLookup, resource: string): boolean {
  const nested = (rule: PropertyRule, path: string): boolean =>
    path === rule.name
      ? !["extensions", "orgData", "identities", "password", "strings"].includes(rule.type)
      : (rule.type === "extensions" && /\/extensionAttribute([1-9]|1[0-5])$/.test(path)) ||
        (rule.type === "orgData" && /\/(division|costCenter)$/.test(path));

  const scalarRule = (path: string): PropertyRule => {
    const rule = rules(path.split("/")[0] ?? path);
    if (rule.operators.size === 0 || !nested(rule, path)) throw unsupportedFor(path, resource);
    return rule;
  };

  const checkCount = (path: string, node: FilterNode): true => {
    const property = path.slice(0, -"/$count".length);
    const rule = rules(property);
    const counts =
      node.kind === "compare" &&
      (node.operator === "eq" || node.operator === "ne") &&
      node.value === 0;
    if (!rule.operators.has("count") || !counts) throw unsupportedFor(path, resource);
    return true;
  };

  const checkAny = (path: string, inner: FilterNode): boolean => {
    const rule = rules(path);
    if (rule.type === "identities") return checkIdentities(inner);
    if (rule.type !== "strings") throw unsupportedFor(path, resource);
    return visitItems(rule, inner);
  };

  // identities: both issuer and issuerAssignedId, by eq (user-list, doc text of identities).
  const checkIdentities = (inner: FilterNode): boolean => {
    const paths = new Set<string>();
    const visit = (node: FilterNode): void => {
      if (node.kind === "and") {
        visit(node.left);
        visit(node.right);
      } else if (node.kind === "compare" && node.operator === "eq") paths.add(node.path);
      else throw unsupportedFor("identities", resource);
    };
    visit(inner);
    if (paths.size !== 2 || !paths.has("issuer") || !paths.has("issuerAssignedId")) {
      throw unsupportedFor("identities", resource);
    }
    return false;
  };

  const visitItems = (rule: PropertyRule, node: FilterNode): boolean => {
    const allow = (operator: string): void => {
      if (!rule.operators.has(operator)) throw unsupportedFor(rule.name, resource);
    };
    switch (node.kind) {
      case "and":
      case "or": {
        const left = visitItems(rule, node.left);
        return visitItems(rule, node.right) || left;
      }
      case "compare":
        if (node.path !== "" || typeof node.value !== "string")
          throw unsupportedFor(rule.name, resource);
        allow(node.operator);
        return false;
      case "in":
        if (node.path !== "") throw unsupportedFor(rule.name, resource);
        allow("in");
        return false;
      case "call":
        if (node.path !== "") throw unsupportedFor(rule.name, resource);
        allow(node.name);
        return node.name === "endsWith";
      default:
        throw unsupportedFor(rule.name, resource);
    }
  };

  const visit = (node: FilterNode, negated: boolean): boolean => {
    switch (node.kind) {
      case "and":
      case "or": {
        const left = visit(node.left, negated);
        return visit(node.right, negated) || left;
      }
      case "not":
        visit(node.inner, true);
        return true;
      case "any": {
        const rule = rules(node.path);
        if (negated && !rule.operators.has("not")) throw unsupportedFor(node.path, resource);
        return checkAny(node.path, node.inner);
      }
      default:
        return checkTerm(node, negated);
    }
  };

  const checkTerm = (node: FilterTerm, negated: boolean): boolean => {
    if (node.path.endsWith("/$count")) return checkCount(node.path, node);
    if (node.path.endsWith("/id") && node.path !== "id")
      throw notModelled(`filters on '${node.path}'`);
    const rule = scalarRule(node.path);
    const operator = operatorOf(node);
    const values = node.kind === "in" ? node.values : [node.value];
    const isAllowed = isNullTest(node) || rule.operators.has(operator);
    if (!isAllowed || (negated && !rule.operators.has("not"))) {
      throw unsupportedFor(node.path, resource);
    }
    // docs issue 3044: accountEnabled eq 'true' is no boolean.
    if (!values.every((value) => literalFits(rule, value))) throw invalidFilter();
    const extensionText = node.kind === "call" && rule.name.startsWith("extension_");
    const isAdvancedOperator =
      operator === "ne" || operator === "endsWith" || values.includes(null);
    return rule.advanced || extensionText || isAdvancedOperator;
  };

  return visit(tree, false);
}
