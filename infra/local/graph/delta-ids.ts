// The one $filter that a delta function takes: `id eq 'a' or id eq 'b'`, at most 50 ids.
import { type FilterNode, parseFilter } from "./filter-parser.ts";
import { unsupportedQuery } from "./graph-error.ts";

// user-delta.md @3bd18aec and group-delta.md @07613014: "There is a limit of 50 filtered objects."
const MOST_IDS = 50;

/** The ids of a delta's $filter, in lower case; the texts of both refusals are unverified. */
export function readDeltaIds(filter: string): string[] {
  const ids: string[] = [];
  const visit = (node: FilterNode): void => {
    if (node.kind === "or") {
      visit(node.left);
      visit(node.right);
    } else if (
      node.kind === "compare" &&
      node.path === "id" &&
      node.operator === "eq" &&
      typeof node.value === "string"
    ) {
      ids.push(node.value.toLowerCase());
    } else throw unsupportedQuery("Delta supports $filter by id only.");
  };
  visit(parseFilter(filter));
  if (ids.length > MOST_IDS) throw unsupportedQuery(`Delta supports at most ${MOST_IDS} ids.`);
  return ids;
}
