// Refuses what a page of another site makes a browser send: a session that the browser adds by itself proves who, not why
// (OWASP, Cross-Site Request Forgery Prevention: custom header, and verifying the origin).
import type { HttpRequest } from "@azure/functions";
import { mediaTypeOf } from "./media-type.ts";
import { Problem } from "./problem.ts";

/**
 * `cookie`: only browsers have such a session. `machine`: whoever runs on this machine has it, also programs, which send
 * neither `Origin` nor `Sec-Fetch-Site`.
 */
export type SessionKind = "cookie" | "machine";

/** What the app's own page says in `X-Requested-With`: to say it, another site's page would have to be let by CORS. */
export const OWN_PAGE = "drupal-entra-user-sync";

const FROM_HERE: readonly (string | null)[] = [null, "same-origin", "none"];

function isOwn(origin: string, request: HttpRequest, origins: readonly string[]): boolean {
  const { host, origin: asked } = new URL(request.url);
  // TLS ends in front of the app, which may then see http.
  return origin === asked || origin === `https://${host}` || origins.includes(origin);
}

function isJsonIfAny(request: HttpRequest): boolean {
  const { headers } = request;
  const mediaType = mediaTypeOf(request);
  const hasBody =
    Number(headers.get("content-length") ?? 0) > 0 || headers.has("transfer-encoding");
  return mediaType === null ? !hasBody : mediaType === "application/json";
}

/**
 * A Problem 403 `crossSiteRequest` for a write (all but GET and HEAD) that the app's own page did not send: it needs the
 * page's header, an `Origin` of the app's own, and JSON where there is a body. On a machine's session also for what another
 * site wants to read there; with a cookie it may have a link to a file, and cannot see what comes. `origins` are the app's
 * own beside the one that was asked.
 */
export function refuseCrossSite(
  request: HttpRequest,
  session: SessionKind,
  origins: readonly string[],
): void {
  const { headers, method } = request;
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  if (session === "machine" && origin === null && site === null) return;
  const isWrite = method !== "GET" && method !== "HEAD";
  const isFromElsewhere =
    (origin !== null && !isOwn(origin, request, origins)) || !FROM_HERE.includes(site);
  const isOwnPage =
    origin !== null && headers.get("x-requested-with") === OWN_PAGE && isJsonIfAny(request);
  if ((isFromElsewhere && (isWrite || session === "machine")) || (isWrite && !isOwnPage))
    throw new Problem(403, "crossSiteRequest", "This did not come from the app's own page.");
}
