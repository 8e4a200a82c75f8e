// GET /api/configuration: the sync configuration as it was saved, or with every default filled in.
import { app } from "@azure/functions";
import { readConfigurationParameters } from "../src/api/configuration-request.ts";
import {
  documentResponse,
  effectiveResponse,
  notModifiedResponse,
} from "../src/api/configuration-response.ts";
import { isNotModified } from "../src/api/preconditions.ts";
import { parseQuery } from "../src/api/query.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";

app.http("configuration", {
  methods: ["GET"],
  authLevel: "anonymous", // admin access is checked in the handler
  route: "configuration",
  handler: respond(async (request) => {
    const { authorize, configuration } = currentApp();
    await authorize(request, "Audit.Read");
    const { effective } = parseQuery(readConfigurationParameters, request.query);
    const { document, etag } = await configuration.read();
    // The defaults are the app's: they may change while the document, and so its ETag, does not.
    if (effective === "true") return effectiveResponse(document, etag);
    return etag !== null && isNotModified(request, etag)
      ? notModifiedResponse(etag)
      : documentResponse(document, etag);
  }),
});
