// One user's picture: compared, and brought over where it moved. The queue's message is a pointer.
import { app } from "@azure/functions";
import { currentApp } from "../src/composition-root.ts";
import { logLine } from "../src/rules/log-line.ts";
import { photoMessageSchema } from "../src/rules/photo-request.ts";
import { requestedUser } from "../src/rules/provision-event.ts";

app.storageQueue("photo-request", {
  queueName: "photo-requests",
  connection: "AzureWebJobsStorage",
  // Named failures end as an outcome; what is thrown here is unexpected: five tries, then the poison queue.
  handler: async (message, context) => {
    const { request } = photoMessageSchema.parse(message);
    const startedMs = Date.now();
    const outcome = await currentApp().answerPhotoRequest(request);
    const { cause, cycleId, attempt } = request;
    context.info(
      logLine({
        event: "photo.done",
        outcome: outcome?.status ?? "deferred",
        operations: outcome?.operation ?? "none",
        reason: outcome?.reason.code,
        ...{ cause, cycleId, attempt },
        ...requestedUser({
          drupalUuid: request.drupalUuid,
          entraObjectId: outcome?.entraObjectId ?? undefined,
        }),
        durationMs: Date.now() - startedMs,
      }),
    );
  },
});
