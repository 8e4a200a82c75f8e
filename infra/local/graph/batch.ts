// POST /$batch: up to 20 requests in one, answered in no particular order (json-batching.md @028b8e35).
import * as z from "zod";
import { GraphError } from "./graph-error.ts";
import { type GraphReply, type GraphRequest, jsonBody, parseTarget } from "./graph-message.ts";
import type { JsonObject, JsonValue } from "./json-value.ts";

const MOST_ITEMS = 20;

const item = z.object({
  id: z.string().min(1),
  method: z.string(),
  url: z.string().min(1),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.json().optional(),
  dependsOn: z.array(z.string()).optional(),
});
type BatchItem = z.infer<typeof item>;

const malformed = (message: string): GraphError => new GraphError(400, "BadRequest", message);

const readItems = (request: GraphRequest): BatchItem[] => {
  const parsed = z.object({ requests: z.array(item).min(1) }).safeParse(jsonBody(request));
  if (!parsed.success) throw malformed("Invalid batch payload format.");
  const items = parsed.data.requests;
  if (items.length > MOST_ITEMS) {
    throw malformed(`Number of batch request steps exceeds the maximum value of ${MOST_ITEMS}.`);
  }
  const ids = new Set(items.map(({ id }) => id.toLowerCase()));
  if (ids.size !== items.length) throw malformed("Request Id must be unique within the batch.");
  for (const [index, { dependsOn = [] }] of items.entries()) {
    const earlier = new Set(items.slice(0, index).map(({ id }) => id.toLowerCase()));
    if (!dependsOn.every((id) => earlier.has(id.toLowerCase()))) {
      throw malformed("A dependsOn property refers to a request that does not come before it.");
    }
  }
  return items;
};

const bytesOf = (body: JsonValue | undefined, type: string): Buffer => {
  if (body === undefined) return Buffer.alloc(0);
  // Anything but JSON travels as base64, also in its URL form.
  return typeof body === "string" && !/^application\/json\b/i.test(type)
    ? Buffer.from(body, "base64")
    : Buffer.from(JSON.stringify(body));
};

const requestOf = (
  outer: GraphRequest,
  { method, url, headers = {}, body }: BatchItem,
): GraphRequest => {
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const type = lower["content-type"];
  // Needed even for {} (json-batching.md).
  if (body !== undefined && type === undefined) {
    throw malformed("Write requests with a body must contain the Content-Type header.");
  }
  if (/^https?:/i.test(url)) throw malformed("The url of a batch item must be relative.");
  // "users", "/users" and "/v1.0/users" are the same: SDK 3.0.7 sends the last.
  const outerId = outer.headers["client-request-id"];
  const target = `/${url.replace(/^\/+/, "").replace(/^v1\.0\//, "")}`;
  return {
    method: method.toUpperCase(),
    path: `/v1.0${target.split("?")[0] ?? ""}`,
    ...parseTarget(target),
    headers: {
      ...(outerId === undefined ? {} : { "client-request-id": outerId }),
      ...lower,
      authorization: outer.headers.authorization ?? "",
    },
    body: bytesOf(body, type ?? ""),
    origin: outer.origin,
  };
};

const SHOWN_HEADERS =
  /^(cache-control|content-type|odata-version|x-ms-resource-unit|x-ms-throttle-.*|retry-after|location|etag)$/i;

const responseOf = (id: string, reply: GraphReply): JsonObject => {
  const headers = Object.fromEntries(
    Object.entries(reply.headers ?? {}).filter(([name]) => SHOWN_HEADERS.test(name)),
  );
  const base = { id, status: reply.status, headers };
  if (reply.body === undefined) return base;
  if (!Buffer.isBuffer(reply.body)) return { ...base, body: reply.body };
  const isText = headers["Content-Type"]?.startsWith("text/") === true;
  return { ...base, body: reply.body.toString(isText ? "utf8" : "base64") };
};

const failedDependency = (id: string): JsonObject => ({
  id,
  status: 424,
  headers: { "Cache-Control": "no-cache", "Content-Type": "application/json" },
  body: {
    error: { code: "FailedDependency", message: "A request this one depends on has failed." },
  },
});

/** Answers each item through `answerItem`, which never throws but for a fault that silences the whole batch. */
export async function answerBatch(
  request: GraphRequest,
  answerItem: (item: GraphRequest) => Promise<GraphReply>,
): Promise<GraphReply> {
  const items = readItems(request);
  const requests = items.map((one) => requestOf(request, one));
  if (requests.some(({ segments }) => segments[0] === "$batch")) {
    throw malformed("A batch cannot contain a batch.");
  }
  const running = new Map<
    string,
    Promise<{ readonly ok: boolean; readonly response: JsonObject }>
  >();
  for (const [index, { id, dependsOn = [] }] of items.entries()) {
    const one = requests[index];
    if (one === undefined) continue;
    const waitFor = dependsOn.map((other) => running.get(other.toLowerCase()));
    const run = async (): Promise<{ readonly ok: boolean; readonly response: JsonObject }> => {
      const before = await Promise.all(waitFor);
      if (before.some((result) => result?.ok === false)) {
        return { ok: false, response: failedDependency(id) };
      }
      const reply = await answerItem(one);
      return { ok: reply.status < 400, response: responseOf(id, reply) };
    };
    running.set(id.toLowerCase(), run());
  }
  const results = await Promise.all(running.values());
  // "In any order": reversed, so that nobody relies on it.
  const responses = results.map(({ response }) => response).reverse();
  return { status: 200, body: { responses } };
}
