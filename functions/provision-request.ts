// One nominated user: reads both sides, decides, writes. The queue's message is a pointer.
import { app } from "@azure/functions";
import { currentApp } from "../src/composition-root.ts";
import { logLine } from "../src/rules/log-line.ts";
import { provisionEvent } from "../src/rules/provision-event.ts";
import { provisionMessageSchema } from "../src/rules/provision-request.ts";

app.storageQueue("provision-request", {
  queueName: "provision-requests",
  connection: "AzureWebJobsStorage",
  // Named failures end as an outcome; what is thrown here is unexpected: five tries, then the poison queue.
  handler: async (message, context) => {
    const { request } = provisionMessageSchema.parse(message);
    const startedAt = new Date();
    const outcome = await currentApp().provision(request);
    context.info(logLine(provisionEvent(request, outcome, startedAt, new Date())));
  },
});
