// Who is asking: Basic and Bearer, with Drupal's habit of carrying on as anonymous when Basic credentials are wrong.

import { DrupalError } from "./drupal-error.ts";
import type { DrupalRequest, Identity } from "./drupal-http.ts";
import type { DrupalUser } from "./drupal-user.ts";
import { rolesPermit } from "./roles.ts";
import type { Site } from "./site.ts";

/** Core writes `access` at most each three minutes, straight to the table, without moving `changed`. */
const ACCESS_INTERVAL = 180;

function identity(
  site: Site,
  user: DrupalUser | null,
  credentialsSent: boolean,
  held: readonly string[],
  consumer = "default_consumer",
): Identity {
  const may = (permission: string): boolean => rolesPermit(site.roles, held, permission);
  return { user, credentialsSent, consumer, may };
}

const rolesOf = (user: DrupalUser | null): readonly string[] =>
  user === null ? ["anonymous"] : ["authenticated", ...user.roles];

/** The identity of somebody who is signed in otherwise, such as the administrator of the people page. */
export function identityOf(site: Site, user: DrupalUser | null): Identity {
  return identity(site, user, true, rolesOf(user));
}

interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** PHP fills PHP_AUTH_USER only from decodable Base64 with a colon; anything else is "no credentials" (contract/drupal 245). */
function basicCredentials(header: string): Credentials | undefined {
  const match = /^basic\s+([A-Za-z0-9+/]+=*)$/i.exec(header.trim());
  if (match?.[1] === undefined) return undefined;
  const text = Buffer.from(match[1], "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0
    ? undefined
    : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Follows core's BasicAuth::authenticate line by line; attempts while locked still count for the address. */
function checkPassword(site: Site, given: Credentials, address: string): DrupalUser | null {
  if (site.flood.addressIsFree(address)) {
    const account = site.users.byName(given.username);
    if (
      account?.status === true &&
      account.uid > 0 &&
      site.flood.accountIsFree(account.uid, address)
    ) {
      if (account.pass !== null && account.pass === given.password) {
        site.flood.forgetAccount(account.uid, address);
        return account;
      }
      site.flood.failAccount(account.uid, address);
    }
  }
  site.flood.failAddress(address);
  return null;
}

function touchAccess(site: Site, user: DrupalUser): void {
  const current = site.users.get(user.uuid);
  if (current !== undefined && site.now() - current.access > ACCESS_INTERVAL)
    site.users.put({ ...current, access: site.now() });
}

/** simple_oauth answers a bad token with a themed page and the reason in a header (contract/drupal 317, 343-346). */
function bearerRefused(description: string): DrupalError {
  const challenge = `Bearer realm="OAuth", error="access_denied", error_description="${description}"`;
  return new DrupalError({
    status: 401,
    items: [{ detail: description }],
    headers: { "WWW-Authenticate": challenge },
    html: true,
  });
}

function bearerIdentity(site: Site, token: string): Identity {
  const check = site.oauth.check(token);
  if (check.kind === "denied") throw bearerRefused(check.description);
  const { client, roles } = check.grant;
  const user = site.users.byName(client.actsAs) ?? null;
  return identity(site, user, true, ["authenticated", ...roles], client.id);
}

/** Finds out who asks. Never fails for Basic: wrong credentials are an anonymous request. */
export function authenticate(site: Site, request: DrupalRequest): Identity {
  const header = request.headers.get("authorization") ?? "";
  const bearer = /^bearer\s+(\S+)$/i.exec(header.trim());
  if (bearer?.[1] !== undefined && site.settings.simpleOauth)
    return bearerIdentity(site, bearer[1]);
  const given = basicCredentials(header);
  if (given === undefined) return identity(site, null, false, rolesOf(null));
  const user = checkPassword(site, given, request.address);
  if (user !== null) touchAccess(site, user);
  return identity(site, user, true, rolesOf(user));
}
