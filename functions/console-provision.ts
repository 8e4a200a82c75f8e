// POST /api/console/provision: Drupal's console asks for one of its users now, both ways; with dryRun nothing is written.
import { app } from "@azure/functions";
import { parseConsoleOrder } from "../src/api/console-request.ts";
import { explainedAnswer, outcomeAnswer } from "../src/api/provision-body.ts";
import { parseJsonBytes, requireJson } from "../src/api/read-json.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";
import { logLine } from "../src/rules/log-line.ts";
import { provisionEvent } from "../src/rules/provision-event.ts";

app.http("console-provision", {
  methods: ["POST"],
  authLevel: "anonymous", // the signature is the credential
  route: "console/provision",
  handler: respond(async (request, context) => {
    const { authorizeConsole, provision, explain } = currentApp();
    const body = await authorizeConsole(request);
    requireJson(request);
    const startedAt = new Date();
    const { order, dryRun } = parseConsoleOrder(parseJsonBytes(body), startedAt);
    if (dryRun) {
      const explained = await explain(order);
      const explanation = explained.kind === "explained" ? explained.explanation : null;
      return explainedAnswer(explained.reason, explanation);
    }
    const outcome = await provision(order);
    context.info(logLine(provisionEvent(order, outcome, startedAt, new Date())));
    return outcomeAnswer(outcome);
  }),
});
