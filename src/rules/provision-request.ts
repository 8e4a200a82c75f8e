// The message that nominates one user: ids and a cause, never attribute values (rule 2).
import { z } from "zod";

/** What made us look at a user. */
export const causeSchema = z.enum([
  "webhook",
  "notification",
  "cycle",
  "onDemand",
  "replay",
  "approval",
]);

/** The body of a message on the provision queue. Everything sits under `request`: the Functions host copies top-level
 * properties of a JSON message over its own trigger metadata (facts: functions-host 4, ApplyBindingData). */
export const provisionMessageSchema = z.strictObject({
  request: z
    .strictObject({
      /** Exactly one of the two names the user. */
      drupalUuid: z.guid().toLowerCase().optional(),
      entraObjectId: z.guid().toLowerCase().optional(),
      cause: causeSchema,
      /** What the source said happened; a hint, confirmed by reading. */
      event: z.enum(["created", "updated", "deleted"]).optional(),
      /** The sender's id of the delivery, for the log. */
      deliveryId: z.string().max(128).optional(),
      /** Unix seconds: the read must be at least as new, for senders that speak before they commit. */
      changedAtLeast: z.int().optional(),
      /** True on the second look that such a sender needs. */
      settled: z.boolean().optional(),
      /** For a return from escrow: the escrow row's time; a row that has moved on makes this request void. */
      escrowedAt: z.iso.datetime().optional(),
      /** For the wake-up of a delete that waits for its grace: when it is due. */
      dueAt: z.iso.datetime().optional(),
      attempt: z.int().min(0).default(0),
      /** ISO 8601, when the event arrived. */
      receivedAt: z.iso.datetime(),
      /** A person, as far as the sender says, and not another program made the change. */
      byPerson: z.boolean().optional(),
      /** A look of our own that follows one that was asked for: nobody waits for it, and nobody's powers stay with it. */
      isFollowUp: z.boolean().optional(),
      /** Drupal's console asks for one of its people: who gets an answer at once, and is no operator. */
      bySite: z.boolean().optional(),
      /** Only this direction is written. */
      direction: z.enum(["drupalToEntra", "entraToDrupal"]).optional(),
      /** The Entra object id that an operator names as this user's. */
      joins: z.guid().toLowerCase().optional(),
      /** The cycle that nominated the user, and that tries again itself: never on the queue. */
      cycleId: z.guid().toLowerCase().optional(),
      /** A plan that takes something away from the user is told, and not carried out. */
      holdsHarm: z.boolean().optional(),
      /** The print of the plan that was approved: any other one is told, and not carried out. */
      expects: z.string().max(64).optional(),
      /** The cycle whose writes to this user are set back; what they were stands in the audit log (rule 2). */
      undoes: z.guid().toLowerCase().optional(),
      /** Who asked, for the audit log. */
      actor: z.string().max(128).optional(),
    })
    .refine(
      ({ drupalUuid, entraObjectId }) =>
        (drupalUuid === undefined) !== (entraObjectId === undefined),
      "needs exactly one of drupalUuid and entraObjectId",
    ),
});

/** A nominated user. */
export type ProvisionRequest = z.infer<typeof provisionMessageSchema>["request"];

/** Why a user was looked at, as the audit log names it. */
export type Cause = z.infer<typeof causeSchema>;

/** Somebody waits for the answer. */
export const isAwaited = ({ cause, isFollowUp }: ProvisionRequest): boolean =>
  (cause === "onDemand" || cause === "approval") && isFollowUp !== true;
