// Who calls: bearer tokens with the application permissions and the Entra role they stand for.
import { GraphError } from "./graph-error.ts";

/** Application permissions the simulator knows (permission table of graph-devx-content). */
export const APP_ROLES = [
  "Application.Read.All",
  "Directory.Read.All",
  "Directory.ReadWrite.All",
  "Domain.Read.All",
  "Group.Read.All",
  "Group.ReadWrite.All",
  "GroupMember.Read.All",
  "GroupMember.ReadWrite.All",
  "Organization.Read.All",
  "ProfilePhoto.Read.All",
  "ProfilePhoto.ReadWrite.All",
  "User.DeleteRestore.All",
  "User.EnableDisableAccount.All",
  "User.ManageIdentities.All",
  "User.Read.All",
  "User.ReadWrite.All",
  "User-LifeCycleInfo.ReadWrite.All",
  "User-Mail.ReadWrite.All",
  "User-PasswordProfile.ReadWrite.All",
  "User-Phone.ReadWrite.All",
] as const;

/** One application permission. */
export type AppRole = (typeof APP_ROLES)[number];

/** Entra roles that widen what an application may do to sensitive properties. */
export const ENTRA_ROLES = [
  "User Administrator",
  "Privileged Authentication Administrator",
  "Global Administrator",
] as const;

/** A bearer token's meaning. */
export interface AccessToken {
  readonly roles: ReadonlySet<AppRole>;
  readonly entraRole: (typeof ENTRA_ROLES)[number] | undefined;
  readonly expiresAt: number | undefined;
}

/** The token every simulator knows: all application permissions, no Entra role, never expires. */
export const LOCAL_TOKEN: AccessToken = {
  roles: new Set(APP_ROLES),
  entraRole: undefined,
  expiresAt: undefined,
};

const unauthenticated = (message: string): GraphError =>
  new GraphError(401, "InvalidAuthenticationToken", message, undefined, {
    "WWW-Authenticate":
      'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"',
  });

/** The token behind an Authorization header, or 401 InvalidAuthenticationToken. */
export function readToken(
  tokens: ReadonlyMap<string, AccessToken>,
  authorization: string | undefined,
  now: number,
): AccessToken {
  const bearer = /^Bearer\s+(\S+)$/i.exec(authorization ?? "")?.[1];
  if (bearer === undefined) throw unauthenticated("Access token is empty.");
  const token = tokens.get(bearer);
  if (token === undefined) throw unauthenticated("Invalid access token.");
  if (token.expiresAt !== undefined && token.expiresAt <= now) {
    // graph-samples: text of msgraph-sdk-java issue 677.
    throw unauthenticated("Access token has expired or is not yet valid.");
  }
  return token;
}

/** True when the token holds at least one of the permissions. */
export function hasRole(token: AccessToken, anyOf: readonly AppRole[]): boolean {
  return anyOf.some((role) => token.roles.has(role));
}

/** True for the Entra roles that may touch administrators (resources/users, sensitive actions). */
export function mayTouchAdministrators(token: AccessToken): boolean {
  return token.entraRole !== undefined && token.entraRole !== "User Administrator";
}
