// Finds people in Drupal by how their names and addresses begin, for whoever looks for one of them.
import { folded } from "../../rules/values.ts";
import type { DrupalPeople } from "../../sync/ports.ts";
import { unexpectedAnswer } from "./answers.ts";
import type { DrupalAnswer, DrupalClient } from "./client.ts";
import { condition, memberOf } from "./user-search.ts";
import { proveRights, shownPage, unreadable } from "./whole-users.ts";
import { withQuery } from "./wire.ts";

// JSON:API's own maximum of a page (facts: drupal 15).
const PAGE = 50;

// On SQLite case is ignored in ASCII letters only (contract/drupal-fields 079): other texts are asked for as people spell
// them.
function spellings(text: string): readonly string[] {
  if (!/[^ -~]/.test(text)) return [text];
  const small = text.toLowerCase();
  const [first = "", ...rest] = small;
  return [...new Set([text, small, `${first.toUpperCase()}${rest.join("")}`])];
}

// Our own account is asked for, too: so an answer is never empty while we are let in (contract/drupal 099, 127).
function searchPath(text: string, ownUuid: string, limit: number): string {
  const begins = ["name", "mail"].flatMap((path) =>
    spellings(text).map((spelled) => ({ path, operator: "STARTS_WITH", value: spelled })),
  );
  const wanted = [...begins, { path: "id", operator: "=", value: ownUuid }];
  return withQuery("/jsonapi/user/user", [
    ["filter[any][group][conjunction]", "OR"],
    ...wanted.flatMap(({ path, operator, value }, at) => [
      ...condition(`c${at}`, path, operator, [value]),
      memberOf(`c${at}`),
    ]),
    ["sort", "name"],
    ["page[limit]", String(limit)],
  ]);
}

const isWhole = (answer: DrupalAnswer): boolean =>
  shownPage(answer, {})?.shown.some(({ user }) => user !== null) ?? false;

/** Searches one site: one request. */
export function createDrupalPeople(client: DrupalClient): DrupalPeople {
  return {
    startingWith: async (text, most) => {
      const { uuid: ownUuid } = await client.serviceAccount();
      const limit = Math.min(PAGE, most + 1);
      const path = searchPath(text, ownUuid, limit);
      const answer = await client.send({ method: "GET", path }, isWhole);
      if (!isWhole(answer)) await proveRights(client);
      const page = shownPage(answer, {});
      if (page === null) throw answer.status === 200 ? unexpectedAnswer() : unreadable(answer, []);
      const begins = (value: string | null) => folded(value ?? "").startsWith(folded(text));
      const users = page.shown
        // Who is shown in part is nobody's to show.
        .flatMap(({ user }) => user ?? [])
        .filter(({ uid }) => uid !== 0)
        .filter(({ uuid, name, mail }) => uuid !== ownUuid || begins(name) || begins(mail));
      return { users: users.slice(0, most), hasMore: page.hasNext || users.length > most };
    },
  };
}
