// Who holds the app roles of one application: a list, as Graph has no change query for it.
import { z } from "zod";
import type { AppRoleHolders } from "../../rules/roles.ts";
import type { GraphClient } from "./client.ts";
import { readPages } from "./graph-reads.ts";

const PERMISSION = "Application.Read.All for app roles";

const assignment = z.object({
  appRoleId: z.guid().toLowerCase(),
  principalId: z.guid().toLowerCase(),
  principalType: z.string(),
});

/** The assignments of an application. */
export interface AppRoleAssignments {
  /** By app role: the users and groups that it is assigned to. */
  readonly holders: AppRoleHolders;
  /** The groups among them, by app role. */
  readonly groups: AppRoleHolders;
}

/** Nobody holds anything. */
export const NO_ASSIGNMENTS: AppRoleAssignments = { holders: {}, groups: {} };

function byRole(assignments: readonly z.infer<typeof assignment>[]): AppRoleHolders {
  const roles: Record<string, string[]> = {};
  for (const { appRoleId, principalId } of assignments) {
    const holders = roles[appRoleId] ?? [];
    holders.push(principalId);
    roles[appRoleId] = holders;
  }
  return roles;
}

/** Reads all assignments of a service principal, page by page; null where there is no such service principal. */
export async function readAppRoles(
  graph: GraphClient,
  servicePrincipal: string,
): Promise<AppRoleAssignments | null> {
  const path = `/servicePrincipals/${encodeURIComponent(servicePrincipal)}/appRoleAssignedTo?$top=999`;
  const answer = await readPages(graph, PERMISSION, path, assignment);
  if (answer === null) return null;
  const people = answer.items.filter(({ principalType }) => principalType !== "ServicePrincipal");
  return {
    holders: byRole(people),
    groups: byRole(people.filter(({ principalType }) => principalType === "Group")),
  };
}
