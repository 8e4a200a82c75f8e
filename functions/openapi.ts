// GET /api/openapi.json: the public contract, for programs and the people who write them; it tells nothing of this site.
import { app } from "@azure/functions";
import type { openApi } from "../src/api/answers/open-api.ts";
import { jsonOf } from "../src/api/json-of.ts";
import { loadedOnce } from "../src/api/loaded-once.ts";
import { respond } from "../src/api/respond.ts";

// Loaded when it is asked for: no other route pays for it at a cold start.
const contract = loadedOnce(async () => {
  const [{ openApiDocument }, { OPERATIONS }] = await Promise.all([
    import("../src/api/contract/open-api-document.ts"),
    import("../src/api/contract/operations.ts"),
  ]);
  return openApiDocument(OPERATIONS);
});

app.http("openapi", {
  methods: ["GET"],
  authLevel: "anonymous", // for anyone
  route: "openapi.json",
  handler: respond(async () => jsonOf<typeof openApi>()(200, await contract())),
});
