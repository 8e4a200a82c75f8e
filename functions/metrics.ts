// GET /api/metrics: writes, outcomes, throttles and latencies of the last hours, by quarters of an hour.
import { app } from "@azure/functions";
import { metricsAnswer, metricsParameters } from "../src/api/metrics-answer.ts";
import { parseQuery } from "../src/api/query.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";

app.http("metrics", {
  methods: ["GET"],
  authLevel: "anonymous", // admin access is checked in the handler
  route: "metrics",
  handler: respond(async (request) => {
    const { authorize, metrics } = currentApp();
    await authorize(request, "Audit.Read");
    const { hours } = parseQuery(metricsParameters, request.query);
    return metricsAnswer(await metrics.read(hours));
  }),
});
