// Keeps web pages of strangers away from the control route and the people page.
import type { DrupalRequest } from "./drupal-http.ts";

const LOCAL = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/** Only a loopback peer that names a loopback host: a rebound DNS name does not get in. */
export function isTrustedHost(request: DrupalRequest): boolean {
  const isLocalPeer = /^(::1|(::ffff:)?127\.)/.test(request.address);
  return isLocalPeer && LOCAL.test(request.headers.get("host") ?? "");
}

/**
 * Whether a request comes from this page. Browsers say so in `Sec-Fetch-Site` or `Origin` (Fetch standard);
 * "tools" also lets in callers that say neither, such as tests and curl.
 */
export function isSameOrigin(request: DrupalRequest, callers: "page" | "tools"): boolean {
  const site = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  if (site !== undefined && site !== "same-origin" && !(callers === "tools" && site === "none"))
    return false;
  if (origin !== undefined && origin !== request.origin) return false;
  return callers === "tools" || site !== undefined || origin !== undefined;
}
