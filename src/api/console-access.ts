// Who may use the routes of Drupal's console: the site itself, by a signature over the whole request; nobody while it is off.
import type { HttpRequest } from "@azure/functions";
import type { Config } from "../config.ts";
import type { ConsoleRequest } from "../rules/console-signing.ts";
import { Problem } from "./problem.ts";
import { readBody } from "./read-body.ts";

/** A body names one user, and who asks. */
const MAX_BODY_BYTES = 4096;

/**
 * Answers the request's body, which is proven to be the site's, or throws a Problem that tells no detail: 404 while the
 * console is off, 413 for a body of more than 4096 bytes, 401 for anything that the site did not sign, or sent before.
 */
export type AuthorizeConsole = (request: HttpRequest) => Promise<Uint8Array>;

/** The guard for a configuration. `check` tells whether a request is signed as it has to be. */
export function createConsoleAccess(
  config: Pick<Config, "console">,
  check: { isGenuine(request: ConsoleRequest): boolean },
): AuthorizeConsole {
  return async (request) => {
    if (!config.console.isOn) throw new Problem(404, "notFound", "There is nothing here.");
    const body = await readBody(request, MAX_BODY_BYTES);
    const { pathname, search } = new URL(request.url);
    const headers = Object.fromEntries(request.headers.entries());
    const { method } = request;
    if (!check.isGenuine({ headers, method, target: `${pathname}${search}`, body }))
      throw new Problem(401, "signatureInvalid", "The request is not signed as expected.");
    return body;
  };
}
