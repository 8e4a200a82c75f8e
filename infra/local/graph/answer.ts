// Answers one request below /v1.0: token, route, permission, limits, ordered faults, handler, error envelope.
import { randomUUID } from "node:crypto";
import { type FaultPlan, faultError, NoAnswer } from "./faults.ts";
import {
  errorEnvelope,
  GraphError,
  methodNotAllowed,
  notModelled,
  requestDenied,
} from "./graph-error.ts";
import type { GraphReply, GraphRequest } from "./graph-message.ts";
import { matchRoute, type RouteMatch } from "./match-route.ts";
import type { RequestLog } from "./request-log.ts";
import type { Route } from "./route-table.ts";
import type { Tenant } from "./tenant.ts";
import type { Throttle } from "./throttle.ts";
import { type AccessToken, hasRole, readToken } from "./token.ts";

/** What answering needs besides the tenant. */
export interface AnswerParts {
  readonly tenant: Tenant;
  readonly throttle: Throttle;
  readonly faults: () => FaultPlan;
  readonly log: RequestLog;
  readonly routes: readonly Route[];
}

/** Marks the answers of the directory; json-batching.md shows the content type in full. */
const JSON_HEADERS = {
  "Content-Type":
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8",
  "OData-Version": "4.0",
};

// Cost table: $select -1, $expand +1, $top below 20 -1, never below 1.
const unitsOf = (route: Route, request: GraphRequest): number => {
  const { query } = request;
  const top = query.get("$top");
  const saved = (query.has("$select") ? 1 : 0) + (top !== undefined && Number(top) < 20 ? 1 : 0);
  const expanded = query.has("$expand") ? 1 : 0;
  return Math.max(1, (route.units ?? 1) + (request.method === "GET" ? expanded - saved : 0));
};

const authorize = (parts: AnswerParts, request: GraphRequest): AccessToken =>
  readToken(parts.tenant.tokens, request.headers.authorization, parts.tenant.clock.now());

const found = (
  match: RouteMatch,
  request: GraphRequest,
): Extract<RouteMatch, { kind: "route" }> => {
  if (match.kind === "route") return match;
  if (match.kind === "method") throw methodNotAllowed();
  throw notModelled(`${request.method} ${request.path}`);
};

const handle = async (
  parts: AnswerParts,
  request: GraphRequest,
  match: RouteMatch,
): Promise<GraphReply> => {
  const { tenant } = parts;
  const token = authorize(parts, request);
  const { route, params } = found(match, request);
  const fault = parts.faults().strike(request.method, request.path);
  if (fault?.kind === "hang") throw new NoAnswer("hang");
  if (fault?.kind === "dropBeforeCommit") throw new NoAnswer("drop");
  if (fault?.kind === "status") throw faultError(fault);
  if (route.roles.length > 0 && !hasRole(token, route.roles)) throw requestDenied();
  const isWrite = request.method !== "GET";
  const headers =
    route.units === undefined
      ? {}
      : parts.throttle.take({ units: unitsOf(route, request), writes: isWrite ? 1 : 0 });
  try {
    tenant.users.purgeExpired();
    const reply = await route.handler(tenant, { ...request, params, token });
    if (fault?.kind === "dropAfterCommit") throw new NoAnswer("drop");
    if (fault?.kind === "hangAfterCommit") throw new NoAnswer("hang");
    if (fault?.kind === "statusAfterCommit") throw faultError(fault);
    return { ...reply, headers: { ...headers, ...reply.headers } };
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    const all = { ...headers, ...error.headers };
    throw new GraphError(error.status, error.code, error.message, error.details, all);
  }
};

const asGraphError = (error: unknown): GraphError => {
  if (error instanceof GraphError) return error;
  if (error instanceof NoAnswer) throw error;
  console.error(error);
  return new GraphError(500, "InternalServerError", "The simulator failed; see its log.");
};

/** The answer to a request, error envelope included; throws NoAnswer when an ordered fault says so. */
export async function answer(parts: AnswerParts, request: GraphRequest): Promise<GraphReply> {
  const requestId = randomUUID();
  const clientRequestId = request.headers["client-request-id"] ?? requestId;
  const common = {
    "Cache-Control": "no-cache",
    "Strict-Transport-Security": "max-age=31536000",
    "request-id": requestId,
    "client-request-id": clientRequestId,
    "x-ms-ags-diagnostic":
      '{"ServerInfo":{"DataCenter":"Local","Slice":"E","Ring":"1","ScaleUnit":"001","RoleInstance":"SIM00000001"}}',
  };
  const match = matchRoute(parts.routes, request.method, request.segments);
  const template = match.kind === "route" ? match.route.template : "(no route)";
  const finish = (reply: GraphReply): GraphReply => {
    parts.log.note(request.method, template, request.path, reply.status, parts.tenant.clock.now());
    return reply;
  };
  try {
    const reply = await handle(parts, request, match);
    const isJson = reply.body !== undefined && !Buffer.isBuffer(reply.body);
    return finish({
      ...reply,
      headers: { ...common, ...(isJson ? JSON_HEADERS : {}), ...reply.headers },
    });
  } catch (thrown) {
    if (thrown instanceof NoAnswer) finish({ status: 0 });
    const error = asGraphError(thrown);
    const ids = { requestId, clientRequestId, now: parts.tenant.clock.now() };
    return finish({
      status: error.status,
      headers: { ...common, "Content-Type": "application/json", ...error.headers },
      body: errorEnvelope(error, ids),
    });
  }
}
