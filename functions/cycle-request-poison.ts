// A cycle that the host gave up on: it ends as failed, and frees its feed for the next one.
import { app } from "@azure/functions";
import { currentApp } from "../src/composition-root.ts";
import { cycleMessageSchema } from "../src/rules/cycle-request.ts";
import { logLine } from "../src/rules/log-line.ts";

app.storageQueue("cycle-request-poison", {
  queueName: "cycle-requests-poison",
  connection: "AzureWebJobsStorage",
  handler: async (message, context) => {
    // Unreadable: put there by hand.
    const cycleId = cycleMessageSchema.safeParse(message).data?.request.cycleId;
    if (cycleId !== undefined) await currentApp().cycles.fail(cycleId);
    context.error(logLine({ event: "cycle.failed", cycleId }));
  },
});
