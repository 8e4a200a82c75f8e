// Who may use the admin routes. Never open by default: without a configured way to prove who asks, nobody may.
import type { HttpRequest } from "@azure/functions";
import type { JWTVerifyGetKey } from "jose";
import type { Config } from "../config.ts";
import { isLoopback } from "../rules/loopback.ts";
import { type CheckBearer, createBearerCheck } from "./bearer-token.ts";
import { readClientPrincipal } from "./client-principal.ts";
import { refuseCrossSite } from "./cross-site.ts";
import { type Principal, RIGHTS, type Right } from "./principal.ts";
import { Problem } from "./problem.ts";
import { type Session, sessionOf } from "./session-answer.ts";

/**
 * Answers the principal, or throws a Problem that tells no detail: 401 for nobody, 403 for too few rights or a page of
 * another site, 503 while nobody can be told.
 */
export type Authorize = (request: HttpRequest, right: Right) => Promise<Principal>;

/** The guard of the admin routes. */
export interface AdminAccess {
  readonly authorize: Authorize;
  /** Who asks; for anyone, so that nobody is an answer too. A Problem 503 while a token cannot be judged. */
  session(request: HttpRequest): Promise<Session>;
}

const notConfigured = () =>
  new Problem(503, "authNotConfigured", "Admin access is not configured (ADMIN_AUTH).");
const unauthorized = () =>
  new Problem(401, "unauthorized", "Sign in first.", { headers: { "WWW-Authenticate": "Bearer" } });
const forbidden = () => new Problem(403, "forbidden", "Your account lacks the app role for this.");

// Whom a host that listens on all interfaces speaks for: it adds the peer's address itself.
function isForwarded(request: HttpRequest): boolean {
  const peers = request.headers.get("x-forwarded-for") ?? "";
  const names = peers.split(",").map((peer) => peer.trim().replace(/^(.*[\].]\S*?):\d+$/, "$1"));
  return names.some((name) => name !== "" && name !== "::1" && !isLoopback(name));
}

// Loopback by the name that the client used, so that a page of another site cannot reach us by DNS rebinding.
function developer(request: HttpRequest, origins: readonly string[]): Principal {
  if (!isLoopback(new URL(request.url).hostname) || isForwarded(request)) throw forbidden();
  refuseCrossSite(request, "machine", origins);
  return { actor: "developer", name: null, rights: RIGHTS };
}

function signedInByAppService(request: HttpRequest, config: Config): Principal {
  const header = request.headers.get("x-ms-client-principal");
  const principal = readClientPrincipal(header, config.entra.tenantId);
  if (principal === null) throw unauthorized();
  // A token comes from a program's own hand, a cookie from any page that makes the browser ask.
  const sentToken = /^Bearer \S/i.test(request.headers.get("authorization") ?? "");
  if (!sentToken) refuseCrossSite(request, "cookie", config.admin.origins);
  return principal;
}

function bearerCheck(config: Config, keys?: JWTVerifyGetKey): CheckBearer {
  const { tenantId, authority } = config.entra;
  const { auth, audience } = config.admin;
  if (auth !== "jwt" || tenantId === null || audience === null) return async () => null;
  return createBearerCheck({ tenantId, audience, authority }, keys);
}

/** The guard for a configuration. `keys` stand in for the tenant's signing keys in tests. */
export function createAdminAccess(config: Config, keys?: JWTVerifyGetKey): AdminAccess {
  const { auth: setting, easyAuthEnabled, origins } = config.admin;
  const auth = setting === "easyauth" && !easyAuthEnabled ? "none" : setting;
  const checkBearer = bearerCheck(config, keys);
  const identify = async (request: HttpRequest): Promise<Principal> => {
    switch (auth) {
      case "development":
        return developer(request, origins);
      case "easyauth":
        return signedInByAppService(request, config);
      case "jwt": {
        const principal = await checkBearer(request.headers.get("authorization"));
        if (principal === null) throw unauthorized();
        return principal;
      }
      case "none":
        throw notConfigured();
    }
  };
  return {
    authorize: async (request, right) => {
      const principal = await identify(request);
      if (!principal.rights.includes(right)) throw forbidden();
      return principal;
    },
    session: async (request) => {
      if (auth === "none") return sessionOf(auth, null);
      const principal = await identify(request).catch((error: unknown) => {
        if (error instanceof Problem && error.status !== 503) return null;
        throw error;
      });
      return sessionOf(auth, principal);
    },
  };
}
