// Asks the app's own HTTP contract, as any other client would: there is no other way from the page to the data.
import { heard, heardNothing } from "./contact.ts";

/** A refusal or failure, as the contract tells it (RFC 9457), or as the browser does when nobody answers. */
export class Refusal extends Error {
  /** 0: no answer came. */
  readonly status: number;
  readonly code: string;
  readonly faults: readonly { readonly path: string; readonly message: string }[];
  /** What the answer points to, such as the cycle that is under way. */
  readonly location: string | null;

  constructor(
    message: string,
    more: Partial<Pick<Refusal, "status" | "code" | "faults" | "location">>,
  ) {
    super(message);
    this.name = "Refusal";
    this.status = more.status ?? 0;
    this.code = more.code ?? "noAnswer";
    this.faults = more.faults ?? [];
    this.location = more.location ?? null;
  }
}

/** An answer with what its headers say. */
export interface Answer<T> {
  readonly body: T;
  readonly status: number;
  readonly etag: string | null;
  /** When to ask again, as the app says with 202 (RFC 9110 10.2.3); null where it does not. */
  readonly retryAfterSeconds: number | null;
}

function answerOf<T>(response: Response, body: T): Answer<T> {
  const { status, headers } = response;
  const seconds = headers.get("retry-after");
  return {
    body,
    status,
    etag: headers.get("etag"),
    retryAfterSeconds: seconds === null ? null : Number(seconds),
  };
}

/** Where the contract's routes begin: the page lies at `…/dashboard`. */
export const ROOT = location.pathname.replace(/\/dashboard(\/.*)?$/, "");

// With ADMIN_AUTH=jwt. In memory only: a script of another page, or the next person at this machine, finds nothing.
let token: string | null = null;

/** The bearer token that goes along from now on; null: none. */
export function setToken(next: string | null): void {
  token = next;
}

/** Whether a token goes along, which a plain link could not take with it. */
export const hasToken = (): boolean => token !== null;

/** Happens when the app knows the person no more: a token that is too old, a sign-in that ended. */
export const SIGNED_OUT = "page:signedOut";

// A page of the slowest listing takes some seconds: an app that is silent for so long has stopped.
const PATIENCE_MS = 90_000;

const bearer = (): Record<string, string> =>
  token === null ? {} : { Authorization: `Bearer ${token}` };

async function refusalOf(response: Response): Promise<Refusal> {
  const problem = await response.json().catch(() => ({}));
  const { title, code, faults } = problem ?? {};
  return new Refusal(typeof title === "string" ? title : `The app answered ${response.status}.`, {
    status: response.status,
    code: typeof code === "string" ? code : "unknown",
    faults: Array.isArray(faults) ? faults : [],
    location: response.headers.get("location"),
  });
}

interface Request extends RequestInit {
  readonly headers?: Record<string, string>;
  /** Statuses that are answers of the route too, beside those of success. */
  readonly accepts?: readonly number[];
}

const isJson = ({ headers }: Response, kind = "application/json"): boolean =>
  headers.get("content-type")?.startsWith(kind) === true;

// What stands before an app that is down answers for it, in words of its own.
const isFromGateway = (response: Response): boolean =>
  [502, 503, 504].includes(response.status) &&
  !isJson(response) &&
  !isJson(response, "application/problem+json");

const noAnswer = (): Refusal => {
  heardNothing();
  return new Refusal("The app does not answer. Is it running, and are you online?", {});
};

const signedOut = (path: string, refusal: Refusal): Refusal => {
  // The session itself is what is asked then: to tell of it would ask it again and again.
  if (path !== "session") dispatchEvent(new Event(SIGNED_OUT));
  return refusal;
};

/** One request. Throws a Refusal for everything that is not an answer of the asked kind. */
export async function fetchAnswer(
  path: string,
  { accepts = [], ...init }: Request = {},
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`${ROOT}/${path}`, {
      ...init,
      headers: { Accept: "application/json", ...bearer(), ...init.headers },
      // App Service Authentication may send whom it does not know to its sign-in page: that is no answer, but it can be told.
      redirect: "manual",
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw noAnswer();
  }
  if (isFromGateway(response)) throw noAnswer();
  heard();
  if (response.type === "opaqueredirect")
    throw signedOut(path, new Refusal("You are signed out.", { status: 401, code: "signedOut" }));
  if (response.ok || (accepts.includes(response.status) && isJson(response))) return response;
  const refusal = await refusalOf(response);
  throw response.status === 401 ? signedOut(path, refusal) : refusal;
}

/** Reads. The body is what the contract (openapi.json) says of the route: tests hold the answers to it. */
export async function read<T>(
  path: string,
  signal?: AbortSignal,
  accepts: readonly number[] = [],
): Promise<Answer<T>> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const response = await fetchAnswer(path, {
    signal: signal ? AbortSignal.any([signal, patience]) : patience,
    accepts,
  });
  const body: T = await response.json();
  return answerOf(response, body);
}

/** Orders something. The custom header is one that no other site's page can send (CSRF). */
export async function send<T>(
  method: "POST" | "PUT" | "DELETE",
  path: string,
  content?: unknown,
  headers: Record<string, string> = {},
  signal: AbortSignal | null = null,
): Promise<Answer<T>> {
  const response = await fetchAnswer(path, {
    method,
    signal,
    headers: {
      "X-Requested-With": "drupal-entra-user-sync",
      ...(content === undefined ? {} : { "Content-Type": "application/json" }),
      ...headers,
    },
    ...(content === undefined ? {} : { body: JSON.stringify(content) }),
  });
  const text = await response.text();
  const body: T = text === "" ? null : JSON.parse(text);
  return answerOf(response, body);
}

/** Saves an answer as a file, by the name that the app gives it. */
export async function download(path: string, fallback: string): Promise<void> {
  const response = await fetchAnswer(path, { headers: { Accept: "*/*" } });
  const named = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "");
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = named?.[1] ?? fallback;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** A query string of what is given; empty values are left out. */
export function queryOf(
  values: Readonly<Record<string, string | number | null | undefined>>,
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    if (value !== undefined && value !== null && value !== "") query.set(name, String(value));
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}
