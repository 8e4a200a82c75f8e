// Requests and replies inside the simulator: the same for a socket, an item of a $batch and the tests.
import { GraphError } from "./graph-error.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json-value.ts";
import type { AccessToken } from "./token.ts";

/** One request below /v1.0. */
export interface GraphRequest {
  readonly method: string;
  /** The raw path with the version, as faults and the request log see it. */
  readonly path: string;
  readonly segments: readonly string[];
  readonly query: ReadonlyMap<string, string>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Scheme and host the client used: links in answers point there. */
  readonly origin: string;
}

/** A request with what the router found out. */
export interface GraphCall extends GraphRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly token: AccessToken;
}

/** An answer; a Buffer body is sent as it is, an absent one not at all. */
export interface GraphReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: JsonValue | Buffer;
}

/** 204 without a body. */
export const NO_CONTENT: GraphReply = { status: 204 };

const malformed = (message: string): GraphError => new GraphError(400, "BadRequest", message);

const keyedSegment = (segment: string): string[] => {
  const keyed = /^([A-Za-z$.]+)\((.*)\)$/s.exec(segment);
  if (keyed?.[1] === undefined) return [segment];
  const key = keyed[2] ?? "";
  if (key === "") return [keyed[1]];
  const quoted = /^'(.*)'$/s.exec(key)?.[1];
  return [keyed[1], quoted === undefined ? key : quoted.replaceAll("''", "'")];
};

/** Splits a path and query below the version: `/users('a')/manager/$ref` and `/users/a/manager/$ref` are the same. */
export function parseTarget(target: string): Pick<GraphRequest, "segments" | "query"> {
  const [path = "", ...rest] = target.split("?");
  try {
    const segments = path
      .split("/")
      .filter((segment) => segment !== "")
      .flatMap((segment) => keyedSegment(decodeURIComponent(segment)))
      .map((segment) => segment.replace(/^microsoft\.graph\.delta$/, "delta"));
    return { segments, query: new Map(new URLSearchParams(rest.join("?"))) };
  } catch {
    throw malformed("The request URI is not valid.");
  }
}

/** The JSON object a write carries; the texts for missing parts are Graph's gateway ones (unverified). */
export function jsonBody(call: GraphRequest): JsonObject {
  if (call.body.length === 0) throw malformed("Empty Payload. JSON content expected.");
  if (!/^application\/json\b/i.test(call.headers["content-type"] ?? "")) {
    throw malformed(
      "Write requests (excluding DELETE) must contain the Content-Type header declaration.",
    );
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(call.body.toString("utf8"));
  } catch {
    parsed = undefined;
  }
  if (!isJsonObject(parsed)) {
    throw malformed(
      "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.",
    );
  }
  return parsed;
}

/** `@odata.context` of an answer. */
export function context(call: GraphRequest, fragment: string): JsonObject {
  return { "@odata.context": `${call.origin}/v1.0/$metadata#${fragment}` };
}
