// What a person does at the page of the simulator: the same functions, rules and errors as Graph's own writes.
import { randomBytes } from "node:crypto";
import { addGroupMember, createGroup, deleteGroup, removeGroupMember } from "./change-group.ts";
import { createUser, deleteUser, purgeUser, restoreUser, updateUser } from "./change-user.ts";
import { badRequest, GraphError, resourceNotFound } from "./graph-error.ts";
import { type GraphReply, NO_CONTENT } from "./graph-message.ts";
import type { GroupRecord } from "./group-store.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json-value.ts";
import { storePhoto } from "./photo-routes.ts";
import { DEFAULT_DOMAIN, type Tenant } from "./tenant.ts";
import { type AccessToken, APP_ROLES } from "./token.ts";
import type { UserRecord } from "./user-record.ts";

// A person at the page is an administrator.
const ADMINISTRATOR: AccessToken = {
  roles: new Set(APP_ROLES),
  entraRole: "Global Administrator",
  expiresAt: undefined,
};

/** The user with this id, deleted or not, or 404. */
export function userAt(tenant: Tenant, id: string, deleted = false): UserRecord {
  const record = deleted ? tenant.users.getDeleted(id) : tenant.users.get(id);
  if (record === undefined) throw resourceNotFound(id);
  return record;
}

const groupAt = (tenant: Tenant, id: string): GroupRecord => {
  const group = tenant.groups.get(id);
  if (group === undefined) throw resourceNotFound(id);
  return group;
};

const asName = (text: JsonValue | undefined): string =>
  String(text ?? "")
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ".")
    .replace(/^\.|\.$/g, "");

// The form asks for less than POST /users needs: the rest is made up as Entra's own admin center does.
const newUser = (body: JsonObject): JsonObject => {
  const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
  const { displayName, mail, userPrincipalName } = given;
  const name = typeof mail === "string" ? mail.split("@")[0] : asName(displayName);
  const upn =
    typeof userPrincipalName === "string" ? userPrincipalName : `${name}@${DEFAULT_DOMAIN}`;
  return {
    accountEnabled: true,
    ...given,
    mailNickname: upn.split("@")[0] ?? "",
    userPrincipalName: upn,
    passwordProfile: { password: `Aa1!${randomBytes(12).toString("base64url")}` },
  };
};

const newGroup = ({ displayName, description }: JsonObject): JsonObject => ({
  ...(displayName === undefined ? {} : { displayName }),
  ...(description === undefined || description === null ? {} : { description }),
  mailEnabled: false,
  securityEnabled: true,
  mailNickname: asName(displayName).slice(0, 64) || randomBytes(5).toString("hex"),
});

const readObject = (body: Buffer): JsonObject => {
  try {
    const parsed: unknown = JSON.parse(body.toString("utf8"));
    if (isJsonObject(parsed)) return parsed;
  } catch {
    // Said below.
  }
  throw badRequest("The body is not a JSON object.");
};

const restore = (tenant: Tenant, id: string, body: JsonObject): void => {
  const { newUserPrincipalName: upn, autoReconcileProxyConflict: drop } = body;
  restoreUser(tenant, ADMINISTRATOR, userAt(tenant, id, true), {
    autoReconcileProxyConflict: drop === true,
    newUserPrincipalName: typeof upn === "string" ? upn : undefined,
  });
};

const created = (id: string): GraphReply => ({ status: 201, body: { id } });

const writeUser = (
  tenant: Tenant,
  step: string,
  id: string,
  body: Buffer,
  type: string,
): GraphReply | undefined => {
  switch (step) {
    case "POST users":
      return created(createUser(tenant, ADMINISTRATOR, newUser(readObject(body))).id);
    case "PATCH users/id":
      updateUser(tenant, ADMINISTRATOR, userAt(tenant, id), readObject(body));
      return NO_CONTENT;
    case "DELETE users/id":
      deleteUser(tenant, ADMINISTRATOR, userAt(tenant, id));
      return NO_CONTENT;
    case "PUT users/id/photo":
      storePhoto(tenant, userAt(tenant, id), body, type);
      return NO_CONTENT;
    case "POST deleted/id/restore":
      restore(tenant, id, readObject(body));
      return NO_CONTENT;
    case "DELETE deleted/id":
      purgeUser(tenant, ADMINISTRATOR, userAt(tenant, id, true));
      return NO_CONTENT;
    default:
      return undefined;
  }
};

const writeGroup = (
  tenant: Tenant,
  step: string,
  ids: readonly string[],
  body: Buffer,
): GraphReply | undefined => {
  const [id = "", memberId = ""] = ids;
  switch (step) {
    case "POST groups":
      return created(createGroup(tenant, ADMINISTRATOR, newGroup(readObject(body))).id);
    case "DELETE groups/id":
      deleteGroup(tenant, ADMINISTRATOR, groupAt(tenant, id));
      return NO_CONTENT;
    case "PUT groups/id/members/id":
      addGroupMember(tenant, ADMINISTRATOR, groupAt(tenant, id), userAt(tenant, memberId).id);
      return NO_CONTENT;
    case "DELETE groups/id/members/id": {
      const group = groupAt(tenant, id);
      if (!group.memberIds.has(memberId)) throw resourceNotFound(memberId);
      removeGroupMember(tenant, ADMINISTRATOR, group, memberId);
      return NO_CONTENT;
    }
    default:
      return undefined;
  }
};

/** One write below /_page; its faults are Graph's. */
export function writePage(
  tenant: Tenant,
  method: string,
  path: string,
  body: Buffer,
  type: string,
): GraphReply {
  const ids: string[] = [];
  const shape = path.slice("/_page/".length).replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, (id) => {
    ids.push(id);
    return "id";
  });
  const step = `${method} ${shape}`;
  const reply =
    writeUser(tenant, step, ids[0] ?? "", body, type) ?? writeGroup(tenant, step, ids, body);
  if (reply === undefined) throw new GraphError(404, "NotFound", `${method} ${path}`);
  return reply;
}
