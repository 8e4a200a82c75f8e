// Tokens as simple_oauth 6.1 gives them to a consumer with the client_credentials grant.
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";

/** A consumer: its rights come from the scopes' roles, not from the user it acts as (contract/drupal 347). */
export interface OAuthClient {
  readonly id: string;
  readonly secret: string;
  readonly actsAs: string;
  /** Scope name to role id. */
  readonly scopes: Readonly<Record<string, string>>;
  readonly defaultScopes: readonly string[];
  readonly lifetimeSeconds: number;
}

/** A token in good order. */
export interface Grant {
  readonly client: OAuthClient;
  readonly roles: readonly string[];
}

/** What became of a bearer token; the text is what `error_description` says. */
export type TokenCheck =
  | { readonly kind: "granted"; readonly grant: Grant }
  | { readonly kind: "denied"; readonly description: string };

/** The token store of a site. */
export interface OAuthServer {
  client(id: string): OAuthClient | undefined;
  issue(client: OAuthClient, scopes: readonly string[], lifetimeSeconds?: number): string;
  check(token: string): TokenCheck;
  /** Any save of a user entity revokes the tokens that act as it (contract/drupal 345, 346). */
  revokeTokensOf(username: string): void;
}

const payloadSchema = z.object({ jti: z.string(), exp: z.number() });

const base64url = (value: unknown): string =>
  Buffer.from(JSON.stringify(value)).toString("base64url");

const denied = (description: string): TokenCheck => ({ kind: "denied", description });

function decode(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}

/** A token store; `now` is in seconds with fractions, because `exp` is a float (contract/drupal 305). */
export function createOAuthServer(clients: readonly OAuthClient[], now: () => number): OAuthServer {
  const key = randomBytes(32);
  const issued = new Map<string, Grant & { revoked: boolean }>();
  const sign = (text: string): Buffer => createHmac("sha256", key).update(text).digest();

  return {
    client: (id) => clients.find((client) => client.id === id),
    issue(client, scopes, lifetimeSeconds = client.lifetimeSeconds) {
      const jti = randomBytes(40).toString("hex");
      const iat = Math.floor(now());
      const exp = now() + lifetimeSeconds;
      const roles = scopes.flatMap((scope) => client.scopes[scope] ?? []);
      issued.set(jti, { client, roles, revoked: false });
      const head = base64url({ typ: "JWT", alg: "HS256", jti });
      const claims = { aud: client.id, jti, iat, nbf: iat, exp, scope: scopes };
      const signed = `${head}.${base64url({ ...claims, iss: "https://127.0.0.1/" })}`;
      return `${signed}.${sign(signed).toString("base64url")}`;
    },
    check(token) {
      const [head = "", body = "", signature = ""] = token.split(".");
      const payload = payloadSchema.safeParse(decode(body));
      if (decode(head) === undefined || !payload.success)
        return denied("Error while decoding from JSON");
      const given = Buffer.from(signature, "base64url");
      const right = sign(`${head}.${body}`);
      const genuine = given.length === right.length && timingSafeEqual(given, right);
      // An expired token is reported like a forged one (contract/drupal 319, 344).
      if (!genuine || payload.data.exp <= now())
        return denied("Access token could not be verified");
      const grant = issued.get(payload.data.jti);
      if (grant === undefined || grant.revoked) return denied("Access token has been revoked");
      return { kind: "granted", grant };
    },
    revokeTokensOf(username) {
      for (const grant of issued.values())
        if (grant.client.actsAs === username) grant.revoked = true;
    },
  };
}
