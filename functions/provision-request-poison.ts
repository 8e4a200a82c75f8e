// What the host gave up on: recorded in the audit log and in escrow, so that nothing ends in silence.
import { app } from "@azure/functions";
import { currentApp } from "../src/composition-root.ts";
import { logLine } from "../src/rules/log-line.ts";
import { requestedUser } from "../src/rules/provision-event.ts";
import { provisionMessageSchema } from "../src/rules/provision-request.ts";

app.storageQueue("provision-request-poison", {
  queueName: "provision-requests-poison",
  connection: "AzureWebJobsStorage",
  handler: async (message, context) => {
    const request = provisionMessageSchema.safeParse(message).data?.request ?? null;
    await currentApp().recordDeadLetter(request);
    const cause = request?.cause;
    context.error(
      logLine({ event: "provision.deadLetter", cause, ...requestedUser(request ?? {}) }),
    );
  },
});
