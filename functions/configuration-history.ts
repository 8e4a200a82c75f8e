// GET /api/configuration/history: every saved version, newest first, with who saved it and when.
import { app } from "@azure/functions";
import type { configurationVersions } from "../src/api/answers/configuration.ts";
import { jsonOf } from "../src/api/json-of.ts";
import { pageParameters, parseQuery } from "../src/api/query.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";

app.http("configuration-history", {
  methods: ["GET"],
  authLevel: "anonymous", // admin access is checked in the handler
  route: "configuration/history",
  handler: respond(async (request) => {
    const { authorize, configuration } = currentApp();
    await authorize(request, "Audit.Read");
    const { limit, continuation } = parseQuery(pageParameters, request.query);
    const page = await configuration.history(limit, continuation);
    return jsonOf<typeof configurationVersions>()(200, {
      items: page.versions,
      continuation: page.continuation,
    });
  }),
});
