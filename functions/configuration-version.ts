// GET /api/configuration/history/{version}: one saved version with its document.
import { app } from "@azure/functions";
import type { configurationVersion } from "../src/api/answers/configuration.ts";
import { jsonOf } from "../src/api/json-of.ts";
import { Problem } from "../src/api/problem.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";

app.http("configuration-version", {
  methods: ["GET"],
  authLevel: "anonymous", // admin access is checked in the handler
  route: "configuration/history/{version}",
  handler: respond(async (request) => {
    const { authorize, configuration } = currentApp();
    await authorize(request, "Audit.Read");
    const version = await configuration.version(request.params.version ?? "");
    if (version === null) throw new Problem(404, "unknownVersion", "There is no such version.");
    return jsonOf<typeof configurationVersion>()(200, version);
  }),
});
