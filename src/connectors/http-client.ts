// One way out to a connected system: one origin, no redirects, a time limit, a size limit, named failures.
import { TransientError } from "../rules/errors.ts";
import type { System } from "../rules/users.ts";
import { withinTime } from "./time-limit.ts";

/** An answer whose body was read whole. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** A request below the client's origin; `path` begins with a slash. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE" | "PUT";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** The seconds or the date of a Retry-After header (RFC 9110 10.2.3) in milliseconds; fractions occur in Graph. */
export function retryAfterMs(headers: Headers, now: Date): number | null {
  const text = headers.get("retry-after");
  if (text === null) return null;
  const seconds = Number(text);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(text) - now.getTime();
  return Number.isFinite(ms) && ms >= 0 ? ms : null;
}

/** A body as JSON; null for anything else, such as a proxy's HTML page. */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return null;
  }
}

/** The body of an answer; throws what `tooLarge` makes as soon as it has more than `mostBytes`. */
export async function readBody(
  response: Response,
  mostBytes: number,
  tooLarge: () => Error,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > mostBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const tooLarge = (system: System) =>
  new TransientError(`${system} answered with more than ${MAX_BODY_BYTES} bytes`, {
    system,
    code: "answerTooLarge",
  });

// What fetch throws names the system call (ECONNREFUSED, …) in its cause; addresses stay out of the message.
function causeOf(error: unknown): string {
  if (error instanceof DOMException && error.name === "TimeoutError") return "no answer in time";
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause ? String(cause.code) : "the connection broke";
}

/**
 * Sends one request and reads the answer. Any HTTP status is an answer; no answer is a TransientError, after which a
 * write may or may not have happened. Never follows a redirect and never leaves the origin of `baseUrl`.
 */
export async function sendHttp(
  system: System,
  baseUrl: URL,
  request: HttpRequest,
  timeoutMs: number,
): Promise<HttpAnswer> {
  // A site may live below a path of its host.
  const url = new URL(baseUrl.pathname.replace(/\/$/, "") + request.path, baseUrl);
  if (url.origin !== baseUrl.origin)
    throw new Error(`a request to ${system} must stay on its origin`);
  try {
    return await withinTime(timeoutMs, async (signal) => {
      const response = await fetch(url, {
        method: request.method,
        headers: { ...request.headers },
        redirect: "error",
        signal,
        ...(request.body === undefined ? {} : { body: request.body }),
      });
      const body = await readBody(response, MAX_BODY_BYTES, () => tooLarge(system));
      return { status: response.status, headers: response.headers, body };
    });
  } catch (error) {
    if (error instanceof TransientError) throw error;
    const message = `${system} cannot be reached (${causeOf(error)})`;
    const isTurnedAway = causeOf(error) === "ECONNREFUSED";
    const options = { system, code: `${system}Unreachable`, cause: error, isTurnedAway };
    throw new TransientError(message, options);
  }
}
