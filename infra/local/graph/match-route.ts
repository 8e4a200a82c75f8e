// Finds the route of a request by its method and segments.
import type { Route } from "./route-table.ts";

/** The route with its parameters, a known path with another method, or nothing. */
export type RouteMatch =
  | {
      readonly kind: "route";
      readonly route: Route;
      readonly params: Readonly<Record<string, string>>;
    }
  | { readonly kind: "method" }
  | { readonly kind: "none" };

// A type name such as microsoft.graph.group is a cast and never an id.
const CAST = /^microsoft\.graph\./;

const paramsOf = (
  template: string,
  segments: readonly string[],
): Readonly<Record<string, string>> | undefined => {
  const parts = template.split("/").slice(1);
  if (parts.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const segment = segments[index] ?? "";
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined) {
      if (part.toLowerCase() !== segment.toLowerCase()) return undefined;
    } else if ((name === "cast") !== CAST.test(segment)) return undefined;
    else params[name] = segment;
  }
  return params;
};

/** Matches a request against the routes, the first wins. */
export function matchRoute(
  routes: readonly Route[],
  method: string,
  segments: readonly string[],
): RouteMatch {
  let pathKnown = false;
  for (const route of routes) {
    const params = paramsOf(route.template, segments);
    if (params === undefined) continue;
    if (route.method === method) return { kind: "route", route, params };
    // POST /directoryObjects/getByIds is an action that is not modelled, not another method on an id.
    pathKnown ||= Object.values(params).every((value) => /[@-]|^\d/.test(value));
  }
  return { kind: pathKnown ? "method" : "none" };
}
