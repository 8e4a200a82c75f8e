// How the Drupal module signs what its console asks, told so that any language can do it. Its example is the third of
// test/contract/console-signatures.json, which holds more.
import { CONSOLE_KEY_LABEL } from "../../rules/console-signing.ts";

const EXAMPLE = {
  secret: "whsec_YSBzZWNyZXQgZm9yIHRoZSBleGFtcGxlcyBvbmx5ISE=",
  key: "o9BTEYFY3vVXywM4ZTtGfzDL9b37O5XSxPcGdmb+erw=",
  id: "req_03",
  timestamp: "1764115200",
  method: "POST",
  target: "/api/console/provision",
  body: '{"drupalUuid":"57a4d554-400c-4bda-83f8-44d67f8d0801","dryRun":true,"actor":{"uid":17}}',
  bodyHash: "101858d7d99a81bae2db7d26fad89312446ca8070c3d69a277d282e120a4bb23",
  signature: "v1,l99G2cP5NqWF5VofQ5YwdEuEeqWuZ3IKvzUnow6uriQ=",
};

/** The security scheme's description, in Markdown. */
export const CONSOLE_SIGNATURE = `The Drupal site signs each request, as Standard Webhooks do, with a key and a text of its own.

1. **Secret**: one of WEBHOOK_SECRETS; what follows \`whsec_\` decoded from base64, and any other text as its UTF-8 bytes.
2. **Key**: the HMAC-SHA256 of the ASCII text \`${CONSOLE_KEY_LABEL}\`, keyed with the secret; its 32 raw bytes.
3. **Text**: three lines, joined by a line feed (0x0A), with none at the end: the method in upper case; the target, which is path and query just as they are sent, without scheme and host; the SHA-256 of the body's bytes in lower-case hex (of no bytes where there is no body).
4. **Signature**: \`v1,\` and the base64 of the HMAC-SHA256, with that key, of \`<id>.<timestamp>.<text>\`.

Three headers carry it: \`webhook-id\` (1 to 128 of \`A-Z a-z 0-9 _ -\`, a new one for each request: it serves once), \`webhook-timestamp\` (Unix seconds, at most 300 from the app's clock), \`webhook-signature\`. While secrets are rotated, sign with either; or with both, separated by a blank.

Send targets that no client or proxy writes otherwise: in the query all but \`A-Z a-z 0-9 - . _ ~ = &\` as \`%XX\`, in the path nothing but the route and a UUID. A signature for another method, target or body, and one of a webhook, is refused.

Example, as fixed values:

\`\`\`text
secret     ${EXAMPLE.secret}
key        ${EXAMPLE.key} (base64)
id         ${EXAMPLE.id}
timestamp  ${EXAMPLE.timestamp}
body       ${EXAMPLE.body}
text       ${EXAMPLE.method}
           ${EXAMPLE.target}
           ${EXAMPLE.bodyHash}
signature  ${EXAMPLE.signature}
\`\`\``;
