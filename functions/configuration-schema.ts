// GET /api/configuration/schema: the JSON Schema of the sync configuration, for editors; it tells nothing of this site.
import { app } from "@azure/functions";
import type { jsonSchema } from "../src/api/answers/configuration.ts";
import { jsonOf } from "../src/api/json-of.ts";
import { respond } from "../src/api/respond.ts";
import { syncConfigurationJsonSchema } from "../src/rules/configuration.ts";

app.http("configuration-schema", {
  methods: ["GET"],
  authLevel: "anonymous", // for anyone
  route: "configuration/schema",
  handler: respond(async () =>
    jsonOf<typeof jsonSchema>()(200, syncConfigurationJsonSchema(), {
      "Content-Type": "application/schema+json",
    }),
  ),
});
