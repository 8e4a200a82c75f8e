// An access token of the tenant, checked here: signature, issuer, audience, time, tenant
// (learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens).
import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import { z } from "zod";
import { type Principal, rightsIn } from "./principal.ts";
import { Problem } from "./problem.ts";
import { tokenIssuers } from "./token-issuers.ts";

/** Whose tokens are taken, and for whom they must be. */
export interface TokenRules {
  readonly tenantId: string;
  readonly audience: string;
  /** Where the tenant's signing keys are. */
  readonly authority: URL;
}

/**
 * The principal of an `Authorization` header; null when it proves nobody. Throws a Problem 503 `signingKeysUnavailable`
 * when nothing can be said, as the tenant's keys cannot be had.
 */
export type CheckBearer = (authorization: string | null) => Promise<Principal | null>;

// Clocks of two well-kept machines; no token lives longer by more than this.
const CLOCK_TOLERANCE_SECONDS = 60;
const MAX_CHARACTERS = 16 * 1024;
const BEARER = /^Bearer ([A-Za-z0-9._-]+)$/i;

// An access token names the program that asks (`azp`, of version 1 `appid`), or what it may ask for (`scp`); an ID token, which
// is made for showing who signed in, does neither (learn.microsoft.com/entra/identity-platform/access-token-claims-reference).
const ofAccess = z.union([
  z.looseObject({ azp: z.string() }),
  z.looseObject({ appid: z.string() }),
  z.looseObject({ scp: z.string() }),
]);

const claims = z.object({
  oid: z.guid().toLowerCase(),
  tid: z.guid().toLowerCase(),
  roles: z.array(z.string()).default([]),
  name: z.string().nullable().default(null).catch(null),
});

const signingKeysUnavailable = () =>
  new Problem(503, "signingKeysUnavailable", "The tenant's signing keys cannot be had now.", {
    headers: { "Retry-After": "5" },
  });

// A token that names no key of ours is a bad token; any other failure is not the token's.
function tellingApart(keys: JWTVerifyGetKey): JWTVerifyGetKey {
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      const isOfTheToken =
        error instanceof errors.JWKSNoMatchingKey ||
        error instanceof errors.JWKSMultipleMatchingKeys;
      throw isOfTheToken ? error : signingKeysUnavailable();
    }
  };
}

/** The check for one tenant. `keys` stand in for the tenant's own. */
export function createBearerCheck(rules: TokenRules, keys?: JWTVerifyGetKey): CheckBearer {
  const { tenantId, audience, authority } = rules;
  // The keys are where the setting says, never where a token says: its `jku`, `jwk` and `x5u` are not read.
  const address = new URL(`${authority.origin}/${tenantId}/discovery/v2.0/keys`);
  const signingKeys = tellingApart(keys ?? createRemoteJWKSet(address));
  return async (authorization) => {
    const token = BEARER.exec(authorization ?? "")?.[1];
    if (token === undefined || token.length > MAX_CHARACTERS) return null;
    try {
      const { payload } = await jwtVerify(token, signingKeys, {
        algorithms: ["RS256"],
        requiredClaims: ["exp"],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        audience,
        issuer: tokenIssuers(authority, tenantId),
      });
      const { oid, tid, roles, name } = claims.parse(ofAccess.parse(payload));
      return tid === tenantId ? { actor: oid, name, rights: rightsIn(roles) } : null;
    } catch (error) {
      if (error instanceof Problem) throw error;
      return null;
    }
  };
}
