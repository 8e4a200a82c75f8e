// Finds people in Entra by how their names and addresses begin, for whoever looks for one of them.
import { z } from "zod";
import type { EntraPeople } from "../../sync/ports.ts";
import type { GraphClient } from "./client.ts";
import { graphLinks, parsed, readGraph } from "./graph-reads.ts";
import { graphUserPage, queryOf, quoted, selectFor, toEntraUser } from "./wire.ts";

const PERMISSION = "User.Read.All (or more) for users";

// Microsoft's own example of a search for a person (Graph: query-parameters, "users with the name Mary across multiple
// properties"). It needs no ConsistencyLevel; $search does, and cuts display names, and what a person types, into words.
const BEGINNINGS = ["displayName", "givenName", "surname", "mail", "userPrincipalName"];
const SHOWN = ["displayName", "givenName", "surname", "mail"];

const page = z.object({ ...graphUserPage.shape, ...graphLinks.shape });

/** Searches one tenant. One request, of one resource unit (throttling-limits: `$select`). */
export function createEntraPeople(graph: GraphClient): EntraPeople {
  return {
    startingWith: async (text, most) => {
      const query = queryOf({
        $select: selectFor(SHOWN),
        $filter: BEGINNINGS.map((name) => `startsWith(${name},${quoted(text)})`).join(" or "),
        $top: String(most),
      });
      const body = await readGraph(graph, PERMISSION, graph.api(`/users?${query}`).get());
      const { value, "@odata.nextLink": next } = parsed(page, body);
      return { users: value.map((user) => toEntraUser(user, SHOWN)), hasMore: next !== undefined };
    },
  };
}
