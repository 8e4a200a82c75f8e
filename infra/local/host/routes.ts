// ASP.NET Core route templates as the Functions host uses them: parsing, matching, and finding overlaps.

import { HostError } from "./host-error.ts";
import { type Constraint, disjoint, parseConstraint } from "./route-constraints.ts";

/** One segment of a route. */
export type Segment =
  | { readonly kind: "literal"; readonly text: string }
  | {
      readonly kind: "parameter";
      readonly name: string;
      readonly optional: boolean;
      readonly catchAll: boolean;
      readonly defaultValue: string | undefined;
      readonly constraints: readonly Constraint[];
    };

/** Parses a route template. Templates that mix text and parameters in one segment are refused. */
export function parseRoute(template: string, where: string): readonly Segment[] {
  const fail = (why: string): never => {
    throw new HostError(`${where}: route "${template}": ${why}`);
  };
  if (template.startsWith("/") || template.startsWith("~")) fail('must not begin with "/" or "~".');
  // HttpTriggerAttributeBindingProvider / ScriptHost.ValidateHttpFunction: on the text before the prefix.
  if (/^(admin|runtime)/i.test(template))
    fail('routes beginning with "admin" or "runtime" are reserved.');
  const segments: Segment[] = [];
  const names = new Set<string>();
  for (const [index, text, all] of splitSegments(template)) {
    if (text === "") fail("empty segment.");
    if (!/[{}?*]/.test(text)) {
      segments.push({ kind: "literal", text });
      continue;
    }
    if (!/^\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}$/.test(text))
      fail(`the segment "${text}" mixes text and parameters, which is not modelled.`);
    const segment = parseParameter(text.slice(1, -1), fail);
    const key = segment.name.toLowerCase();
    if (names.has(key)) fail(`the parameter "${segment.name}" appears twice.`);
    names.add(key);
    const last = index === all - 1;
    if (segment.catchAll && !last) fail("a catch-all parameter must be the last segment.");
    segments.push(segment);
  }
  const firstOptional = segments.findIndex(canBeMissing);
  if (firstOptional !== -1 && !segments.slice(firstOptional).every(canBeMissing))
    fail("an optional parameter must be at the end.");
  return segments;
}

function parseParameter(
  text: string,
  fail: (why: string) => never,
): Extract<Segment, { kind: "parameter" }> {
  const catchAll = text.startsWith("*");
  if (text.startsWith("**")) fail('"{**name}" is not modelled.');
  let rest = catchAll ? text.slice(1) : text;
  const optional = rest.endsWith("?");
  if (optional) rest = rest.slice(0, -1);
  const match = /^([A-Za-z_][A-Za-z0-9_]*)((?::(?:[^:=()]+(?:\(.*?\))?))*)(?:=(.*))?$/.exec(rest);
  if (!match) return fail(`"{${text}}" is not a parameter.`);
  const [, name = "", constraintText = "", defaultValue] = match;
  if (optional && defaultValue !== undefined) fail(`"{${text}}" is optional and has a default.`);
  if (catchAll && optional) fail(`"{${text}}" is catch-all and optional.`);
  const constraints = constraintText
    .split(/:(?![^(]*\))/)
    .filter((part) => part !== "")
    .map((part) => parseConstraint(part) ?? fail(`the constraint "${part}" is not modelled.`));
  return { kind: "parameter", name, optional, catchAll, defaultValue, constraints };
}

function splitSegments(template: string): [index: number, text: string, all: number][] {
  const trimmed = template.replace(/\/$/, "");
  if (trimmed === "") return [];
  const parts = trimmed.split("/");
  return parts.map((text, index) => [index, text, parts.length]);
}

const canBeMissing = (segment: Segment): boolean =>
  segment.kind === "parameter" &&
  (segment.optional || segment.catchAll || segment.defaultValue !== undefined);

/**
 * Matches decoded path segments; the values of the parameters, or undefined. Literals ignore case.
 * An optional parameter that is not in the path is absent; a default fills in.
 */
export function matchRoute(
  route: readonly Segment[],
  path: readonly string[],
): Record<string, string> | undefined {
  const values: Record<string, string> = {};
  let used = 0;
  for (const segment of route) {
    const value = isCatchAll(segment) ? path.slice(used).join("/") || undefined : path[used];
    const filled = fill(segment, value);
    if (!filled) return undefined;
    Object.assign(values, filled);
    used = isCatchAll(segment) ? path.length : used + 1;
  }
  return used >= path.length ? values : undefined;
}

/** What one segment contributes for the text in its place; undefined when it does not match. */
function fill(segment: Segment, text: string | undefined): Record<string, string> | undefined {
  if (segment.kind === "literal")
    return text?.toLowerCase() === segment.text.toLowerCase() ? {} : undefined;
  const value = text ?? segment.defaultValue;
  if (value === undefined) return segment.optional || segment.catchAll ? {} : undefined;
  const accepted = segment.constraints.every((constraint) => constraint.accepts(value));
  return accepted ? { [segment.name]: value } : undefined;
}

/**
 * Whether some path could match both routes. The real host then takes the function whose name sorts first,
 * not the more specific route; an app must not depend on that.
 */
export function routesOverlap(a: readonly Segment[], b: readonly Segment[]): boolean {
  const [headA, ...restA] = a;
  const [headB, ...restB] = b;
  if (!headA) return b.every(canBeMissing);
  if (!headB) return a.every(canBeMissing);
  if (isCatchAll(headA) || isCatchAll(headB)) return true;
  if (segmentsOverlap(headA, headB) && routesOverlap(restA, restB)) return true;
  // Optional tails can also both be missing.
  return a.every(canBeMissing) && b.every(canBeMissing);
}

const isCatchAll = (segment: Segment): boolean => segment.kind === "parameter" && segment.catchAll;

function segmentsOverlap(a: Segment, b: Segment): boolean {
  if (a.kind === "literal" && b.kind === "literal")
    return a.text.toLowerCase() === b.text.toLowerCase();
  if (a.kind === "literal" && b.kind === "parameter")
    return b.constraints.every((constraint) => constraint.accepts(a.text));
  if (b.kind === "literal" && a.kind === "parameter")
    return a.constraints.every((constraint) => constraint.accepts(b.text));
  if (a.kind === "parameter" && b.kind === "parameter")
    return !a.constraints.some((one) => b.constraints.some((other) => disjoint(one, other)));
  return true;
}
