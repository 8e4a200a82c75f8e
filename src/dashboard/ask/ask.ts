// Asks the app's own HTTP contract, as any other client would: there is no other way from the page to the data.

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

/** One request. Throws a Refusal for everything that is not an answer of the asked kind. */
export async function fetchAnswer(
  path: string,
  init: RequestInit & { readonly headers?: Record<string, string> } = {},
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`${ROOT}/${path}`, {
      ...init,
      headers: { Accept: "application/json", ...bearer(), ...init.headers },
      redirect: "error",
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Refusal("The app does not answer. Is it running, and are you online?", {});
  }
  if (!response.ok) throw await refusalOf(response);
  return response;
}

/** Reads. The body is what the contract (openapi.json) says of the route: tests hold the answers to it. */
export async function read<T>(path: string, signal?: AbortSignal): Promise<Answer<T>> {
  const response = await fetchAnswer(path, signal ? { signal } : {});
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
