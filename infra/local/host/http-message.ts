// Reads and writes HTTP messages the way the Functions host does: joined headers, decoded path, cookies.

import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";

/** Kestrel's limit as the Functions host sets it: 100 MB. */
export const MAX_REQUEST_BYTES = 104_857_600;

/** A request on its way to a function. */
export interface IncomingCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  /** Decoded segments of the path, without the empty one that a trailing slash leaves. */
  readonly path: readonly string[];
}

/** The URL and path of a request; undefined when they cannot be read. */
export function readCall(
  request: IncomingMessage,
  response: ServerResponse,
): IncomingCall | undefined {
  const base = `http://${request.headers.host ?? "localhost"}`;
  const target = request.url ?? "/";
  const text = target.startsWith("/") ? `${base}${target}` : target;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const parts = url.pathname.slice(1).replace(/\/$/, "").split("/");
  return {
    request,
    response,
    url,
    path: parts.length === 1 && parts[0] === "" ? [] : parts.map(decodeSegment),
  };
}

// ASP.NET Core leaves an encoded slash and what it cannot decode as they are.
function decodeSegment(text: string): string {
  try {
    return decodeURIComponent(text.replace(/%2f/gi, (slash) => `%25${slash.slice(1)}`));
  } catch {
    return text;
  }
}

/** Headers by name; several values of one name are joined by a comma without a space. */
export function joinHeaders(rawHeaders: readonly string[]): Record<string, string> {
  const byName = new Map<string, { name: string; values: string[] }>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    const entry = byName.get(name.toLowerCase()) ?? { name, values: [] };
    entry.values.push(rawHeaders[index + 1] ?? "");
    byName.set(name.toLowerCase(), entry);
  }
  return Object.fromEntries(
    [...byName.values()].map(({ name, values }) => [name, values.join(",")]),
  );
}

/** Query parameters by name, ignoring case; several values are joined by a comma. */
export function joinQuery(query: URLSearchParams): Record<string, string> {
  return joinHeaders([...query].flat());
}

/** Ends a response that has only a status. */
export function endEmpty(response: ServerResponse, status: number): void {
  if (response.destroyed || response.writableEnded) return;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { "content-length": 0 }).end();
}

const nullable = <T extends z.ZodType>(type: T) => z.object({ value: type }).nullish();

const Cookie = z.object({
  name: z.string(),
  value: z.string(),
  domain: nullable(z.string()),
  path: nullable(z.string()),
  expires: nullable(z.object({ seconds: z.number() })),
  secure: nullable(z.boolean()),
  httpOnly: nullable(z.boolean()),
  // Here "none" means unset, "explicitNone" SameSite=None (FunctionRpc.proto, RpcHttpCookie).
  sameSite: z.enum(["none", "lax", "strict", "explicitNone"]).nullish(),
  maxAge: nullable(z.number()),
});

const RpcHttpResponse = z.object({
  statusCode: z.string().regex(/^\d{3}$/),
  headers: z.record(z.string(), z.string()).default({}),
  cookies: z.array(Cookie).default([]),
  enableContentNegotiation: z.literal(false, "content negotiation is not modelled").nullish(),
  body: z.object({ bytes: z.instanceof(Uint8Array) }).nullish(),
});

/** Writes a buffered response of the library. Throws when it holds something that is not modelled. */
export function writeRpcResponse(response: ServerResponse, rpc: unknown): void {
  const { statusCode, headers, cookies, body } = RpcHttpResponse.parse(rpc);
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (cookies.length > 0) response.setHeader("set-cookie", cookies.map(cookieText));
  const bytes = body?.bytes ?? new Uint8Array();
  response.statusCode = Number(statusCode);
  if (![204, 205, 304].includes(response.statusCode))
    response.setHeader("content-length", bytes.byteLength);
  response.end(bytes);
}

// Order and case of the attributes as ASP.NET Core's SetCookieHeaderValue writes them; the path defaults to "/".
function cookieText(cookie: z.output<typeof Cookie>): string {
  const parts = [`${encodeURIComponent(cookie.name)}=${encodeURIComponent(cookie.value)}`];
  if (cookie.expires)
    parts.push(`expires=${new Date(cookie.expires.value.seconds * 1000).toUTCString()}`);
  if (cookie.maxAge) parts.push(`max-age=${Math.trunc(cookie.maxAge.value)}`);
  if (cookie.domain?.value) parts.push(`domain=${cookie.domain.value}`);
  parts.push(`path=${cookie.path?.value || "/"}`);
  if (cookie.secure?.value) parts.push("secure");
  if (cookie.sameSite && cookie.sameSite !== "none")
    parts.push(`samesite=${cookie.sameSite === "explicitNone" ? "none" : cookie.sameSite}`);
  if (cookie.httpOnly?.value) parts.push("httponly");
  return parts.join("; ");
}
