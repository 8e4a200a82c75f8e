// Reads Drupal users for the sync; an answer that lacks what our rights must show is a lost right, never a fact.
import { AccessError } from "../../rules/errors.ts";
import type { DrupalReader } from "../../sync/ports.ts";
import { type DrupalClient, rejectedByDrupal } from "./client.ts";
import { toDrupalUser, userDocument } from "./wire.ts";

/** The reader over one site's client. */
export function createDrupalUsers(client: DrupalClient): DrupalReader {
  return {
    serviceAccount: () => client.serviceAccount(),
    getUser: async (uuid) => {
      const path = `/jsonapi/user/user/${encodeURIComponent(uuid)}`;
      const { status, body } = await client.send({ method: "GET", path });
      if (status === 404) {
        // Anonymous visitors get a 404 as well: believed only when the site still knows us.
        await client.serviceAccount(true);
        return null;
      }
      const parsed = userDocument.safeParse(body);
      if (status === 200 && parsed.success) return toDrupalUser(parsed.data.data);
      if (status !== 200 && status !== 403) throw rejectedByDrupal(status);
      await client.serviceAccount(true);
      throw new AccessError(
        "the service account may not see users whole: it needs 'administer users'",
        {
          system: "drupal",
          code: "drupalRightsMissing",
        },
      );
    },
  };
}
