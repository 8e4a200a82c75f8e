// What Drupal's console signs: with a key that is for nothing else, a text that names the method, the target and the body.
import { createHash, createHmac } from "node:crypto";
import { secretBytes } from "./webhook-secret.ts";

/** A request of the console as it came in. */
export interface ConsoleRequest {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** In upper case. */
  readonly method: string;
  /** Path and query as sent, without scheme and host. */
  readonly target: string;
  readonly body: Uint8Array;
}

/** What the console's key is made of, beside the secret. No signed delivery can be this text: it has no dot, and is no JSON. */
export const CONSOLE_KEY_LABEL = "drupal-entra-user-sync console v1";

/** The console's key of one of WEBHOOK_SECRETS. Webhooks are signed with the secret itself, so that no signature of theirs is
 * one of the console, nor the reverse (NIST SP 800-57 part 1, 5.2: one key, one purpose). */
export const consoleKey = (secret: string): Buffer =>
  createHmac("sha256", secretBytes(secret)).update(CONSOLE_KEY_LABEL).digest();

/** The text that stands where Standard Webhooks have the payload: three lines, without a line feed at the end. */
export const consoleText = ({ method, target, body }: Omit<ConsoleRequest, "headers">): string =>
  [method, target, createHash("sha256").update(body).digest("hex")].join("\n");
