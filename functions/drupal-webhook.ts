// POST /api/webhooks/drupal: a change in Drupal. Answers as soon as the pointer to the user is safely queued.
import { app } from "@azure/functions";
import type { receipt as receiptSchema } from "../src/api/answers/receipt.ts";
import { jsonOf } from "../src/api/json-of.ts";
import { mediaTypeOf } from "../src/api/media-type.ts";
import { Problem } from "../src/api/problem.ts";
import { readBody } from "../src/api/read-body.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";
import { logLine } from "../src/rules/log-line.ts";
import { requestedUser } from "../src/rules/provision-event.ts";

const MAX_BODY_BYTES = 64 * 1024;

app.http("drupal-webhook", {
  methods: ["POST"],
  authLevel: "anonymous", // the signature is the credential
  route: "webhooks/drupal",
  handler: respond(async (request, context) => {
    if (mediaTypeOf(request) !== "application/json") {
      throw new Problem(415, "unsupportedMediaType", "The body must be application/json.");
    }
    const body = await readBody(request, MAX_BODY_BYTES);
    const headers = Object.fromEntries(request.headers.entries());
    const receipt = await currentApp().receiveDelivery({ headers, body });
    switch (receipt.kind) {
      case "unverified":
        throw new Problem(401, "signatureInvalid", "The delivery is not signed as expected.");
      case "malformed":
        throw new Problem(400, "malformedEvent", receipt.message);
      case "ignored":
        context.info(logLine({ event: "webhook.received", outcome: "ignored" }));
        return jsonOf<typeof receiptSchema>()(202, { status: "ignored", reason: receipt.why });
      case "queued":
        context.info(
          logLine({ event: "webhook.received", outcome: "queued", ...requestedUser(receipt) }),
        );
        return jsonOf<typeof receiptSchema>()(202, { status: "queued" });
    }
  }),
});
