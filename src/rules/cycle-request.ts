// The message that takes a cycle further: its id and nothing else, so that one that arrives twice costs a look.
import { z } from "zod";

/** The body of a message on the cycle queue, all of it under `request` (rules/provision-request says why). */
export const cycleMessageSchema = z.strictObject({
  request: z.strictObject({ cycleId: z.guid().toLowerCase() }),
});

/** A cycle that wants to go on. */
export type CycleRequest = z.infer<typeof cycleMessageSchema>["request"];
