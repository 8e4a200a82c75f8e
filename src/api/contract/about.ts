// What the published contract says of the whole: its version, how to sign in, how errors and pages look.
import { CONSOLE_SIGNATURE } from "./console-signature.ts";

/** The version of the app that the contract is of. */
export const VERSION = "0.1.0";

/** For whoever reads the document first. */
export const INTRODUCTION = `Keeps the users of a Drupal site and of Microsoft Entra ID the same, both ways.

**Who may.** Readers need the app role \`Audit.Read\`, operators \`Sync.Operate\`, which includes it. ADMIN_AUTH says how they prove who they are: \`easyauth\` (the session of App Service Authentication, or a token that it accepts), or \`jwt\` (a bearer token that the app checks itself). A Drupal site signs what it sends, and, where DRUPAL_CONSOLE is \`on\`, the little that its module may ask.

**Errors** are problem details (RFC 9457) with a stable \`code\`. All faults of a request are told at once.

**Pages.** A listing answers \`items\` and \`continuation\`; the latter, given back with the same filters, asks for the next page.

**Words.** Directions are always written \`drupalToEntra\` and \`entraToDrupal\`. Times are ISO 8601 in UTC. Answers may get more fields in time: ignore what you do not know.`;

/** How callers prove who they are. */
export const SECURITY_SCHEMES = {
  bearer: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "An access token of Microsoft Entra ID for the app's audience.",
  },
  session: {
    type: "apiKey",
    in: "cookie",
    name: "AppServiceAuthSession",
    description: "The session of App Service Authentication, as a browser has it after signing in.",
  },
  webhookSignature: {
    type: "apiKey",
    in: "header",
    name: "webhook-signature",
    description:
      "Standard Webhooks: `v1,` and the HMAC-SHA256 of id, timestamp and body, in base64.",
  },
  hubSignature: {
    type: "apiKey",
    in: "header",
    name: "X-Hub-Signature-256",
    description: "Contrib module webhooks: `sha256=` and the HMAC-SHA256 of the body, in hex.",
  },
  consoleSignature: {
    type: "apiKey",
    in: "header",
    name: "webhook-signature",
    description: CONSOLE_SIGNATURE,
  },
} as const;
