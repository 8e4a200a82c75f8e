// The OData query options of a directory request, checked: what Graph ignores, refuses, or needs a header for.
import { GraphError, notModelled, unsupportedQuery } from "./graph-error.ts";
import type { GraphRequest } from "./graph-message.ts";

// Graph v1.0 also takes these without the dollar sign; the simulator insists on it rather than ignore a filter.
const BARE = new Set(["select", "filter", "top", "orderby", "search", "count", "expand", "skip"]);

/** Refuses every query option that is not in `allowed`; other parameters are ignored as Graph does. */
export function requireOptions(call: GraphRequest, allowed: readonly string[]): void {
  for (const name of call.query.keys()) {
    if (allowed.includes(name)) continue;
    if (name === "$expand" || BARE.has(name)) throw notModelled(`the query option '${name}' here`);
    if (name.startsWith("$")) {
      throw unsupportedQuery(`'${name}' is not supported by the service.`);
    }
  }
}

/** True when the request may use advanced queries: header and, except for $search, $count=true. */
export function isAdvanced(call: GraphRequest): boolean {
  return isEventual(call) && call.query.get("$count") === "true";
}

/** True with the header ConsistencyLevel: eventual. */
export function isEventual(call: GraphRequest): boolean {
  return call.headers.consistencylevel?.toLowerCase() === "eventual";
}

/** Page size: 100 unless $top says 1 to 999. */
export function pageSize(call: GraphRequest): number {
  const top = call.query.get("$top");
  if (top === undefined) return 100;
  const size = /^\d+$/.test(top) ? Number(top) : 0;
  if (size < 1 || size > 999) {
    throw unsupportedQuery(
      `Invalid page size specified: '${top}'. Must be between 1 and 999 inclusive.`,
    );
  }
  return size;
}

/** The names in $select in exact case, or undefined without $select; `exact` knows the names. */
export function selectedNames(
  call: GraphRequest,
  type: string,
  exact: (name: string) => string | undefined,
): readonly string[] | undefined {
  const text = call.query.get("$select");
  if (text === undefined) return undefined;
  const names = text.split(",").map((part) => {
    const name = part.trim();
    const known = exact(name);
    if (known === undefined) {
      throw new GraphError(
        400,
        "BadRequest",
        `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type 'microsoft.graph.${type}'.`,
      );
    }
    return known;
  });
  return [...new Set(names)];
}

/** A $orderby that Graph documents. */
export interface OrderBy {
  readonly property: string;
  readonly descending: boolean;
}

/** The order asked for; createdDateTime, and any order next to a filter, need an advanced query. */
export function orderBy(call: GraphRequest): OrderBy | undefined {
  const text = call.query.get("$orderby");
  if (text === undefined) return undefined;
  const match = /^\s*([A-Za-z]+)(?:\s+(asc|desc))?\s*$/.exec(text);
  const property = ["displayName", "userPrincipalName", "createdDateTime", "deletedDateTime"].find(
    (name) => name.toLowerCase() === match?.[1]?.toLowerCase(),
  );
  const needsAdvanced = property?.endsWith("DateTime") === true || call.query.has("$filter");
  if (property === undefined || (needsAdvanced && !isAdvanced(call))) {
    throw unsupportedQuery("Sorting not supported for current query.");
  }
  return { property, descending: match?.[2] === "desc" };
}
