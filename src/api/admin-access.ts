// Who may use the admin routes. Never open by default: without a configured way to prove who asks, nobody may.
import type { HttpRequest } from "@azure/functions";
import { createRemoteJWKSet, type JWTVerifyGetKey, jwtVerify } from "jose";
import { z } from "zod";
import type { Config } from "../config.ts";
import { isLoopback } from "../rules/loopback.ts";
import { Problem } from "./problem.ts";

/** A right that a route asks for; an operator is also a reader. */
export type Right = "Audit.Read" | "Sync.Operate";

/** Who asks; `actor` is the Entra object id, and goes into the audit log. */
export interface Principal {
  readonly actor: string;
  readonly rights: readonly Right[];
}

/** Answers the principal, or throws a Problem 401, 403 or 503 that tells no detail. */
export type Authorize = (request: HttpRequest, right: Right) => Promise<Principal>;

const notConfigured = () =>
  new Problem(503, "authNotConfigured", "Admin access is not configured (ADMIN_AUTH).");
const unauthorized = () =>
  new Problem(401, "unauthorized", "Sign in first.", { headers: { "WWW-Authenticate": "Bearer" } });
const forbidden = () => new Problem(403, "forbidden", "Your account lacks the app role for this.");

const rightsIn = (roles: readonly string[]): Right[] => {
  const all: Right[] = [];
  if (roles.includes("Sync.Operate")) all.push("Sync.Operate", "Audit.Read");
  else if (roles.includes("Audit.Read")) all.push("Audit.Read");
  return all;
};

// Loopback by the name that the client used, so that a page of another site cannot reach us by DNS rebinding.
function developer(request: HttpRequest): Principal {
  if (!isLoopback(new URL(request.url).hostname)) throw forbidden();
  const site = request.headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none") throw forbidden();
  return { actor: "developer", rights: ["Audit.Read", "Sync.Operate"] };
}

const clientPrincipal = z.object({
  auth_typ: z.literal("aad"),
  role_typ: z.string().optional(),
  claims: z.array(z.object({ typ: z.string(), val: z.string() })).max(1000),
});
const ROLE_CLAIM = "http://schemas.microsoft.com/ws/2008/06/identity/claims/role";
const TENANT_CLAIMS = ["tid", "http://schemas.microsoft.com/identity/claims/tenantid"];
const OBJECT_CLAIMS = ["oid", "http://schemas.microsoft.com/identity/claims/objectidentifier"];
const MAX_PRINCIPAL_BYTES = 16 * 1024;

// App Service Authentication strips the header from outside requests, but only while it is on (facts: security 2.2).
function signedInByAppService(request: HttpRequest, config: Config): Principal {
  if (!config.admin.easyAuthEnabled) throw notConfigured();
  const header = request.headers.get("x-ms-client-principal");
  if (header === null || header.length > MAX_PRINCIPAL_BYTES) throw unauthorized();
  let principal: z.infer<typeof clientPrincipal>;
  try {
    principal = clientPrincipal.parse(JSON.parse(Buffer.from(header, "base64").toString("utf8")));
  } catch {
    throw unauthorized();
  }
  const valuesOf = (types: readonly string[]) =>
    principal.claims.filter((claim) => types.includes(claim.typ)).map((claim) => claim.val);
  const [actor] = valuesOf(OBJECT_CLAIMS);
  if (actor === undefined || valuesOf(TENANT_CLAIMS)[0] !== config.entra.tenantId)
    throw unauthorized();
  return {
    actor,
    rights: rightsIn(valuesOf(["roles", ROLE_CLAIM, principal.role_typ ?? "roles"])),
  };
}

const tokenClaims = z.object({
  oid: z.guid(),
  tid: z.guid(),
  roles: z.array(z.string()).default([]),
});

async function bearer(
  request: HttpRequest,
  config: Config,
  keys: JWTVerifyGetKey,
): Promise<Principal> {
  const token = /^Bearer ([A-Za-z0-9._-]+)$/.exec(request.headers.get("authorization") ?? "")?.[1];
  const { tenantId } = config.entra;
  if (token === undefined || tenantId === null || config.admin.audience === null)
    throw unauthorized();
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ["RS256"],
      audience: config.admin.audience,
      issuer: [
        `https://login.microsoftonline.com/${tenantId}/v2.0`,
        `https://sts.windows.net/${tenantId}/`,
      ],
    });
    const claims = tokenClaims.parse(payload);
    if (claims.tid !== tenantId) throw unauthorized();
    return { actor: claims.oid, rights: rightsIn(claims.roles) };
  } catch {
    throw unauthorized();
  }
}

/** The guard of the admin routes for a configuration. `keys` stand in for the tenant's JWKS in tests. */
export function createAuthorize(config: Config, keys?: JWTVerifyGetKey): Authorize {
  const jwks = `https://login.microsoftonline.com/${config.entra.tenantId ?? "common"}/discovery/v2.0/keys`;
  const signingKeys = keys ?? createRemoteJWKSet(new URL(jwks));
  const identify = async (request: HttpRequest): Promise<Principal> => {
    switch (config.admin.auth) {
      case "development":
        return developer(request);
      case "easyauth":
        return signedInByAppService(request, config);
      case "jwt":
        return bearer(request, config, signingKeys);
      case "none":
        throw notConfigured();
    }
  };
  return async (request, right) => {
    const principal = await identify(request);
    if (!principal.rights.includes(right)) throw forbidden();
    return principal;
  };
}
