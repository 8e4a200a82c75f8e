// Grants by index are the grants that a search of the whole graph gives, whatever the graph.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AppRoleHolders, type GroupGraph, grantIndex } from "../../src/rules/roles.ts";

const USERS = ["ada", "bob", "eve"];
const GROUPS = ["g1", "g2", "g3", "g4"];
const some = (of: readonly string[]) => fc.uniqueArray(fc.constantFrom(...of));
const graphs = fc.dictionary(
  fc.constantFrom(...GROUPS),
  fc.record({ users: some(USERS), groups: some(GROUPS) }),
);
const holders = fc.dictionary(fc.constantFrom("r1", "r2"), some([...USERS, ...GROUPS]));

/** The same by searching the whole graph for one user: what the index is held against. */
function grantsOf(user: string, graph: GroupGraph, roles: AppRoleHolders): Set<string> {
  const entries = Object.entries(graph);
  const direct = entries.flatMap(([id, { users }]) => (users.includes(user) ? [id] : []));
  const held = new Set(direct);
  for (let size = -1; size !== held.size; ) {
    size = held.size;
    for (const [id, { groups }] of entries)
      if (groups.some((inner) => held.has(inner))) held.add(id);
  }
  const assigned = Object.entries(roles).flatMap(([role, ids]) =>
    ids.some((id) => id === user || direct.includes(id)) ? [role] : [],
  );
  return new Set([...held, ...assigned]);
}

describe("the index of grants", () => {
  it("answers as a search of the whole graph does, circles included", () => {
    fc.assert(
      fc.property(graphs, holders, fc.constantFrom(...USERS, "nobody"), (graph, roles, user) => {
        expect(grantIndex(graph, roles).of(user)).toEqual(grantsOf(user, graph, roles));
      }),
      { numRuns: 2000 },
    );
  });

  it("gives a member of an inner group the outer ones, but app roles only of the group that they are in", () => {
    const graph = {
      outer: { users: [], groups: ["inner"] },
      inner: { users: ["ada"], groups: ["outer"] },
    };
    const index = grantIndex(graph, { editor: ["outer"], reader: ["inner"], owner: ["bob"] });
    const grants = index.of;
    expect(index.users().toSorted()).toEqual(["ada", "bob"]);
    expect(grants("ada")).toEqual(new Set(["inner", "outer", "reader"]));
    expect(grants("bob")).toEqual(new Set(["owner"]));
    expect(grants("eve")).toEqual(new Set());
  });
});
