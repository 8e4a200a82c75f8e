// Reads Drupal users for the sync; an answer that lacks what our rights must show is a lost right, never a fact.
import { z } from "zod";
import { AccessError, RejectedError, TransientError } from "../../rules/errors.ts";
import type { DrupalUser } from "../../rules/users.ts";
import type { DrupalReader } from "../../sync/ports.ts";
import { type DrupalAnswer, type DrupalClient, rejectedByDrupal } from "./client.ts";
import { toDrupalUser, userDocument } from "./wire.ts";

// JSON:API's own "no such resource" (contract/drupal 291); a proxy's or Drupal's routing 404 is HTML (277).
const notFoundDocument = z.object({
  errors: z.array(z.object({ status: z.literal("404") })).min(1),
});

const isNotFound = ({ status, body }: DrupalAnswer): boolean =>
  status === 404 && notFoundDocument.safeParse(body).success;

const wholeUser = ({ status, body }: DrupalAnswer): DrupalUser | null => {
  const parsed = userDocument.safeParse(body);
  return status === 200 && parsed.success ? toDrupalUser(parsed.data.data) : null;
};

/** The reader over one site's client. */
export function createDrupalUsers(client: DrupalClient): DrupalReader {
  const ask = (uuid: string): Promise<DrupalAnswer> => {
    const path = `/jsonapi/user/user/${encodeURIComponent(uuid)}`;
    return client.send({ method: "GET", path }, (answer) => wholeUser(answer) !== null);
  };

  // Users can be seen whole at this moment: our own account stands for all.
  const proveRights = async (): Promise<void> => {
    const { uuid } = await client.serviceAccount();
    if (wholeUser(await ask(uuid)) !== null) return;
    throw new AccessError(
      "the service account may not see users whole: it needs 'administer users'",
      {
        system: "drupal",
        code: "drupalRightsMissing",
      },
    );
  };

  return {
    serviceAccount: () => client.serviceAccount(),
    getUser: async (uuid) => {
      const answer = await ask(uuid);
      const user = wholeUser(answer);
      if (user !== null) return user;
      await proveRights();
      if (isNotFound(answer)) return null;
      if (answer.status === 404 || answer.body === null) {
        const options = { system: "drupal", code: "drupalAnswerUnexpected" } as const;
        throw new TransientError("Drupal's answer does not come from JSON:API", options);
      }
      if (answer.status !== 200 && answer.status !== 403) throw rejectedByDrupal(answer.status);
      throw new RejectedError("Drupal does not show this one user whole", {
        system: "drupal",
        code: "drupalUserUnreadable",
      });
    },
  };
}
