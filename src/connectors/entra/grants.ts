// Who is in which of the configured groups and app roles, for all users at once: never a question for each user.
import type { SyncConfiguration } from "../../rules/configuration.ts";
import {
  type GrantIndex,
  type Grants,
  type GroupGraph,
  grantIndex,
  trackedGroups,
} from "../../rules/roles.ts";
import type { GrantSource } from "../../sync/ports.ts";
import { type AppRoleAssignments, NO_ASSIGNMENTS, readAppRoles } from "./app-roles.ts";
import type { GraphClient } from "./client.ts";
import { createGroupMemory } from "./group-members.ts";
import { createSharedRefresh } from "./shared-refresh.ts";

const GRANTS_LAST_MS = 60_000;

const NOTHING: Grants = new Set();
const NOBODY: GrantIndex = { of: () => NOTHING, users: () => [] };

function appRolesOf(graph: GraphClient, servicePrincipal: string, now: () => Date) {
  let assignments: AppRoleAssignments | null = null;
  const refresh = createSharedRefresh(
    async () => {
      assignments = await readAppRoles(graph, servicePrincipal);
    },
    now,
    GRANTS_LAST_MS,
  );
  return async (isFresh: boolean): Promise<AppRoleAssignments | null> => {
    await refresh(isFresh);
    return assignments;
  };
}

/**
 * The grants of one instance, in its memory: nothing is stored, so that nothing can be stale after a restart; see
 * {@link createGroupMemory} for what a cold start costs. Two instances keep one memory each.
 */
export function createGrantSource(graph: GraphClient, now: () => Date): GrantSource {
  const groups = createGroupMemory(graph);
  const refreshGroups = createSharedRefresh(groups.refresh, now, GRANTS_LAST_MS);
  const applications = new Map<string, ReturnType<typeof appRolesOf>>();
  let built: { group: GroupGraph; roles: AppRoleAssignments; index: GrantIndex } | null = null;

  const rolesOfApplication = (id: string) => {
    const known = applications.get(id) ?? appRolesOf(graph, id, now);
    applications.set(id, known);
    return known;
  };

  const rolesFor = async ({ roles }: SyncConfiguration, isFresh: boolean) => {
    const mapped = roles.map.flatMap((row) => row.appRoles);
    if (mapped.length === 0 || roles.servicePrincipal === null)
      return { assignments: NO_ASSIGNMENTS, groups: [] };
    const assignments = await rolesOfApplication(roles.servicePrincipal.toLowerCase())(isFresh);
    if (assignments === null) return null;
    // A role that is assigned to a group is held by its members.
    return { assignments, groups: mapped.flatMap((role) => assignments.groups[role] ?? []) };
  };

  // null: nobody's grants are known.
  const indexOf = async (
    configuration: SyncConfiguration,
    isFresh: boolean,
  ): Promise<GrantIndex | null> => {
    const found = await rolesFor(configuration, isFresh);
    // A service principal that was deleted, or whose id is mistyped, has not taken its roles from everyone.
    if (found === null) return null;
    const { assignments, groups: holding } = found;
    const ids = [...trackedGroups(configuration), ...holding];
    if (ids.length > 0) {
      groups.track(ids);
      // A group that was never read has no members yet: that must not look like a group without members.
      const known = groups.graph();
      const isKnown = ids.every((id) => Object.hasOwn(known, id.toLowerCase()));
      await refreshGroups(isFresh || !isKnown);
    }
    if (ids.length === 0 && assignments === NO_ASSIGNMENTS) return NOBODY;
    // A group that was deleted, or whose id is mistyped, is not a group that everyone has left.
    if (groups.notFound(trackedGroups(configuration)).length > 0) return null;
    const group = groups.graph();
    if (built === null || built.group !== group || built.roles !== assignments)
      built = { group, roles: assignments, index: grantIndex(group, assignments.holders) };
    return built.index;
  };

  return {
    current: async (configuration, isFresh) => {
      const index = await indexOf(configuration, isFresh);
      return (entraObjectId) => index?.of(entraObjectId.toLowerCase()) ?? null;
    },
    holders: async (configuration) => (await indexOf(configuration, true))?.users() ?? null,
  };
}
