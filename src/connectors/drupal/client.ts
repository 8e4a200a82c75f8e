// Speaks JSON:API to one Drupal site as the service account, and never mistakes an anonymous answer for a fact.
import { z } from "zod";
import { AccessError, RejectedError, TransientError } from "../../rules/errors.ts";
import type { ServiceAccount } from "../../rules/protection.ts";
import { type HttpAnswer, type HttpRequest, retryAfterMs, sendHttp } from "../http-client.ts";

/** Basic with a password, or a bearer token that the caller keeps fresh. */
export type DrupalCredentials = {
  /** The value of the Authorization header. `stale` is the value that was refused. */
  authorization(stale?: string): Promise<string>;
};

export interface DrupalClientOptions {
  readonly baseUrl: URL;
  readonly credentials: DrupalCredentials;
  readonly timeoutMs: number;
  readonly now: () => Date;
}

/** A JSON answer of the site. */
export interface DrupalAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface DrupalClient {
  send(request: HttpRequest): Promise<DrupalAnswer>;
  /** Proves that the credentials are accepted; remembered for some minutes unless `fresh`. */
  serviceAccount(fresh?: boolean): Promise<ServiceAccount>;
  /** The last proven account, without asking; null before the first proof. */
  knownAccount(): ServiceAccount | null;
}

// Drupal locks an account after 5 wrong passwords in 6 hours (facts: drupal 2): fewer requests than that may be under
// way when a password stops being right. Two cores of a site saturate at 2 clients anyway.
const MAX_CONCURRENT = 4;
const IDENTITY_LASTS_MS = 5 * 60_000;
// Requests that arrive while a refusal is still being told to the other instances must not try the password again.
const REFUSAL_LASTS_MS = 30_000;
const MEDIA_TYPE = "application/vnd.api+json";

const entryPoint = z.object({
  meta: z.object({ links: z.object({ me: z.object({ meta: z.object({ id: z.guid() }) }) }) }),
});

const anonymousAnswer = () =>
  new AccessError(
    "Drupal answers us as an anonymous visitor: wrong password, blocked or locked account",
    {
      system: "drupal",
      code: "drupalCredentialsRefused",
    },
  );

// A place is handed on, not freed, while others wait: the limit is never passed.
function limiter(places: number) {
  let free = places;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}

function parseJson(answer: HttpAnswer): unknown {
  if (answer.body.byteLength === 0) return null;
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(answer.body));
  } catch {
    return null; // an HTML page: a proxy's, a maintenance page, or Drupal's own 401 and unknown route
  }
}

function failOn(answer: HttpAnswer, now: Date): void {
  const { status } = answer;
  if (status === 401) {
    throw new AccessError("Drupal refuses our credentials", {
      system: "drupal",
      code: "drupalCredentialsRefused",
    });
  }
  if (status === 408 || status === 429 || status >= 500) {
    const options = { system: "drupal", code: "drupalUnavailable" } as const;
    throw new TransientError(`Drupal answered ${status}`, {
      ...options,
      retryAfterMs: retryAfterMs(answer.headers, now),
    });
  }
}

/** A client of one site. Answers below 500 other than 401, 408 and 429 are the caller's to read. */
export function createDrupalClient(options: DrupalClientOptions): DrupalClient {
  const { baseUrl, credentials, timeoutMs, now } = options;
  const inTurn = limiter(MAX_CONCURRENT);
  let identity: { readonly account: ServiceAccount; readonly until: number } | null = null;
  let known: ServiceAccount | null = null;
  let refusal: { readonly error: AccessError; readonly until: number } | null = null;
  let proving: Promise<ServiceAccount> | null = null;

  const sendOnce = async (request: HttpRequest, authorization: string): Promise<HttpAnswer> => {
    const headers = {
      Accept: MEDIA_TYPE,
      "Content-Type": MEDIA_TYPE,
      ...request.headers,
      Authorization: authorization,
    };
    return sendHttp("drupal", baseUrl, { ...request, headers }, timeoutMs);
  };

  const exchange = (request: HttpRequest): Promise<DrupalAnswer> =>
    inTurn(async () => {
      const authorization = await credentials.authorization();
      let answer = await sendOnce(request, authorization);
      if (answer.status === 401) {
        // simple_oauth revokes all tokens whenever the service account is saved (facts: drupal 14): one new token.
        const renewed = await credentials.authorization(authorization);
        if (renewed !== authorization) answer = await sendOnce(request, renewed);
      }
      failOn(answer, now());
      return { status: answer.status, body: parseJson(answer) };
    });

  const prove = async (): Promise<ServiceAccount> => {
    const { status, body } = await exchange({ method: "GET", path: "/jsonapi" });
    if (status === 404 || body === null) {
      const message = "there is no JSON:API at this address";
      throw new AccessError(message, { system: "drupal", code: "drupalJsonApiMissing" });
    }
    const parsed = entryPoint.safeParse(body);
    if (!parsed.success) throw anonymousAnswer();
    const account = { uuid: parsed.data.meta.links.me.meta.id };
    known = account;
    identity = { account, until: now().getTime() + IDENTITY_LASTS_MS };
    return account;
  };

  const serviceAccount = async (fresh = false): Promise<ServiceAccount> => {
    if (!fresh && identity !== null && identity.until > now().getTime()) return identity.account;
    if (refusal !== null && refusal.until > now().getTime()) throw refusal.error;
    identity = null;
    proving ??= prove()
      .catch((error: unknown) => {
        if (error instanceof AccessError)
          refusal = { error, until: now().getTime() + REFUSAL_LASTS_MS };
        throw error;
      })
      .finally(() => {
        proving = null;
      });
    return proving;
  };

  return {
    serviceAccount,
    knownAccount: () => known,
    send: async (request) => {
      await serviceAccount();
      return exchange(request);
    },
  };
}

/** The refusal of a write or read that the site will repeat: the error's own words, without its values. */
export function rejectedByDrupal(status: number): RejectedError {
  return new RejectedError(`Drupal refused the request with ${status}`, {
    system: "drupal",
    code: "drupalRefused",
  });
}
