// What the host gave up on: told in the log. Nothing is lost, as the next cycle of pictures looks at everyone.
import { app } from "@azure/functions";
import { logLine } from "../src/rules/log-line.ts";
import { photoMessageSchema } from "../src/rules/photo-request.ts";
import { requestedUser } from "../src/rules/provision-event.ts";

app.storageQueue("photo-request-poison", {
  queueName: "photo-requests-poison",
  connection: "AzureWebJobsStorage",
  handler: async (message, context) => {
    const request = photoMessageSchema.safeParse(message).data?.request;
    context.error(logLine({ event: "photo.deadLetter", ...requestedUser(request ?? {}) }));
  },
});
