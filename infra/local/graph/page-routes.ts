// The page of the simulator: Entra's users as a person sees them; its writes take the same way as Graph's.
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { createUser, deleteUser, restoreUser, updateUser } from "./change-user.ts";
import { badRequest, GraphError, requestDenied, resourceNotFound } from "./graph-error.ts";
import type { GraphReply } from "./graph-message.ts";
import { isJsonObject, type JsonObject } from "./json-value.ts";
import { storePhoto } from "./photo-routes.ts";
import { representUser } from "./represent-user.ts";
import type { SimulatorLife } from "./simulator-life.ts";
import { DEFAULT_DOMAIN, type Tenant } from "./tenant.ts";
import { type AccessToken, APP_ROLES } from "./token.ts";
import { textOf, type UserRecord } from "./user-record.ts";

const SHOWN = 200;

const ASSETS: Readonly<Record<string, readonly [string, string]>> = {
  "/": ["users-page.html", "text/html; charset=utf-8"],
  "/_page/users-page.css": ["users-page.css", "text/css; charset=utf-8"],
  "/_page/users-table.css": ["users-table.css", "text/css; charset=utf-8"],
  "/_page/users-page.js": ["users-page.js", "text/javascript; charset=utf-8"],
};

const SECURITY = {
  "Content-Security-Policy":
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; form-action 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};

// A person at the page is an administrator.
const ADMINISTRATOR: AccessToken = {
  roles: new Set(APP_ROLES),
  entraRole: "Global Administrator",
  expiresAt: undefined,
};

const json = (status: number, body: JsonObject): GraphReply => ({
  status,
  headers: SECURITY,
  body,
});

const showUser = (tenant: Tenant, record: UserRecord): JsonObject => {
  const { values } = record;
  const marks = [
    ...(values.userType === "Guest" ? ["guest"] : []),
    ...(values.onPremisesSyncEnabled === true ? ["synced from on-premises"] : []),
  ];
  const names = ["displayName", "givenName", "surname", "mail", "department", "accountEnabled"];
  return {
    ...representUser(tenant, record, ["id", ...names], values),
    userPrincipalName: textOf(values, "userPrincipalName"),
    marks,
    deleted: record.deletedAt !== undefined,
    photo: record.photo?.etag ?? null,
    changed: record.changedAt === 0 ? null : new Date(record.changedAt).toISOString(),
  };
};

// Those that changed last come first, then everyone in the directory's order.
const usersToShow = (tenant: Tenant, words: string): { shown: UserRecord[]; total: number } => {
  const wanted = words.toLowerCase();
  const changed: UserRecord[] = [];
  const others: UserRecord[] = [];
  let total = 0;
  const look = (record: UserRecord): void => {
    const { values } = record;
    const matches = ["displayName", "userPrincipalName", "mail", "department"].some((name) =>
      textOf(values, name).toLowerCase().includes(wanted),
    );
    if (!matches) return;
    total += 1;
    if (record.changedAt > 0) changed.push(record);
    else if (others.length < SHOWN) others.push(record);
  };
  for (const record of tenant.users.deleted()) look(record);
  for (const record of tenant.users.all()) look(record);
  changed.sort((a, b) => b.changedAt - a.changedAt);
  return { shown: [...changed, ...others].slice(0, SHOWN), total };
};

const listPage = (life: SimulatorLife, query: URLSearchParams): GraphReply => {
  const { tenant } = life;
  const version = `${tenant.generation}.${tenant.users.version()}`;
  if (query.get("version") === version) return json(200, { version, unchanged: true });
  const { shown, total } = usersToShow(tenant, query.get("q") ?? "");
  return json(200, { version, total, users: shown.map((record) => showUser(tenant, record)) });
};

const userAt = (tenant: Tenant, id: string, deleted = false): UserRecord => {
  const record = deleted ? tenant.users.getDeleted(id) : tenant.users.get(id);
  if (record === undefined) throw resourceNotFound(id);
  return record;
};

const newUser = (body: JsonObject): JsonObject => {
  const { displayName, mail } = body;
  const name =
    typeof mail === "string"
      ? mail.split("@")[0]
      : String(displayName ?? "")
          .normalize("NFD")
          .toLowerCase()
          .replace(/[^a-z0-9]+/g, ".")
          .replace(/^\.|\.$/g, "");
  const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
  return {
    ...given,
    accountEnabled: true,
    mailNickname: name ?? "",
    userPrincipalName: `${name}@${DEFAULT_DOMAIN}`,
    passwordProfile: { password: `Aa1!${randomBytes(12).toString("base64url")}` },
  };
};

const readObject = (body: Buffer): JsonObject => {
  try {
    const parsed: unknown = JSON.parse(body.toString("utf8"));
    if (isJsonObject(parsed)) return parsed;
  } catch {
    // Said below.
  }
  throw badRequest("The body is not a JSON object.");
};

const write = (tenant: Tenant, method: string, path: string, body: Buffer, type: string): void => {
  const [, id = "", action = ""] =
    /^\/_page\/users(?:\/([0-9a-f-]+))?(?:\/(\w+))?$/.exec(path) ?? [];
  switch (`${method} ${id === "" ? "" : "user"}${action === "" ? "" : `/${action}`}`) {
    case "POST ":
      createUser(tenant, ADMINISTRATOR, newUser(readObject(body)));
      return;
    case "PATCH user":
      updateUser(tenant, ADMINISTRATOR, userAt(tenant, id), readObject(body));
      return;
    case "DELETE user":
      deleteUser(tenant, ADMINISTRATOR, userAt(tenant, id));
      return;
    case "POST user/restore": {
      const options = { autoReconcileProxyConflict: false, newUserPrincipalName: undefined };
      restoreUser(tenant, ADMINISTRATOR, userAt(tenant, id, true), options);
      return;
    }
    case "PUT user/photo":
      storePhoto(tenant, userAt(tenant, id), body, type);
      return;
    default:
      throw new GraphError(404, "NotFound", `${method} ${path}`);
  }
};

// Browsers name the page a write comes from; other sites' pages must not write here.
const requireSameOrigin = (request: IncomingMessage): void => {
  const { origin, host } = request.headers;
  const isSame = origin === `http://${host}` && request.headers["sec-fetch-site"] !== "cross-site";
  if (!isSame) throw requestDenied();
};

/** Answers the page's own requests; undefined for everything else. */
export function answerPage(
  life: SimulatorLife,
  request: IncomingMessage,
  target: string,
  body: Buffer,
): GraphReply | undefined {
  const [path = "/", search = ""] = target.split("?");
  const method = request.method ?? "GET";
  const asset = method === "GET" ? ASSETS[path] : undefined;
  if (asset !== undefined) {
    const headers = { ...SECURITY, "Content-Type": asset[1] };
    return { status: 200, headers, body: readFileSync(join(import.meta.dirname, asset[0])) };
  }
  if (!path.startsWith("/_page/")) return undefined;
  if (method === "GET" && path === "/_page/users")
    return listPage(life, new URLSearchParams(search));
  const pictured =
    method === "GET" ? /^\/_page\/users\/([0-9a-f-]+)\/photo$/.exec(path)?.[1] : undefined;
  if (pictured !== undefined) {
    const { users } = life.tenant;
    const { photo } = users.get(pictured) ?? userAt(life.tenant, pictured, true);
    if (photo === undefined) throw resourceNotFound(pictured);
    const headers = { ...SECURITY, "Content-Type": photo.contentType };
    return { status: 200, headers, body: photo.bytes };
  }
  requireSameOrigin(request);
  write(life.tenant, method, path, body, request.headers["content-type"] ?? "");
  return { status: 204, headers: SECURITY };
}
