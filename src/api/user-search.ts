// GET users: what may be searched for, and the people who are found.
import { z } from "zod";

/** The query: the beginning of a name or an address, or an id of either system. */
export const userSearchParameters = z.strictObject({
  search: z
    .string()
    .trim()
    .normalize("NFC")
    .min(2)
    .max(100)
    .regex(/^\P{Cc}*$/u, "must not hold control characters")
    .describe(
      "The beginning of a name, a mail address or a user principal name, in any case; or a Drupal UUID or an Entra object id.",
    ),
  limit: z.coerce.number().int().min(1).max(25).default(10),
});

const isEnabled = z
  .boolean()
  .nullable()
  .describe("null: there is no account, or its side did not answer.");

const person = z.object({
  name: z.string().describe("Entra's display name, else the account name in Drupal."),
  drupalName: z.string().nullable().describe("The account name in Drupal."),
  mail: z.string().nullable().describe("Entra's, else Drupal's."),
  drupalUuid: z.guid().nullable(),
  entraObjectId: z.guid().nullable(),
  userPrincipalName: z.string().nullable(),
  isEnabled: z.object({ drupal: isEnabled, entra: isEnabled }),
  linked: z.boolean().describe("Both accounts are joined: they are one item."),
});

/** The answer. */
export const userSearchAnswer = z.object({
  items: z
    .array(person)
    .readonly()
    .describe("Who is called exactly so comes first, then all others by name."),
  hasMore: z.boolean().describe("There are others: a longer text finds them."),
  isPartial: z.boolean().describe("A side did not answer: people may be missing."),
  failures: z
    .array(
      z.object({
        system: z.enum(["drupal", "entra", "storage"]),
        code: z.string(),
        message: z.string(),
      }),
    )
    .readonly()
    .describe("Why a side did not answer."),
});
