// POST /api/cycles/{id}/undo: plans the reverse of what a cycle wrote; nothing is written before that plan is approved.
import { app } from "@azure/functions";
import { startedAnswer } from "../src/api/cycle-answer.ts";
import { noSuchCycle, requireCycleId } from "../src/api/cycle-request.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";

app.http("undo-cycle", {
  methods: ["POST"],
  authLevel: "anonymous", // admin access is checked in the handler
  route: "cycles/{id}/undo",
  handler: respond(async (request) => {
    const { authorize, cycles } = currentApp();
    const { actor } = await authorize(request, "Sync.Operate");
    const started = await cycles.undo({ cycleId: requireCycleId(request.params.id), actor });
    if (started === null) throw noSuchCycle();
    return startedAnswer(started, new Date());
  }),
});
