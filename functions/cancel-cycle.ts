// POST /api/cycles/{id}/cancel: stops a cycle before its next user; what was written stays written.
import { app } from "@azure/functions";
import { steeredAnswer } from "../src/api/cycle-answer.ts";
import { requireCycleId } from "../src/api/cycle-request.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";

app.http("cancel-cycle", {
  methods: ["POST"],
  authLevel: "anonymous", // admin access is checked in the handler
  route: "cycles/{id}/cancel",
  handler: respond(async (request) => {
    const { authorize, cycles } = currentApp();
    const { actor } = await authorize(request, "Sync.Operate");
    const cycleId = requireCycleId(request.params.id);
    return steeredAnswer(await cycles.cancel({ cycleId, actor }), new Date());
  }),
});
