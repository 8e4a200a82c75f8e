// Access keys of HTTP functions: x-functions-key first, then ?code=.

import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { AuthLevel } from "./describe-function.ts";

/** The keys that this host knows. */
export interface HostKeys {
  /** Opens everything, and alone opens admin functions and /admin. */
  readonly master: string;
  /** Open every function of level "function". */
  readonly host?: readonly string[];
  /** Open one function of level "function", by its name. */
  readonly functions?: Readonly<Record<string, readonly string[]>>;
}

/** Whether a call with this key may pass. Without keys every call may, as under Core Tools. */
export function mayCall(
  keys: HostKeys | undefined,
  level: AuthLevel,
  functionName: string,
  key: string | undefined,
): boolean {
  if (!keys || level === "anonymous") return true;
  if (key === undefined) return false;
  if (sameKey(key, keys.master)) return true;
  if (level === "admin") return false;
  const own = [...(keys.host ?? []), ...(keys.functions?.[functionName] ?? [])];
  return own.some((candidate) => sameKey(key, candidate));
}

/** The key that a request carries. */
export function keyOf(headers: IncomingHttpHeaders, query: URLSearchParams): string | undefined {
  const header = headers["x-functions-key"];
  return (typeof header === "string" ? header : undefined) ?? query.get("code") ?? undefined;
}

function sameKey(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
