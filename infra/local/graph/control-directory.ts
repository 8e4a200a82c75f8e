// The part of PATCH /_control that changes the directory: groups, domains, app roles and who is mastered on-premises.
import { randomUUID } from "node:crypto";
import type { ControlPatch } from "./control-schema.ts";
import type { GroupRecord } from "./group-store.ts";
import type { JsonValue } from "./json-value.ts";
import type { Tenant } from "./tenant.ts";

const newGroupIds = (patch: ControlPatch): string[] =>
  (patch.groups ?? []).flatMap(({ id }) => (id === undefined ? [] : [id]));

/** What is wrong with a patch, in one sentence; nothing has been changed then. */
export function directoryFault(tenant: Tenant, patch: ControlPatch): string | undefined {
  const newGroups = newGroupIds(patch);
  const isMember = (id: string): boolean =>
    tenant.users.get(id) !== undefined ||
    tenant.users.getDeleted(id) !== undefined ||
    tenant.groups.get(id) !== undefined ||
    newGroups.includes(id);
  for (const { id } of patch.onPremises ?? []) {
    if (tenant.users.get(id) === undefined) return `onPremises: no user ${id}`;
  }
  for (const { displayName, members = [] } of patch.groups ?? []) {
    const stranger = members.find((id) => !isMember(id));
    if (stranger !== undefined) return `groups: '${displayName}' has no member ${stranger} to take`;
  }
  const applications = (patch.servicePrincipals ?? []).map(({ id }) => id);
  for (const { principalId } of patch.appRoleAssignments ?? []) {
    const known =
      isMember(principalId) ||
      applications.includes(principalId) ||
      tenant.servicePrincipals.has(principalId);
    if (!known) return `appRoleAssignments: no user, group or application ${principalId}`;
  }
  return undefined;
}

const setMembers = (tenant: Tenant, group: GroupRecord, members: readonly string[]): void => {
  for (const id of [...group.memberIds]) {
    if (!members.includes(id)) tenant.groups.removeMember(group, id);
  }
  for (const id of members) if (!group.memberIds.has(id)) tenant.groups.addMember(group, id);
};

const applyGroups = (tenant: Tenant, patch: ControlPatch): void => {
  for (const wanted of patch.groups ?? []) {
    const group = wanted.id === undefined ? undefined : tenant.groups.get(wanted.id);
    if (group === undefined) {
      tenant.groups.insert(wanted);
      continue;
    }
    const { description, members } = wanted;
    const displayName = wanted.displayName === group.displayName ? undefined : wanted.displayName;
    if (displayName !== undefined || description !== undefined) {
      tenant.groups.update(group, { displayName, description });
    }
    if (members !== undefined) setMembers(tenant, group, members);
  }
};

const applyApplications = (tenant: Tenant, patch: ControlPatch): void => {
  for (const one of patch.servicePrincipals ?? []) {
    tenant.servicePrincipals.set(one.id, { ...one, appId: one.appId ?? randomUUID() });
  }
  if (patch.appRoleAssignments === undefined) return;
  for (const { servicePrincipalId: id } of patch.appRoleAssignments) {
    if (tenant.servicePrincipals.has(id)) continue;
    const application = { id, appId: randomUUID(), displayName: "Application", appRoles: [] };
    tenant.servicePrincipals.set(id, application);
  }
  const createdAt = tenant.clock.now();
  tenant.appRoleAssignments = patch.appRoleAssignments.map((assignment) => ({
    ...assignment,
    id: randomUUID(),
    createdAt,
  }));
};

/** Applies the directory part of a patch without fault. */
export function changeDirectory(tenant: Tenant, patch: ControlPatch): void {
  for (const { id, state } of patch.onPremises ?? []) {
    const record = tenant.users.get(id);
    if (record === undefined) continue;
    const value: JsonValue = { synced: true, formerlySynced: false, cloud: null }[state];
    const values = { ...record.values, onPremisesSyncEnabled: value };
    tenant.users.replace(record, values, ["onPremisesSyncEnabled"]);
  }
  for (const { name, type } of patch.domains ?? []) {
    const known = tenant.domains.some((domain) => domain.name === name);
    tenant.domains = known
      ? tenant.domains.map((domain) => (domain.name === name ? { ...domain, type } : domain))
      : [...tenant.domains, { name, initial: false, type }];
  }
  applyGroups(tenant, patch);
  applyApplications(tenant, patch);
}
