// Microsoft Graph through its SDK, with a transport of our own: the SDK's middleware repeats POSTs, has no time limit,
// follows redirects and drops the token on http (facts: graph 3.2). Failures get their names here.
import {
  Client,
  type Context,
  GraphError,
  type Middleware,
} from "@microsoft/microsoft-graph-client";
import { z } from "zod";
import {
  AccessError,
  AlreadyExistsError,
  NotFoundError,
  RejectedError,
  type SyncFailure,
  TransientError,
} from "../../rules/errors.ts";
import { readBody, retryAfterMs } from "../http-client.ts";
import { withinTime } from "../time-limit.ts";
import { type Meter, metered } from "./metering.ts";

/** Answers a bearer token; caches it. */
export type TokenSource = () => Promise<string>;

export interface GraphClientOptions {
  /** The cloud's origin, e.g. https://graph.microsoft.com. */
  readonly baseUrl: URL;
  readonly token: TokenSource;
  readonly timeoutMs: number;
  readonly now: () => Date;
  /** What counts our requests against Graph's quotas; none without it. */
  readonly meter?: Meter;
  /** Low is what Graph drops first when it must; the quotas are the same (Graph: throttling). */
  readonly priority?: "low";
}

// Pages of a thousand users have 1 to 2 MB, pictures 4 at most (profilephoto-update).
const MOST_BYTES = 8 * 1024 * 1024;

const NO_METER: Meter = { sent: () => undefined, answered: () => undefined };

const unreachable = (detail: string, cause: unknown) =>
  new TransientError(`Graph cannot be reached (${detail})`, {
    system: "entra",
    code: "entraUnreachable",
    cause,
  });

const tooLarge = () =>
  new RejectedError(`Graph answered with more than ${MOST_BYTES} bytes`, {
    system: "entra",
    code: "answerTooLarge",
  });

// The SDK reads the body later, when no time limit holds any more.
async function readWhole(response: Response): Promise<Response> {
  const hasBody = ![204, 205, 304].includes(response.status);
  const body = await readBody(response, MOST_BYTES, tooLarge);
  const { status, statusText, headers } = response;
  return new Response(hasBody ? body : null, { status, statusText, headers });
}

// One request, one attempt, one origin: repeating is the queue's work, which knows what may be repeated.
function transport(options: GraphClientOptions): Middleware {
  const { meter = NO_METER, priority, now } = options;
  return {
    execute: async (context: Context) => {
      const url = new URL(
        typeof context.request === "string" ? context.request : context.request.url,
      );
      if (url.origin !== options.baseUrl.origin)
        throw new Error("a request to Graph must stay on its origin");
      const headers = new Headers(context.options?.headers as Record<string, string> | undefined);
      headers.set("Authorization", `Bearer ${await options.token()}`);
      if (priority !== undefined) headers.set("x-ms-throttle-priority", priority);
      const init = {
        ...context.options,
        headers,
        redirect: "error",
      };
      const { method = "GET", body } = context.options ?? {};
      const send = () =>
        withinTime(options.timeoutMs, async (signal) =>
          readWhole(await fetch(url, { ...init, signal } as RequestInit)),
        );
      try {
        context.response = await metered(meter, { method, url, body }, now, send);
      } catch (error) {
        if (error instanceof RejectedError) throw error;
        const timedOut = error instanceof DOMException && error.name === "TimeoutError";
        throw unreachable(timedOut ? "no answer in time" : "the connection broke", error);
      }
    },
  };
}

const errorBody = z.object({
  code: z.string().default(""),
  details: z
    .array(z.object({ code: z.string().optional(), target: z.string().optional() }))
    .optional(),
});

function bodyOf(error: GraphError): z.infer<typeof errorBody> {
  try {
    const parsed = errorBody.safeParse(JSON.parse(String(error.body)));
    return parsed.success ? parsed.data : { code: "" };
  } catch {
    return { code: "" };
  }
}

// "Invalid value specified for property 'employeeId' of resource 'User'.": where `details` are missing, the quoted name
// is the only hint (facts: graph 1.2). It chooses an attribute, never a reaction.
const propertyIn = (message: string): string | null =>
  /property '?([A-Za-z0-9_.]+)'?/.exec(message)?.[1] ?? null;

// Our name of the property that Graph complains about: a clash of proxyAddresses comes from the mail that we sent
// (facts: graph 1.2, docs-contrib#8421), an extension attribute is named without its parent.
function ourName(property: string | null): string | null {
  if (property === "proxyAddresses") return "mail";
  return property !== null && /^extensionAttribute\d+$/.test(property)
    ? `onPremisesExtensionAttributes.${property}`
    : property;
}

function refusal(error: GraphError): SyncFailure {
  const { details } = bodyOf(error);
  const named = details?.find((detail) => detail.target)?.target ?? propertyIn(error.message);
  const target = ourName(named);
  const cause = error;
  if (details?.some((detail) => detail.code === "ObjectConflict")) {
    const message = `another object in Entra holds this ${target ?? "value"}`;
    return new AlreadyExistsError(message, {
      system: "entra",
      code: "valueTaken",
      attribute: target,
      cause,
    });
  }
  const message =
    target === null ? "Entra refuses the user" : `Entra refuses the value of ${target}`;
  return new RejectedError(message, {
    system: "entra",
    code: "entraRefused",
    attribute: target,
    cause,
  });
}

// On-premises or Exchange mastered (facts: graph 1.2): the wording is all that tells it from a bad value.
const isMasteredElsewhere = (message: string): boolean =>
  /on-premises mastered|external service/i.test(message);

function nameFailure(error: GraphError, now: Date): SyncFailure {
  const { statusCode: status } = error;
  const cause = error;
  const entra = (code: string) => ({ system: "entra", code, cause }) as const;
  // The SDK wraps what the transport throws: status -1, the first error's name as code.
  if (status === -1 && error.code === "AccessError") {
    return new AccessError(error.message, entra("graphTokenRefused"));
  }
  if (status === -1 && error.code === "RejectedError") return tooLarge();
  if (status === 401) return new AccessError("Graph refuses our token", entra("graphTokenRefused"));
  if (status === 403)
    return new RejectedError(
      "the app lacks the right for this in Graph",
      entra("insufficientPrivileges"),
    );
  if (status === 404)
    return new NotFoundError("the object does not exist in Entra", entra("entraUserNotFound"));
  if (
    status === 408 ||
    status === 409 ||
    status === 423 ||
    status === 429 ||
    status >= 500 ||
    status < 400
  ) {
    const wish = error.headers instanceof Headers ? retryAfterMs(error.headers, now) : null;
    const code =
      status === -1 ? "entraUnreachable" : status === 429 ? "entraThrottled" : "entraUnavailable";
    const message = status === -1 ? error.message : `Graph answered ${status}`;
    const isTurnedAway = status === 429;
    return new TransientError(message, { ...entra(code), retryAfterMs: wish, isTurnedAway });
  }
  if (isMasteredElsewhere(error.message)) {
    return new RejectedError(
      "the Entra account is mastered elsewhere and refuses writes",
      entra("masteredElsewhere"),
    );
  }
  return refusal(error);
}

/** Whether Graph no longer knows the state behind a delta link: read anew (Graph: delta-query-overview). */
export function isDeltaExpired(error: unknown): boolean {
  const cause = error instanceof RejectedError ? error.cause : null;
  if (!(cause instanceof GraphError)) return false;
  // In either spelling (microsoft-graph-docs#2877: SyncStateNotFound).
  const code = (cause.code ?? "").toLowerCase();
  return cause.statusCode === 410 || ["syncstatenotfound", "resyncrequired"].includes(code);
}

/** Whether Graph refuses the token of a page: too old (Directory_ExpiredPageToken), or its list moved on. */
export function isPageExpired(error: unknown): boolean {
  const cause = error instanceof RejectedError ? error.cause : null;
  return cause instanceof GraphError && [400, 410].includes(cause.statusCode);
}

/** The SDK's client and a way to call it that throws only named failures. */
export interface GraphClient {
  readonly api: Client["api"];
  call<T>(work: Promise<T>): Promise<T>;
  /** A link of Graph's (nextLink, deltaLink) as a path for `api`: the SDK takes no absolute http one (facts: graph 3.2). */
  pathOf(link: string): string;
  now(): Date;
  /** The address of a user, as a reference holds it. */
  userReference(objectId: string): { readonly "@odata.id": string };
}

export function createGraphClient(options: GraphClientOptions): GraphClient {
  const client = Client.initWithMiddleware({
    baseUrl: `${options.baseUrl.origin}/`,
    defaultVersion: "v1.0",
    middleware: transport(options),
  });
  const { origin } = options.baseUrl;
  return {
    api: (path) => client.api(path),
    now: options.now,
    pathOf: (link) => {
      const url = new URL(link, origin);
      if (url.origin !== origin) throw new Error("a link of Graph must stay on its origin");
      return url.pathname.replace(/^\/v1\.0(?=\/)/, "") + url.search;
    },
    userReference: (objectId) => ({
      "@odata.id": `${origin}/v1.0/users/${encodeURIComponent(objectId)}`,
    }),
    call: async (work) => {
      try {
        return await work;
      } catch (error) {
        if (error instanceof GraphError) throw nameFailure(error, options.now());
        throw error;
      }
    },
  };
}
