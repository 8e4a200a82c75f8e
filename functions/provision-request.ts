// One nominated user: reads both sides, decides, writes. The queue's message is a pointer.
import { app } from "@azure/functions";
import { currentApp } from "../src/composition-root.ts";
import { provisionMessageSchema } from "../src/rules/provision-request.ts";

app.storageQueue("provision-request", {
  queueName: "provision-requests",
  connection: "AzureWebJobsStorage",
  // Named failures end as an outcome; what is thrown here is unexpected: five tries, then the poison queue.
  handler: async (message, context) => {
    const { request } = provisionMessageSchema.parse(message);
    const outcome = await currentApp().provision(request);
    const what =
      outcome.kind === "done"
        ? `${outcome.status} ${outcome.operations.join("+") || "none"}`
        : "deferred";
    const ageMs = Date.now() - Date.parse(request.receivedAt);
    context.info(
      `provision ${request.drupalUuid ?? request.entraObjectId} ${what} ${outcome.reason.code} age=${ageMs}ms attempt=${request.attempt}`,
    );
  },
});
