// GET /api/openapi.json: the public contract, for programs and the people who write them; it tells nothing of this site.
import { app } from "@azure/functions";
import type { openApi } from "../src/api/answers/open-api.ts";
import type { OpenApiDocument } from "../src/api/contract/open-api-document.ts";
import { jsonOf } from "../src/api/json-of.ts";
import { respond } from "../src/api/respond.ts";

let contract: Promise<OpenApiDocument> | null = null;

// Loaded when it is asked for: no other route pays for it at a cold start.
async function load(): Promise<OpenApiDocument> {
  const [{ openApiDocument }, { OPERATIONS }] = await Promise.all([
    import("../src/api/contract/open-api-document.ts"),
    import("../src/api/contract/operations.ts"),
  ]);
  return openApiDocument(OPERATIONS);
}

app.http("openapi", {
  methods: ["GET"],
  authLevel: "anonymous", // for anyone
  route: "openapi.json",
  handler: respond(async () => {
    contract ??= load();
    return jsonOf<typeof openApi>()(200, await contract);
  }),
});
