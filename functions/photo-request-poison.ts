// What the host gave up on: told in the log. Nothing is lost, as the next cycle of pictures looks at everyone.
import { app } from "@azure/functions";
import { photoMessageSchema } from "../src/rules/photo-request.ts";

app.storageQueue("photo-request-poison", {
  queueName: "photo-requests-poison",
  connection: "AzureWebJobsStorage",
  handler: async (message, context) => {
    const whose = photoMessageSchema.safeParse(message).data?.request.drupalUuid ?? "unreadable";
    context.error(
      `a picture ended in the poison queue, until the next cycle of pictures: ${whose}`,
    );
  },
});
