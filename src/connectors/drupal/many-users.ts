// Many Drupal users in few requests, by their UUIDs.
import { z } from "zod";
import type { DrupalUser } from "../../rules/users.ts";
import type { ManyDrupalUsers } from "../../sync/cycle-ports.ts";
import type { DrupalFields } from "../../sync/ports.ts";
import { unexpectedAnswer } from "./answers.ts";
import type { DrupalAnswer, DrupalClient } from "./client.ts";
import { proveRights, unreadable, wholePage, wholeUser } from "./whole-users.ts";
import { includeParameters, withQuery } from "./wire.ts";

// JSON:API's own maximum of a page (facts: drupal 15).
const PAGE = 50;
const collection = z.looseObject({ data: z.array(z.unknown()) });

// Those that are shown whole: the others are missing from the answer.
function usersIn({ status, body }: DrupalAnswer, fields: DrupalFields): DrupalUser[] | null {
  const parsed = collection.safeParse(body);
  if (status !== 200 || !parsed.success) return null;
  return parsed.data.data.flatMap(
    (data) => wholeUser({ status, body: { ...parsed.data, data } }, fields) ?? [],
  );
}

/** Reads many users of one site. */
export function createManyDrupalUsers(client: DrupalClient): ManyDrupalUsers {
  const readPage = async (
    uuids: readonly string[],
    fields: DrupalFields,
  ): Promise<DrupalUser[]> => {
    // contract/drupal 100
    const path = withQuery("/jsonapi/user/user", [
      ["filter[id][operator]", "IN"],
      ...uuids.map((uuid): [string, string] => ["filter[id][value][]", uuid.toLowerCase()]),
      ["page[limit]", String(PAGE)],
      ...includeParameters(fields),
    ]);
    const proves = (one: DrupalAnswer) => (wholePage(one, fields)?.users.length ?? 0) > 0;
    const answer = await client.send({ method: "GET", path }, proves);
    if (!proves(answer)) await proveRights(client);
    const users = usersIn(answer, fields);
    if (users === null)
      throw answer.status === 200 ? unexpectedAnswer() : unreadable(answer, Object.keys(fields));
    return users;
  };

  return {
    getUsers: async (uuids, fields) => {
      const users = new Map<string, DrupalUser>();
      for (let start = 0; start < uuids.length; start += PAGE) {
        for (const user of await readPage(uuids.slice(start, start + PAGE), fields))
          users.set(user.uuid.toLowerCase(), user);
      }
      return users;
    },
  };
}
