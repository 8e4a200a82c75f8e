// GET /api/drift: who is not the same on both sides, from the last complete listings.
import { app } from "@azure/functions";
import { csvResponse } from "../src/api/csv.ts";
import {
  DRIFT_COLUMNS,
  driftAnswer,
  driftRecords,
  parseDriftRequest,
} from "../src/api/drift-answer.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";

app.http("drift", {
  methods: ["GET"],
  authLevel: "anonymous", // admin access is checked in the handler
  route: "drift",
  handler: respond(async (request) => {
    const { authorize, cycles } = currentApp();
    await authorize(request, "Audit.Read");
    const asked = parseDriftRequest(request.query);
    const report = await cycles.drift();
    if (asked.format === "json") return driftAnswer(report, asked);
    const rows = driftRecords(report, asked.kind);
    return csvResponse("drift.csv", DRIFT_COLUMNS, rows, { bom: asked.bom === "true" });
  }),
});
