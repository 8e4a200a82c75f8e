// A small JSON:API client for the tests of the simulator: says who asks, returns status, headers and parsed body.
import { z } from "zod";

/** What came back; `body` is the parsed document or the text. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

const attributes = z.record(z.string(), z.unknown());
const resource = z.object({ type: z.string(), id: z.string(), attributes: attributes.optional() });
const document = z.object({
  data: z.union([z.array(resource), resource]).nullish(),
  errors: z
    .array(
      z.object({
        status: z.string(),
        detail: z.string(),
        source: z.object({ pointer: z.string() }).optional(),
      }),
    )
    .optional(),
  links: z.record(z.string(), z.object({ href: z.string() })).optional(),
});

/** One resource of a document. */
export type Resource = z.infer<typeof resource>;

/** The resources in `data`. */
export function resources(answer: Answer): Resource[] {
  const { data } = document.parse(answer.body);
  return Array.isArray(data) ? data : data ? [data] : [];
}

/** The only resource in `data`. */
export function one(answer: Answer): Resource {
  const [first] = resources(answer);
  if (first === undefined) throw new Error(`no data in ${JSON.stringify(answer.body)}`);
  return first;
}

/** The names in a collection. */
export const names = (answer: Answer): unknown[] =>
  resources(answer).map((each) => each.attributes?.name ?? each.attributes?.display_name);

/** Pointers of all errors. */
export const pointers = (answer: Answer): unknown[] =>
  (document.parse(answer.body).errors ?? []).map((error) => error.source?.pointer);

/** Details of all errors. */
export const details = (answer: Answer): string[] =>
  (document.parse(answer.body).errors ?? []).map((error) => error.detail);

/** The link to the next page. */
export const next = (answer: Answer): string | undefined =>
  document.parse(answer.body).links?.next?.href;

/** An `Authorization` header. */
export const basic = (name: string, password: string): string =>
  `Basic ${btoa(`${name}:${password}`)}`;

/** The seeded service account. */
export const SERVICE = basic("svc-sync", "svc-sync");

/** Asks a site; `as` is an `Authorization` header, undefined for nobody. */
export async function ask(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  as: string | undefined = SERVICE,
  extra: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const payload = body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body);
  const headers = {
    ...(as === undefined || as === "" ? {} : { Authorization: as }),
    ...(body === undefined ? {} : { "Content-Type": "application/vnd.api+json" }),
    ...extra,
  };
  const target = path.startsWith("http") ? path : `${url}${path}`;
  const init = { method, headers, redirect: "manual" as const };
  const response = await fetch(target, body === undefined ? init : { ...init, body: payload });
  const text = await response.text();
  const isJson = (response.headers.get("content-type") ?? "").includes("json");
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(text) : text,
  };
}

/** A document for POST or PATCH. */
export const userDocument = (given: Readonly<Record<string, unknown>>, id?: string): unknown => ({
  data: { type: "user--user", ...(id === undefined ? {} : { id }), attributes: given },
});

/** Creates a user and returns its resource. */
export async function create(
  url: string,
  given: Readonly<Record<string, unknown>>,
): Promise<Resource> {
  return one(
    await ask(url, "POST", "/jsonapi/user/user", userDocument({ status: true, ...given })),
  );
}

/** Sends a PATCH to one user. */
export async function patch(
  url: string,
  id: string,
  given: Readonly<Record<string, unknown>>,
  as?: string,
): Promise<Answer> {
  return await ask(url, "PATCH", `/jsonapi/user/user/${id}`, userDocument(given, id), as);
}

/** The attributes of one user as the service account sees them now. */
export async function read(url: string, id: string): Promise<Readonly<Record<string, unknown>>> {
  return one(await ask(url, "GET", `/jsonapi/user/user/${id}`)).attributes ?? {};
}

/** Switches something by the control route. */
export async function control(url: string, given: unknown): Promise<Answer> {
  return await ask(url, "PATCH", "/_control", given, undefined, {
    "Content-Type": "application/json",
  });
}
