// POST /api/cycles/{id}/approve: carries out the plan that was looked at, or goes on after a canary.
import { app } from "@azure/functions";
import { steeredAnswer } from "../src/api/cycle-answer.ts";
import { parseApproveBody, requireCycleId } from "../src/api/cycle-request.ts";
import { readJson } from "../src/api/read-json.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";

const MAX_BODY_BYTES = 16 * 1024;

app.http("approve-cycle", {
  methods: ["POST"],
  authLevel: "anonymous", // admin access is checked in the handler
  route: "cycles/{id}/approve",
  handler: respond(async (request) => {
    const { authorize, cycles } = currentApp();
    const { actor } = await authorize(request, "Sync.Operate");
    const cycleId = requireCycleId(request.params.id);
    const { plan, canary } = parseApproveBody(await readJson(request, MAX_BODY_BYTES));
    return steeredAnswer(await cycles.approve({ cycleId, plan, canary, actor }), new Date());
  }),
});
