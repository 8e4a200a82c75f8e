// PUT /api/configuration: replaces the sync configuration that the admin has seen, and no other.
import { app } from "@azure/functions";
import { z } from "zod";
import { changeResponse } from "../src/api/configuration-response.ts";
import { requirePrecondition } from "../src/api/preconditions.ts";
import { parseQuery } from "../src/api/query.ts";
import { readJson } from "../src/api/read-json.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";

const MAX_BODY_BYTES = 256 * 1024;

// Whoever asks for a preview must not get a save.
const parameters = z.strictObject({
  preview: z.undefined("the preview is not available yet; nothing was saved").optional(),
});

app.http("change-configuration", {
  methods: ["PUT"],
  authLevel: "anonymous", // admin access is checked in the handler
  route: "configuration",
  handler: respond(async (request) => {
    const { authorize, configuration } = currentApp();
    const { actor } = await authorize(request, "Sync.Operate");
    parseQuery(parameters, request.query);
    const precondition = requirePrecondition(request);
    const document = await readJson(request, MAX_BODY_BYTES);
    return changeResponse(await configuration.change({ document, precondition, actor }));
  }),
});
