// GET /api/console/users/{drupalUuid}: Drupal's console asks why one of its users is as they are; reads only.
import { app } from "@azure/functions";
import { explainedLinkAnswer } from "../src/api/explained-link-answer.ts";
import { requireUuid } from "../src/api/provision-body.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";

app.http("console-user", {
  methods: ["GET"],
  authLevel: "anonymous", // the signature is the credential
  route: "console/users/{drupalUuid}",
  handler: respond(async (request) => {
    const { authorizeConsole, ...asked } = currentApp();
    await authorizeConsole(request);
    return explainedLinkAnswer(requireUuid(request.params.drupalUuid), null, asked);
  }),
});
