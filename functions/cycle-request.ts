// A slice of a cycle: at most four minutes, then it queues itself again.
import { app } from "@azure/functions";
import { currentApp } from "../src/composition-root.ts";
import { cycleMessageSchema } from "../src/rules/cycle-request.ts";

app.storageQueue("cycle-request", {
  queueName: "cycle-requests",
  connection: "AzureWebJobsStorage",
  // What is thrown here is unexpected: five tries, then the poison queue ends the cycle, and says so.
  handler: async (message, context) => {
    const { cycleId } = cycleMessageSchema.parse(message).request;
    await currentApp().cycles.run(cycleId, (error) =>
      context.error(error instanceof Error ? error.stack : "unknown failure"),
    );
    context.info(`cycle ${cycleId} slice done`);
  },
});
