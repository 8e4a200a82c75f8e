// Creates, changes and deletes security groups and their members: the one way in for the API and the page.
import { badRequest, invalidValue, notModelled, requestDenied } from "./graph-error.ts";
import type { GroupChanges, GroupRecord } from "./group-store.ts";
import type { JsonObject, JsonValue } from "./json-value.ts";
import { forgetPrincipal, type Tenant } from "./tenant.ts";
import { type AccessToken, type AppRole, hasRole, mayTouchAdministrators } from "./token.ts";

const WRITE_GROUPS: readonly AppRole[] = ["Group.ReadWrite.All", "Directory.ReadWrite.All"];
const WRITE_MEMBERS: readonly AppRole[] = ["GroupMember.ReadWrite.All", ...WRITE_GROUPS];

const REQUIRED = ["displayName", "mailEnabled", "mailNickname", "securityEnabled"] as const;
// group-post-groups: ASCII except these; 64 characters.
const NICKNAME = /^[!-~]{1,64}$/;
const NICKNAME_FORBIDDEN = /[@()\\[\]";:<>, ]/;

const MODELLED = new Set(["displayName", "description", "mailNickname"]);
const FIXED: Readonly<Record<string, JsonValue>> = { mailEnabled: false, securityEnabled: true };

const checkText = (name: string, value: JsonValue, longest: number): string => {
  if (typeof value !== "string" || value.length === 0 || value.length > longest) {
    throw invalidValue(name, "Group");
  }
  return value;
};

const checkNickname = (value: JsonValue): string => {
  const text = checkText("mailNickname", value, 64);
  if (!NICKNAME.test(text) || NICKNAME_FORBIDDEN.test(text)) {
    throw invalidValue("mailNickname", "Group");
  }
  return text;
};

const checkBody = (body: JsonObject): GroupChanges => {
  for (const [name, value] of Object.entries(body)) {
    if (MODELLED.has(name) || name === "@odata.type") continue;
    const fixed = FIXED[name];
    if (fixed !== undefined && typeof value !== "boolean") throw invalidValue(name, "Group");
    const isEmpty = name === "groupTypes" && Array.isArray(value) && value.length === 0;
    if (fixed !== value && !isEmpty) throw notModelled(`the group property '${name}' as sent`);
  }
  const { displayName, description, mailNickname } = body;
  return {
    displayName: displayName === undefined ? undefined : checkText("displayName", displayName, 256),
    // Longest: 1,024 in the portal; unverified for Graph.
    description:
      description === undefined || description === null
        ? description
        : checkText("description", description, 1024),
    mailNickname: mailNickname === undefined ? undefined : checkNickname(mailNickname),
  };
};

/** POST /groups: a cloud security group; names need not be unique. */
export function createGroup(tenant: Tenant, token: AccessToken, body: JsonObject): GroupRecord {
  if (!hasRole(token, WRITE_GROUPS)) throw requestDenied();
  for (const property of REQUIRED) {
    if (body[property] === undefined || body[property] === null) {
      // Known from the field for groups; unverified in the documentation.
      throw badRequest(`A value is required for property '${property}' of resource 'Group'.`, [
        { code: "RequiredValueMissing", target: property },
      ]);
    }
  }
  const { displayName = "", description, mailNickname } = checkBody(body);
  return tenant.groups.insert({ displayName, description, mailNickname });
}

/** PATCH /groups/{id}. */
export function updateGroup(
  tenant: Tenant,
  token: AccessToken,
  group: GroupRecord,
  body: JsonObject,
): void {
  if (!hasRole(token, WRITE_GROUPS)) throw requestDenied();
  tenant.groups.update(group, checkBody(body));
}

/** DELETE /groups/{id}: a security group is deleted for good at once (delta-query-groups). */
export function deleteGroup(tenant: Tenant, token: AccessToken, group: GroupRecord): void {
  if (!hasRole(token, WRITE_GROUPS)) throw requestDenied();
  requireMayManage(token, group);
  tenant.groups.remove(group);
  forgetPrincipal(tenant, group.id);
}

// group-post-members: role-assignable groups need RoleManagement.ReadWrite.Directory, which is not modelled.
const requireMayManage = (token: AccessToken, group: GroupRecord): void => {
  if (group.isAssignableToRole && !mayTouchAdministrators(token)) throw requestDenied();
};

/** POST /groups/{id}/members/$ref; the member exists. */
export function addGroupMember(
  tenant: Tenant,
  token: AccessToken,
  group: GroupRecord,
  memberId: string,
): void {
  if (!hasRole(token, WRITE_MEMBERS)) throw requestDenied();
  requireMayManage(token, group);
  if (group.memberIds.has(memberId)) {
    // group-post-members: 400 for an existing member.
    throw badRequest(
      "One or more added object references already exist for the following modified properties: 'members'.",
    );
  }
  // Wording unverified.
  if (memberId === group.id) throw badRequest("A group cannot be a member of itself.");
  tenant.groups.addMember(group, memberId);
}

/** DELETE /groups/{id}/members/{id}/$ref; it is a member. */
export function removeGroupMember(
  tenant: Tenant,
  token: AccessToken,
  group: GroupRecord,
  memberId: string,
): void {
  if (!hasRole(token, WRITE_MEMBERS)) throw requestDenied();
  requireMayManage(token, group);
  tenant.groups.removeMember(group, memberId);
}
