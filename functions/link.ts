// GET /api/links/{drupalUuid}: both sides as they are now, why, and what waits; reads only. The id may be the Entra object id.
import { app } from "@azure/functions";
import { explainedLinkAnswer } from "../src/api/explained-link-answer.ts";
import { requireUuid } from "../src/api/provision-body.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";

app.http("link", {
  methods: ["GET"],
  authLevel: "anonymous", // admin access is checked in the handler
  route: "links/{drupalUuid}",
  handler: respond(async (request) => {
    const { authorize, ...asked } = currentApp();
    await authorize(request, "Audit.Read");
    const id = requireUuid(request.params.drupalUuid);
    // No link and no Drupal account has the id: it may be that of an Entra user who has neither yet.
    return explainedLinkAnswer((await asked.links.holderOf(id)) ?? id, id, asked);
  }),
});
