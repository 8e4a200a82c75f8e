// Who came into a group or app role, or left one, since the last cycle: Graph's change query of users does not tell of that.
import type { Cycle, Nomination } from "../rules/cycle.ts";
import type { Watermark } from "../rules/job.ts";
import type { Reason } from "../rules/plan.ts";
import { grantsPrint } from "../rules/rest.ts";
import type { CyclePorts } from "./cycle-ports.ts";
import type { Slice } from "./cycle-step.ts";

const isWatched = ({ direction }: Cycle, { prints }: Slice): boolean =>
  direction === "entraToDrupal" && prints.needsGrants;

/** Who is in which group now; null where groups do not count or are not known. */
async function membershipsNow(
  cycle: Cycle,
  slice: Slice,
  ports: CyclePorts,
): Promise<Readonly<Record<string, string>> | null> {
  if (!isWatched(cycle, slice)) return null;
  const holders = await ports.grants.holders(slice.configuration);
  if (holders === null) return null;
  const grantsOf = await slice.grants();
  return Object.fromEntries(
    holders.flatMap((objectId) => {
      const grants = grantsOf(objectId);
      return grants === null ? [] : [[objectId, grantsPrint(grants)] as const];
    }),
  );
}

/** Keeps who is in which group now; answers it, or null where groups do not count or are not known. */
export async function keepMemberships(
  cycle: Cycle,
  slice: Slice,
  ports: CyclePorts,
): Promise<Readonly<Record<string, string>> | null> {
  const prints = await membershipsNow(cycle, slice, ports);
  if (prints !== null) await ports.listings.putMemberships(cycle.id, prints);
  return prints;
}

/** What is told of a cycle while a configured group or service principal cannot be found. */
export const GROUPS_UNKNOWN: Reason = {
  code: "groupsUnknown",
  message:
    "a group or service principal of the configuration cannot be found: nobody's roles and scopes by groups are known, and nothing follows from them",
};

/** Whether the groups that the configuration counts on cannot be told. */
export async function areGroupsUnknown(
  cycle: Cycle,
  slice: Slice,
  ports: CyclePorts,
): Promise<boolean> {
  return isWatched(cycle, slice) && (await ports.grants.holders(slice.configuration)) === null;
}

/** The users whose groups are not the ones that they were at the watermark. */
export async function nominateRegrouped(
  cycle: Cycle,
  watermark: Watermark | null,
  slice: Slice,
  ports: CyclePorts,
): Promise<{ readonly users: readonly Nomination[]; readonly memberships: string | null }> {
  if (cycle.kind !== "incremental" || !isWatched(cycle, slice))
    return { users: [], memberships: cycle.reading.memberships };
  const now = await membershipsNow(cycle, slice, ports);
  const before = watermark?.memberships ?? null;
  // Nobody can tell now: what is known of then stays, and is compared next time.
  if (now === null) return { users: [], memberships: before };
  const known = before === null ? {} : await ports.listings.memberships(before);
  const all = new Set([...Object.keys(known), ...Object.keys(now)]);
  const users = [...all]
    .filter((entraObjectId) => known[entraObjectId] !== now[entraObjectId])
    .map((entraObjectId) => ({ entraObjectId }));
  // A page of everyone's groups for each cycle of each five minutes would be kept for a year.
  if (users.length === 0 && before !== null) return { users, memberships: before };
  await ports.listings.putMemberships(cycle.id, now);
  return { users, memberships: cycle.id };
}
