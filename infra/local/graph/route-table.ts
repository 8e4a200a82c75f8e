// Every modelled route: its handler, its cost in resource units and the permissions that open it.
import {
  getDeletedItem,
  listDeletedUsers,
  purgeDeletedItem,
  restoreDeletedItem,
} from "./deleted-items-routes.ts";
import type { GraphCall, GraphReply } from "./graph-message.ts";
import { groupDelta } from "./group-delta.ts";
import {
  addMember,
  getGroup,
  listGroups,
  listMemberOf,
  listMembers,
  patchGroup,
  postGroup,
  removeGroup,
  removeMember,
} from "./group-routes.ts";
import { countUsers, listUsers } from "./list-users.ts";
import { getOrganization, listDomains } from "./organization-routes.ts";
import { deletePhoto, getPhoto, getPhotoValue, listPhotos, putPhoto } from "./photo-routes.ts";
import { listAppRoleAssignedTo } from "./service-principal-routes.ts";
import type { Tenant } from "./tenant.ts";
import type { AppRole } from "./token.ts";
import { userDelta } from "./user-delta.ts";
import {
  deleteManager,
  getManager,
  getUser,
  patchUser,
  postUser,
  putManager,
  removeUser,
} from "./user-routes.ts";

/** Answers a call on a tenant. */
export type Handler = (tenant: Tenant, call: GraphCall) => GraphReply | Promise<GraphReply>;

/** One route; `units` undefined means it is not metered as directory work. */
export interface Route {
  readonly method: string;
  /** Segments below /v1.0; `{name}` takes any one segment, others match in any case. */
  readonly template: string;
  readonly handler: Handler;
  readonly units: number | undefined;
  /** Any of these; empty when the handler itself decides. */
  readonly roles: readonly AppRole[];
}

const READ_USERS: readonly AppRole[] = [
  "User.Read.All",
  "User.ReadWrite.All",
  "Directory.Read.All",
  "Directory.ReadWrite.All",
];
const WRITE_USERS: readonly AppRole[] = ["User.ReadWrite.All", "Directory.ReadWrite.All"];
const DELETED: readonly AppRole[] = [...READ_USERS, "User.DeleteRestore.All"];
const READ_PHOTOS: readonly AppRole[] = [
  "ProfilePhoto.Read.All",
  "ProfilePhoto.ReadWrite.All",
  "User.Read.All",
  "User.ReadWrite.All",
];
const WRITE_PHOTOS: readonly AppRole[] = ["ProfilePhoto.ReadWrite.All", "User.ReadWrite.All"];
const READ_DIRECTORY: readonly AppRole[] = ["Directory.Read.All", "Directory.ReadWrite.All"];
const READ_GROUPS: readonly AppRole[] = [
  "GroupMember.Read.All",
  "GroupMember.ReadWrite.All",
  "Group.Read.All",
  "Group.ReadWrite.All",
  ...READ_DIRECTORY,
];
const route = (
  signature: string,
  handler: Handler,
  units: number | undefined,
  roles: readonly AppRole[],
): Route => {
  const [method = "", template = ""] = signature.split(" ");
  return { method, template, handler, units, roles };
};

/** The routes, most specific first. */
export const ROUTES: readonly Route[] = [
  route("GET /users", listUsers, 2, READ_USERS),
  route("POST /users", postUser, 1, []),
  route("GET /users/$count", countUsers, 2, READ_USERS),
  route("GET /users/delta", userDelta, 1, READ_USERS),
  route("GET /users/{user}", getUser, 1, READ_USERS),
  route("PATCH /users/{user}", patchUser, 1, []),
  route("DELETE /users/{user}", removeUser, 1, []),
  route("GET /users/{user}/manager", getManager, 1, READ_USERS),
  route("PUT /users/{user}/manager/$ref", putManager, 1, WRITE_USERS),
  route("DELETE /users/{user}/manager/$ref", deleteManager, 1, WRITE_USERS),
  route("GET /users/{user}/memberOf", listMemberOf, 2, READ_DIRECTORY),
  route("GET /users/{user}/memberOf/{cast}", listMemberOf, 2, READ_DIRECTORY),
  route("GET /users/{user}/transitiveMemberOf", listMemberOf, 2, READ_USERS),
  route("GET /users/{user}/transitiveMemberOf/{cast}", listMemberOf, 2, READ_USERS),
  route("GET /users/{user}/photo", getPhoto, undefined, READ_PHOTOS),
  route("GET /users/{user}/photo/$value", getPhotoValue, undefined, READ_PHOTOS),
  route("PUT /users/{user}/photo/$value", putPhoto, undefined, WRITE_PHOTOS),
  route("PATCH /users/{user}/photo/$value", putPhoto, undefined, WRITE_PHOTOS),
  route("DELETE /users/{user}/photo/$value", deletePhoto, undefined, WRITE_PHOTOS),
  route("GET /users/{user}/photos", listPhotos, undefined, READ_PHOTOS),
  route("GET /users/{user}/photos/{size}", getPhoto, undefined, READ_PHOTOS),
  route("GET /users/{user}/photos/{size}/$value", getPhotoValue, undefined, READ_PHOTOS),
  route("GET /directory/deletedItems/microsoft.graph.user", listDeletedUsers, 1, DELETED),
  route("GET /directory/deletedItems/{id}", getDeletedItem, 1, DELETED),
  route("POST /directory/deletedItems/{id}/restore", restoreDeletedItem, 1, []),
  route("DELETE /directory/deletedItems/{id}", purgeDeletedItem, 1, []),
  route("GET /groups", listGroups, 1, READ_GROUPS),
  route("POST /groups", postGroup, 1, []),
  route("GET /groups/delta", groupDelta, 1, READ_GROUPS),
  route("GET /groups/{group}", getGroup, 1, READ_GROUPS),
  route("PATCH /groups/{group}", patchGroup, 1, []),
  route("DELETE /groups/{group}", removeGroup, 1, []),
  route("GET /groups/{group}/members", listMembers, 3, READ_GROUPS),
  route("GET /groups/{group}/members/{cast}", listMembers, 3, READ_GROUPS),
  route("GET /groups/{group}/transitiveMembers", listMembers, 5, READ_GROUPS),
  route("GET /groups/{group}/transitiveMembers/{cast}", listMembers, 5, READ_GROUPS),
  route("POST /groups/{group}/members/$ref", addMember, 1, []),
  route("DELETE /groups/{group}/members/{member}/$ref", removeMember, 1, []),
  route("GET /servicePrincipals/{servicePrincipal}/appRoleAssignedTo", listAppRoleAssignedTo, 1, [
    "Application.Read.All",
    ...READ_DIRECTORY,
  ]),
  route("GET /organization", getOrganization, 1, [
    "Organization.Read.All",
    "User.Read.All",
    ...READ_DIRECTORY,
  ]),
  route("GET /domains", listDomains, 1, ["Domain.Read.All", ...READ_DIRECTORY]),
];
