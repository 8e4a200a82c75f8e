// What the tests of the Drupal connector share: a simulated site with fields of all kinds, and a server of one's own.
import { createServer, type RequestListener } from "node:http";
import { z } from "zod";
import { startDrupalSimulator } from "../../../infra/local/drupal/start-drupal-simulator.ts";
import { createDrupalClient, type DrupalClient } from "../../../src/connectors/drupal/client.ts";
import { basicCredentials } from "../../../src/connectors/drupal/credentials.ts";
import { createDrupalUsers } from "../../../src/connectors/drupal/users.ts";
import type { DrupalFields } from "../../../src/sync/ports.ts";

export type Simulator = Awaited<ReturnType<typeof startDrupalSimulator>>;

/** The site of contract/drupal-fields. */
export const startFieldsSite = (): Promise<Simulator> =>
  startDrupalSimulator({ site: "observedFields" });

const one = { multiple: false };
const many = { multiple: true };
/** How a configuration declares the fields of that site. */
export const FIELDS: DrupalFields = {
  field_employee_number: { type: "integer", ...one },
  field_rating: { type: "decimal", ...one },
  field_newsletter: { type: "boolean", ...one },
  field_office: { type: "list", ...one },
  field_interests: { type: "list", ...many },
  field_phones: { type: "text", ...many },
  field_start_date: { type: "date", ...one },
  field_last_review: { type: "datetime", ...one },
  field_team: { type: "term", vocabulary: "teams", ...one },
  field_teams: { type: "term", vocabulary: "teams", ...many },
  field_manager: { type: "user", ...one },
};

/** Accounts of that site. */
export const GRACE = "7a1c5be2-94d0-4f0e-8a3b-000000000006";
export const BOSS = "7a1c5be2-94d0-4f0e-8a3b-000000000007";
export const PLAIN = "7a1c5be2-94d0-4f0e-8a3b-000000000003";

let time = 0;
/** Makes caches older, for clients that were made with {@link connect}. */
export const waitMinutes = (minutes: number): void => {
  time += minutes * 60_000;
};

const heldTime = () => new Date(Date.UTC(2026, 0, 1) + time);

/** A client of a site; the password may change meanwhile. */
export const clientOf = (
  url: string,
  name: string,
  password: string | (() => string),
  now: () => Date,
): DrupalClient =>
  createDrupalClient({
    baseUrl: new URL(url),
    credentials: {
      authorization: () =>
        basicCredentials(
          name,
          typeof password === "string" ? password : password(),
        ).authorization(),
    },
    timeoutMs: 2000,
    now,
    maxConcurrent: 2,
  });

/** A connector of a site; the password may change meanwhile. */
export const connect = (
  url: string,
  name = "svc-sync",
  password: string | (() => string) = "Test-Pass-1",
) => createDrupalUsers(clientOf(url, name, password, heldTime), heldTime);

export async function control(url: string, patch: object): Promise<void> {
  const answer = await fetch(`${url}/_control`, {
    method: "PATCH",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(patch),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

export async function reset(url: string): Promise<void> {
  await fetch(`${url}/_control/reset`, { method: "POST" });
}

const log = z.object({ counts: z.record(z.string(), z.number()) });

/** How many requests were served. */
export async function requests(url: string): Promise<number> {
  const { counts } = log.parse(await (await fetch(`${url}/_control/requests`)).json());
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

export async function served<T>(
  listener: RequestListener,
  work: (url: string) => Promise<T>,
): Promise<T> {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  try {
    return await work(`http://127.0.0.1:${port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** An answer that a proxy gives itself. */
export interface OwnAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export const jsonApi = (status: number, document: object): OwnAnswer => ({
  status,
  type: "application/vnd.api+json",
  body: JSON.stringify(document),
});

/** A proxy in front of a site, which answers some requests itself and counts what it passes on. */
export const proxyOf =
  (target: string, answers: (method: string, path: string) => OwnAnswer | null): RequestListener =>
  async (request, response) => {
    const own = answers(request.method ?? "", decodeURIComponent(request.url ?? ""));
    if (own !== null) {
      response.writeHead(own.status, { "Content-Type": own.type }).end(own.body);
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const body = Buffer.concat(chunks);
    const answer = await fetch(`${target}${request.url}`, {
      method: request.method ?? "GET",
      headers: {
        Authorization: request.headers.authorization ?? "",
        "Content-Type": request.headers["content-type"] ?? "",
      },
      ...(body.length > 0 ? { body } : {}),
    });
    response.writeHead(answer.status, { "Content-Type": answer.headers.get("content-type") ?? "" });
    response.end(Buffer.from(await answer.arrayBuffer()));
  };

/** What a promise failed with, or null. */
export const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );
