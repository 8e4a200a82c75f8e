// POST /api/links/{drupalUuid}/conflicts: an operator takes one side's value, and the user is provisioned by it at once.
import { app } from "@azure/functions";
import { Problem } from "../src/api/problem.ts";
import { outcomeAnswer, parseSettleBody, requireUuid } from "../src/api/provision-body.ts";
import { readJson } from "../src/api/read-json.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";
import { logLine } from "../src/rules/log-line.ts";
import { provisionEvent } from "../src/rules/provision-event.ts";

const MAX_BODY_BYTES = 16 * 1024;

app.http("settle-conflict", {
  methods: ["POST"],
  authLevel: "anonymous", // admin access is checked in the handler
  route: "links/{drupalUuid}/conflicts",
  handler: respond(async (request, context) => {
    const { authorize, settle, provision } = currentApp();
    const { actor } = await authorize(request, "Sync.Operate");
    const drupalUuid = requireUuid(request.params.drupalUuid);
    const decision = parseSettleBody(await readJson(request, MAX_BODY_BYTES));
    const { kind } = await settle({ ...decision, drupalUuid, actor });
    if (kind === "unknown")
      throw new Problem(404, "conflictNotFound", "This attribute has no open conflict.");
    if (kind === "moved")
      throw new Problem(409, "conflictMoved", "The values changed since they were shown.");
    const startedAt = new Date();
    const receivedAt = startedAt.toISOString();
    const order = { drupalUuid, cause: "approval", attempt: 0, receivedAt, actor } as const;
    const outcome = await provision(order);
    context.info(logLine(provisionEvent(order, outcome, startedAt, new Date())));
    return outcomeAnswer(outcome);
  }),
});
