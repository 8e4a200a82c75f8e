// GET /api/session: who is signed in and what they may, for anyone; a page shows itself by it.
import { app } from "@azure/functions";
import { jsonOf } from "../src/api/json-of.ts";
import { respond } from "../src/api/respond.ts";
import type { sessionSchema } from "../src/api/session-answer.ts";
import { currentApp } from "../src/composition-root.ts";

app.http("session", {
  methods: ["GET"],
  authLevel: "anonymous", // for anyone
  route: "session",
  handler: respond(async (request) =>
    jsonOf<typeof sessionSchema>()(200, await currentApp().session(request)),
  ),
});
