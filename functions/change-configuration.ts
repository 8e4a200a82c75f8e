// PUT /api/configuration: replaces the sync configuration that the admin has seen, and no other; with preview=true it saves
// nothing, and answers what the change would do.
import { app } from "@azure/functions";
import { changeConfigurationParameters } from "../src/api/configuration-request.ts";
import { changeResponse, previewResponse } from "../src/api/configuration-response.ts";
import { optionalPrecondition, requirePrecondition } from "../src/api/preconditions.ts";
import { parseQuery } from "../src/api/query.ts";
import { readJson } from "../src/api/read-json.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";

const MAX_BODY_BYTES = 256 * 1024;

app.http("change-configuration", {
  methods: ["PUT"],
  authLevel: "anonymous", // admin access is checked in the handler
  route: "configuration",
  handler: respond(async (request) => {
    const { authorize, configuration } = currentApp();
    const { actor } = await authorize(request, "Sync.Operate");
    const { preview } = parseQuery(changeConfigurationParameters, request.query);
    if (preview === "true") {
      const precondition = optionalPrecondition(request);
      const document = await readJson(request, MAX_BODY_BYTES);
      return previewResponse(await configuration.preview({ document, precondition, actor }));
    }
    const precondition = requirePrecondition(request);
    const document = await readJson(request, MAX_BODY_BYTES);
    return changeResponse(await configuration.change({ document, precondition, actor }));
  }),
});
