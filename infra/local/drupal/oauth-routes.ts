// The token endpoint of simple_oauth: client_credentials alone, errors as league/oauth2-server words them.
import { notModelled } from "./drupal-error.ts";
import type { DrupalRequest, Reply } from "./drupal-http.ts";
import type { OAuthClient } from "./oauth-server.ts";
import type { Site } from "./site.ts";

const json = (status: number, value: unknown): Reply => ({ status, body: { kind: "json", value } });

function failed(status: number, error: string, description: string, hint?: string): Reply {
  const base = { error, error_description: description };
  return json(status, hint === undefined ? base : { ...base, hint });
}

interface Given {
  readonly id: string;
  readonly secret: string;
}

/** The client may identify itself in the form or by Basic (contract/drupal 305, 307). */
function clientCredentials(request: DrupalRequest, form: URLSearchParams): Given {
  const header = /^basic\s+(\S+)$/i.exec(request.headers.get("authorization") ?? "");
  const basic = header?.[1] === undefined ? "" : Buffer.from(header[1], "base64").toString("utf8");
  const colon = basic.indexOf(":");
  if (colon > 0) return { id: basic.slice(0, colon), secret: basic.slice(colon + 1) };
  return { id: form.get("client_id") ?? "", secret: form.get("client_secret") ?? "" };
}

function issue(site: Site, client: OAuthClient, scopeText: string | null): Reply {
  const scopes =
    scopeText === null || scopeText === "" ? client.defaultScopes : scopeText.split(" ");
  const unknown = scopes.find((scope) => client.scopes[scope] === undefined);
  if (unknown !== undefined)
    return failed(
      400,
      "invalid_scope",
      "The requested scope is invalid, unknown, or malformed",
      `Check the \`${unknown}\` scope`,
    );
  if (site.users.byName(client.actsAs)?.status !== true)
    throw notModelled("a token for a consumer whose user is blocked or gone");
  const token = site.oauth.issue(client, scopes);
  return {
    status: 200,
    headers: { "Cache-Control": "no-store, private", Pragma: "no-cache" },
    body: {
      kind: "json",
      value: { token_type: "Bearer", expires_in: client.lifetimeSeconds, access_token: token },
    },
  };
}

/** POST /oauth/token (contract/drupal 305-311). */
export function postToken(site: Site, request: DrupalRequest): Reply {
  const type = request.headers.get("content-type") ?? "";
  if (!type.startsWith("application/x-www-form-urlencoded"))
    throw notModelled("a token request that is not form-encoded");
  const form = new URLSearchParams(request.body.toString("utf8"));
  if (form.get("grant_type") !== "client_credentials")
    return failed(
      400,
      "unsupported_grant_type",
      "The authorization grant type is not supported by the authorization server.",
      "Check that all required parameters have been provided",
    );
  const given = clientCredentials(request, form);
  const client = site.oauth.client(given.id);
  if (client === undefined || client.secret !== given.secret)
    return failed(401, "invalid_client", "Client authentication failed");
  return issue(site, client, form.get("scope"));
}
