// The members of groups, read once and then kept up to date by change queries (Graph: group-delta).
import { z } from "zod";
import { TransientError } from "../../rules/errors.ts";
import type { GroupGraph } from "../../rules/roles.ts";
import { type GraphClient, isDeltaExpired } from "./client.ts";
import { readPages } from "./graph-reads.ts";

/** What is known of some groups, and of all groups inside them. */
export interface GroupMemory {
  /** Adds groups to those that are read, from the next refresh on. */
  track(ids: readonly string[]): void;
  refresh(): Promise<void>;
  /** Of these groups, those that Graph does not show: who is in them is not known. */
  notFound(ids: readonly string[]): string[];
  /** Everything known after the last refresh that came to its end; the same object until something changes. */
  graph(): GroupGraph;
}

// group-delta: "There is a limit of 50 filtered objects."
const MOST_IDS = 50;
const PERMISSION = "GroupMember.Read.All for the members of groups";
const USER = "#microsoft.graph.user";
const GROUP = "#microsoft.graph.group";

const changedMember = z.looseObject({
  "@odata.type": z.string().default(USER),
  id: z.guid().toLowerCase(),
  "@removed": z.unknown().optional(),
});
const changedGroup = z.looseObject({
  id: z.guid().toLowerCase(),
  "@removed": z.unknown().optional(),
  // A group's members come in as many items as they need, in any page (Graph: delta-query-groups).
  "members@delta": z.array(changedMember).default([]),
});
type ChangedGroup = z.infer<typeof changedGroup>;

interface Members {
  readonly users: Set<string>;
  readonly groups: Set<string>;
}

/** Up to 50 groups that are asked for together, and where their changes go on. */
interface Round {
  readonly ids: readonly string[];
  readonly deltaLink: string;
}

function applyMember({ users, groups }: Members, member: ChangedGroup["members@delta"][number]) {
  const { id, "@odata.type": type, "@removed": removed } = member;
  if (removed !== undefined) {
    users.delete(id);
    groups.delete(id);
  } else if (type === USER) users.add(id);
  else if (type === GROUP) groups.add(id);
}

const chunksOf = (ids: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(ids.length / MOST_IDS) }, (_, index) =>
    ids.slice(index * MOST_IDS, (index + 1) * MOST_IDS),
  );

/**
 * The memory of one instance. A cold start reads every tracked group anew in pages of about 200 members, one request
 * each (facts: graph 2): 500 requests for 100,000 members. After that a refresh is one request for every 50 groups.
 */
export function createGroupMemory(graph: GraphClient): GroupMemory {
  const wanted = new Set<string>();
  const known = new Map<string, Members>();
  // Those that Graph showed: one that is not here may be deleted, or its id mistyped, and is not "empty".
  const found = new Set<string>();
  let rounds: readonly Round[] = [];
  let shown: GroupGraph = {};
  let isChanged = false;

  const read = async (ids: readonly string[], path: string) => {
    const answer = await readPages(graph, PERMISSION, path, changedGroup);
    if (answer === null || answer.deltaLink === null) {
      const options = { system: "entra", code: "entraAnswerMalformed" } as const;
      throw new TransientError("Graph ended a round of changes without its link", options);
    }
    return { round: { ids, deltaLink: answer.deltaLink }, items: answer.items };
  };

  const apply = (items: readonly ChangedGroup[]): void => {
    for (const { id, "@removed": removed, "members@delta": members } of items) {
      const group = known.get(id);
      if (group === undefined) continue;
      if (removed === undefined) found.add(id);
      else {
        found.delete(id);
        group.users.clear();
        group.groups.clear();
      }
      for (const member of members) applyMember(group, member);
    }
    if (items.length > 0) isChanged = true;
  };

  const readChanges = async (round: Round) => {
    try {
      return await read(round.ids, round.deltaLink);
    } catch (error) {
      // After 7 days, or when Graph moved the tenant: these groups are read anew.
      if (isDeltaExpired(error)) return null;
      throw error;
    }
  };

  // Applied as a whole, so that nobody looks into a group that is half read.
  const readAnew = async (ids: readonly string[]): Promise<void> => {
    const filter = ids.map((id) => `id eq '${id}'`).join(" or ");
    const path = `/groups/delta?$filter=${encodeURIComponent(filter)}&$select=id,members`;
    const { round, items } = await read(ids, path);
    for (const id of ids) {
      known.set(id, { users: new Set(), groups: new Set() });
      found.delete(id);
    }
    rounds = [...rounds, round];
    isChanged = true;
    apply(items);
  };

  // Those without a round: new ones, groups found inside others, and those whose round expired.
  const missing = (): string[] => {
    const read = new Set(rounds.flatMap(({ ids }) => ids));
    const inside = [...known.values()].flatMap(({ groups }) => [...groups]);
    return [...new Set([...wanted, ...inside])].filter((id) => !read.has(id));
  };

  return {
    notFound: (ids) => ids.filter((id) => !found.has(id.toLowerCase())),
    track: (ids) => {
      for (const id of ids) wanted.add(id.toLowerCase());
    },
    refresh: async () => {
      const answers = await Promise.all(rounds.map(readChanges));
      rounds = answers.flatMap((answer) => answer?.round ?? []);
      for (const answer of answers) apply(answer?.items ?? []);
      // Groups inside groups become known level by level.
      for (let ids = missing(); ids.length > 0; ids = missing())
        for (const chunk of chunksOf(ids)) await readAnew(chunk);
      if (!isChanged) return;
      const groups = [...known].map(
        ([id, members]) =>
          [id, { users: [...members.users], groups: [...members.groups] }] as const,
      );
      shown = Object.fromEntries(groups);
      isChanged = false;
    },
    graph: () => shown,
  };
}
