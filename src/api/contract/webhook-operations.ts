// The contract of the webhooks: what Drupal sends, and how it proves that it is Drupal.
import { z } from "zod";
import { receipt } from "../answers/receipt.ts";
import { jsonAnswer } from "./answers-of.ts";
import type { Operation } from "./operation.ts";

const nativeEvent = z
  .looseObject({
    type: z.string().describe("user.created, user.updated or user.deleted; others are ignored."),
    data: z.looseObject({
      uuid: z.guid().describe("The Drupal UUID of the user."),
      sequence: z.int().optional(),
      actor: z.guid().optional().describe("The Drupal UUID of whoever made the change."),
    }),
  })
  .meta({
    id: "DrupalEvent",
    description: "A pointer to a user. What changed is read from Drupal, never taken from here.",
    examples: [
      {
        type: "user.updated",
        data: { uuid: "6f1d3c0e-5a0b-4c8e-9d8e-3f2a1b0c9d8e", sequence: 12 },
      },
    ],
  });

const contribEvent = z
  .looseObject({ event: z.string(), user: z.looseObject({}), entity: z.looseObject({}) })
  .meta({ id: "DrupalWebhooksEvent", description: "The body of the contrib module webhooks." });

/** Everything that arrives from the systems. */
export const webhookOperations: readonly Operation[] = [
  {
    id: "drupalWebhook",
    method: "post",
    route: "webhooks/drupal",
    tag: "Webhooks",
    summary: "A change in Drupal",
    description:
      "Signed with one of WEBHOOK_SECRETS, either as Standard Webhooks say or as the contrib module *webhooks* does (WEBHOOK_FORMATS). It is answered when the pointer to the user is safely queued.",
    who: ["signature"],
    parameters: {
      header: z.object({
        "webhook-id": z.string().optional().describe("Standard Webhooks: the id of the delivery."),
        "webhook-timestamp": z
          .string()
          .optional()
          .describe("Standard Webhooks: Unix seconds, at most 300 from now."),
        "X-Drupal-Delivery": z.string().optional().describe("Contrib: the id of the delivery."),
      }),
    },
    body: z.union([nativeEvent, contribEvent]),
    answers: { 202: jsonAnswer("It is queued, or ignored.", receipt) },
    problems: {
      400: { malformedEvent: "The delivery is genuine, and says nothing that can be understood." },
      401: { signatureInvalid: "The delivery is not signed as expected." },
    },
  },
];
