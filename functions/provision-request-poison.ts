// What the host gave up on: recorded in the audit log and in escrow, so that nothing ends in silence.
import { app } from "@azure/functions";
import { currentApp } from "../src/composition-root.ts";
import { provisionMessageSchema } from "../src/rules/provision-request.ts";

app.storageQueue("provision-request-poison", {
  queueName: "provision-requests-poison",
  connection: "AzureWebJobsStorage",
  handler: async (message, context) => {
    const parsed = provisionMessageSchema.safeParse(message);
    await currentApp().recordDeadLetter(parsed.success ? parsed.data.request : null);
    context.error(
      `a request ended in the poison queue: ${parsed.success ? (parsed.data.request.drupalUuid ?? parsed.data.request.entraObjectId) : "unreadable"}`,
    );
  },
});
