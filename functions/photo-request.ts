// One user's picture: compared, and brought over where it moved. The queue's message is a pointer.
import { app } from "@azure/functions";
import { currentApp } from "../src/composition-root.ts";
import { photoMessageSchema } from "../src/rules/photo-request.ts";

app.storageQueue("photo-request", {
  queueName: "photo-requests",
  connection: "AzureWebJobsStorage",
  // Named failures end as an outcome; what is thrown here is unexpected: five tries, then the poison queue.
  handler: async (message, context) => {
    const { request } = photoMessageSchema.parse(message);
    const outcome = await currentApp().answerPhotoRequest(request);
    const what = outcome === null ? "deferred" : `${outcome.status} ${outcome.operation}`;
    const why = outcome?.reason.code ?? "";
    context.info(`photo ${request.drupalUuid} ${what} ${why} attempt=${request.attempt}`);
  },
});
