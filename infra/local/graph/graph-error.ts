// Faults as Graph words them: status, code, message and details of the error envelope.
import type { JsonObject } from "./json-value.ts";

/** One entry of `error.details`. */
export interface ErrorDetail {
  readonly code: string;
  readonly target: string;
  readonly message?: string;
}

/** Thrown by handlers; the server turns it into the error envelope. */
export class GraphError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: readonly ErrorDetail[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    details?: readonly ErrorDetail[],
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
    this.headers = headers;
  }
}

/** 400 Request_BadRequest, the code of nearly every refused directory write. */
export function badRequest(message: string, details?: readonly ErrorDetail[]): GraphError {
  return new GraphError(400, "Request_BadRequest", message, details);
}

/** A value the directory refuses (graph-samples invalidMailNickname). */
export function invalidValue(property: string, resource = "User"): GraphError {
  return badRequest(
    `Invalid value specified for property '${property}' of resource '${resource}'.`,
    [{ code: "InvalidValue", target: property }],
  );
}

/** A value another object already holds (graph-samples duplicateUpn, duplicateProxyAddress). */
export function objectConflict(property: string): GraphError {
  const message = `Another object with the same value for property ${property} already exists.`;
  const details: ErrorDetail[] = [{ code: "ObjectConflict", message, target: property }];
  if (property === "proxyAddresses") {
    details.push({ code: "ConflictingObjects", message, target: property });
  }
  return badRequest(message, details);
}

/** A query the directory does not serve; texts from microsoft-graph-docs issues 13735, 9135 and docs-contrib 9043. */
export function unsupportedQuery(message: string): GraphError {
  return new GraphError(400, "Request_UnsupportedQuery", message);
}

/** 404 for an id, UPN or reference that is not there (graph-samples notFound). */
export function resourceNotFound(key: string): GraphError {
  return new GraphError(
    404,
    "Request_ResourceNotFound",
    `Resource '${key}' does not exist or one of its queried reference-property objects are not present.`,
  );
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** True for an object id. */
export function isGuid(text: string): boolean {
  return GUID.test(text);
}

/** 400 for a key that is no GUID where only ids are keys (wording from the field, unverified). */
export function invalidIdentifier(key: string): GraphError {
  return badRequest(`Invalid object identifier '${key}'.`);
}

/** 403 when the token lacks the right (graph-samples forbidden). */
export function requestDenied(): GraphError {
  return new GraphError(
    403,
    "Authorization_RequestDenied",
    "Insufficient privileges to complete the operation.",
  );
}

/** 405 (json-batching.md, sample batch). */
export function methodNotAllowed(): GraphError {
  return new GraphError(
    405,
    "Request_BadRequest",
    "Specified HTTP method is not allowed for the request target.",
  );
}

/** What Graph has but this simulator does not: refused loudly rather than answered kindly. */
export function notModelled(what: string): GraphError {
  return new GraphError(501, "NotModelled", `The Graph simulator does not model ${what}.`);
}

/** The ids and the moment that an envelope carries. */
export interface EnvelopeIds {
  readonly requestId: string;
  readonly clientRequestId: string;
  readonly now: number;
}

/** The error envelope; `date` has no zone in Graph's replies (docs issue 21601). */
export function errorEnvelope(error: GraphError, ids: EnvelopeIds): JsonObject {
  return {
    error: {
      code: error.code,
      message: error.message,
      ...(error.details
        ? { details: error.details.map((detail): JsonObject => ({ ...detail })) }
        : {}),
      innerError: {
        date: new Date(ids.now).toISOString().slice(0, 19),
        "request-id": ids.requestId,
        "client-request-id": ids.clientRequestId,
      },
    },
  };
}
