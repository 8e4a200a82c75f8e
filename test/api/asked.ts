// Requests and configurations for the tests of who may: a tenant, an app on its own address, and what came of asking.
import { HttpRequest } from "@azure/functions";
import { Problem } from "../../src/api/problem.ts";
import { readConfig } from "../../src/config.ts";

/** The tenant of the app. */
export const TENANT = "11111111-aaaa-4111-8111-111111111111";
/** Someone in it. */
export const OBJECT = "22222222-bbbb-4222-8222-222222222222";
/** Where the app is. */
export const APP = "https://app.contoso.example";

/** A configuration with these settings on top of what is needed. */
export const configOf = (env: Record<string, string>) =>
  readConfig({
    AzureWebJobsStorage: "UseDevelopmentStorage=true",
    DRUPAL_BASE_URL: "https://www.contoso.example",
    DRUPAL_USERNAME: "svc",
    DRUPAL_PASSWORD: "canary-password",
    WEBHOOK_SECRETS: "a-webhook-secret-that-is-long-enough",
    ENTRA_TENANT_ID: TENANT,
    ...env,
  });

/** A request to an admin route. */
export const asked = (
  headers: Record<string, string> = {},
  url = `${APP}/api/audit`,
  method = "GET",
) => new HttpRequest({ method, url, headers });

/** `200`, or the status and code of the Problem that was thrown. */
export async function answerOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (one: unknown) => one,
  );
  if (error === null) return "200";
  if (!(error instanceof Problem)) throw error;
  return `${error.status} ${error.code}`;
}

/** The header in which App Service tells who signed in. */
export function clientPrincipal(
  claims: readonly (readonly [string, unknown])[],
  changes: object = {},
): Record<string, string> {
  const principal = {
    auth_typ: "aad",
    name_typ: "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    role_typ: "http://schemas.microsoft.com/ws/2008/06/identity/claims/role",
    claims: claims.map(([typ, val]) => ({ typ, val })),
    ...changes,
  };
  return { "x-ms-client-principal": Buffer.from(JSON.stringify(principal)).toString("base64") };
}
