// A slice of a cycle: at most four minutes, then it queues itself again.
import { app } from "@azure/functions";
import { currentApp } from "../src/composition-root.ts";
import { cycleMessageSchema } from "../src/rules/cycle-request.ts";
import { logLine } from "../src/rules/log-line.ts";

app.storageQueue("cycle-request", {
  queueName: "cycle-requests",
  connection: "AzureWebJobsStorage",
  // What is thrown here is unexpected: five tries, then the poison queue ends the cycle, and says so.
  handler: async (message, context) => {
    const { cycleId } = cycleMessageSchema.parse(message).request;
    const startedMs = Date.now();
    await currentApp().cycles.run(cycleId, (error) =>
      context.error(logLine({ event: "cycle.userFailed", cycleId, error })),
    );
    context.info(logLine({ event: "cycle.slice", cycleId, durationMs: Date.now() - startedMs }));
  },
});
