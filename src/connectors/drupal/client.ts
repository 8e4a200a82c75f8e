// Speaks JSON:API to one Drupal site as the service account, and never mistakes an anonymous answer for a fact.
import { z } from "zod";
import { AccessError, RejectedError, TransientError } from "../../rules/errors.ts";
import type { ServiceAccount } from "../../rules/protection.ts";
import {
  type HttpAnswer,
  type HttpRequest,
  parseJson,
  retryAfterMs,
  sendHttp,
} from "../http-client.ts";
import { createPlaces, type Lane } from "./places.ts";

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
  /** Requests under way at once; see the composition root. */
  readonly maxConcurrent: number;
}

/** A JSON answer of the site. */
export interface DrupalAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface DrupalClient {
  /**
   * Sends a request. `isTrusted` says whether an answer can only have come to us as ourselves; for any other the
   * identity is proven again before the answer is given, and AccessError thrown when it is gone.
   */
  send(request: HttpRequest, isTrusted: (answer: DrupalAnswer) => boolean): Promise<DrupalAnswer>;
  /** Proves that the credentials are accepted; remembered for some minutes. */
  serviceAccount(): Promise<ServiceAccount>;
  /** The last proven account, without asking; null before the first proof. */
  knownAccount(): ServiceAccount | null;
  /** The same client for work that nobody waits for: its requests let all others go first. */
  inBackground(): DrupalClient;
}

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

function failOn(answer: HttpAnswer, now: Date): void {
  const { status } = answer;
  if (status === 401) {
    throw new AccessError("Drupal refuses our credentials", {
      system: "drupal",
      code: "drupalCredentialsRefused",
    });
  }
  if (status === 408 || status === 429 || status >= 500) {
    const code = status === 429 ? "drupalThrottled" : "drupalUnavailable";
    throw new TransientError(`Drupal answered ${status}`, {
      system: "drupal",
      code,
      retryAfterMs: retryAfterMs(answer.headers, now),
    });
  }
}

/** A client of one site. Answers below 500 other than 401, 408 and 429 are the caller's to read. */
export function createDrupalClient(options: DrupalClientOptions): DrupalClient {
  const { baseUrl, credentials, timeoutMs, now, maxConcurrent } = options;
  const takePlace = createPlaces(maxConcurrent);
  let known: ServiceAccount | null = null;
  let provenUntil = 0;
  let refusal: { readonly error: AccessError; readonly until: number } | null = null;
  let proving: Promise<ServiceAccount> | null = null;

  const sendOnce = (request: HttpRequest, authorization: string): Promise<HttpAnswer> => {
    const headers = { Accept: MEDIA_TYPE, "Content-Type": MEDIA_TYPE, ...request.headers };
    const signed = { ...request, headers: { ...headers, Authorization: authorization } };
    return sendHttp("drupal", baseUrl, signed, timeoutMs);
  };

  const exchange = async (request: HttpRequest): Promise<DrupalAnswer> => {
    const authorization = await credentials.authorization();
    let answer = await sendOnce(request, authorization);
    if (answer.status === 401) {
      // simple_oauth revokes all tokens whenever the service account is saved (facts: drupal 14): one new token.
      const renewed = await credentials.authorization(authorization);
      if (renewed !== authorization) answer = await sendOnce(request, renewed);
    }
    failOn(answer, now());
    return { status: answer.status, body: parseJson(answer.body) };
  };

  const throwIfRefused = (): void => {
    if (refusal !== null && refusal.until > now().getTime()) throw refusal.error;
  };

  const remembering = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (error instanceof AccessError) {
        provenUntil = 0;
        refusal = { error, until: now().getTime() + REFUSAL_LASTS_MS };
      }
      throw error;
    }
  };

  const askWhoWeAre = async (): Promise<ServiceAccount> => {
    const { status, body } = await exchange({ method: "GET", path: "/jsonapi" });
    if (status === 404 || body === null) {
      const message = "there is no JSON:API at this address";
      throw new AccessError(message, { system: "drupal", code: "drupalJsonApiMissing" });
    }
    const parsed = entryPoint.safeParse(body);
    if (!parsed.success) throw anonymousAnswer();
    known = { uuid: parsed.data.meta.links.me.meta.id };
    provenUntil = now().getTime() + IDENTITY_LASTS_MS;
    refusal = null;
    return known;
  };

  // One proof at a time, however many ask for it.
  const prove = (): Promise<ServiceAccount> => {
    proving ??= remembering(askWhoWeAre()).finally(() => {
      proving = null;
    });
    return proving;
  };

  const serviceAccount = async (): Promise<ServiceAccount> => {
    throwIfRefused();
    return known !== null && provenUntil > now().getTime() ? known : prove();
  };

  const inLane = (lane: Lane): Omit<DrupalClient, "inBackground"> => ({
    serviceAccount,
    knownAccount: () => known,
    send: async (request, isTrusted) => {
      await serviceAccount();
      return takePlace(lane, async () => {
        // While this one waited for its place, another may have been refused.
        throwIfRefused();
        const answer = await remembering(exchange(request));
        // The place is kept meanwhile: no further password is tried before we know.
        if (!isTrusted(answer)) await prove();
        return answer;
      });
    },
  });
  const background: DrupalClient = { ...inLane("background"), inBackground: () => background };
  return { ...inLane("interactive"), inBackground: () => background };
}

/** The refusal of a write or read that the site will repeat: the error's own words, without its values. */
export function rejectedByDrupal(status: number): RejectedError {
  return new RejectedError(`Drupal refused the request with ${status}`, {
    system: "drupal",
    code: "drupalRefused",
  });
}
