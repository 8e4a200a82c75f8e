// The message that asks for one user's picture: an id and a cause.
import { z } from "zod";
import { causeSchema } from "./provision-request.ts";

/** The body of a message on the photo queue, all of it under `request` (rules/provision-request says why). */
export const photoMessageSchema = z.strictObject({
  request: z.strictObject({
    drupalUuid: z.guid().toLowerCase(),
    cause: causeSchema,
    cycleId: z.guid().toLowerCase().optional(),
    actor: z.string().max(128).optional(),
    attempt: z.int().min(0).default(0),
  }),
});

/** Asks for the picture of one user. */
export type PhotoRequest = z.infer<typeof photoMessageSchema>["request"];
