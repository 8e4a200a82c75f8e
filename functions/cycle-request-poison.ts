// A cycle that the host gave up on: it ends as failed, and frees its feed for the next one.
import { app } from "@azure/functions";
import { currentApp } from "../src/composition-root.ts";
import { cycleMessageSchema } from "../src/rules/cycle-request.ts";

app.storageQueue("cycle-request-poison", {
  queueName: "cycle-requests-poison",
  connection: "AzureWebJobsStorage",
  handler: async (message, context) => {
    const parsed = cycleMessageSchema.safeParse(message);
    if (parsed.success) await currentApp().cycles.fail(parsed.data.request.cycleId);
    context.error(`a cycle failed: ${parsed.success ? parsed.data.request.cycleId : "unreadable"}`);
  },
});
