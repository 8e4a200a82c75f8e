// How we sign in to Drupal: Basic, or OAuth client credentials (simple_oauth) with a token kept until it nears its end.
import { z } from "zod";
import { AccessError, TransientError } from "../../rules/errors.ts";
import { parseJson, retryAfterMs, sendHttp } from "../http-client.ts";
import type { DrupalCredentials } from "./client.ts";

/** Basic authentication (RFC 7617, UTF-8). */
export function basicCredentials(username: string, password: string): DrupalCredentials {
  const value = `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`;
  return { authorization: async () => value };
}

export interface OAuthOptions {
  readonly baseUrl: URL;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string | null;
  readonly timeoutMs: number;
  readonly now: () => Date;
}

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive(),
});
const RENEW_BEFORE_END_MS = 30_000;

/** Client credentials grant (RFC 6749 4.4) at `/oauth/token`; one request at a time, however many ask. */
export function oauthCredentials(options: OAuthOptions): DrupalCredentials {
  let token: { readonly value: string; readonly until: number } | null = null;
  let asking: Promise<string> | null = null;

  const ask = async (): Promise<string> => {
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: options.clientId,
      client_secret: options.clientSecret,
      ...(options.scope === null ? {} : { scope: options.scope }),
    });
    const answer = await sendHttp(
      "drupal",
      options.baseUrl,
      {
        method: "POST",
        path: "/oauth/token",
        headers: {
          "Content-Type": "application/x-www-form-urlencoded",
          Accept: "application/json",
        },
        body: form.toString(),
      },
      options.timeoutMs,
    );
    if (answer.status >= 500 || answer.status === 429) {
      const message = `Drupal's token endpoint answered ${answer.status}`;
      const code = answer.status === 429 ? "drupalThrottled" : "drupalUnavailable";
      const wish = retryAfterMs(answer.headers, options.now());
      throw new TransientError(message, { system: "drupal", code, retryAfterMs: wish });
    }
    const parsed = tokenAnswer.safeParse(parseJson(answer.body));
    if (answer.status !== 200 || !parsed.success) {
      const message = "Drupal's token endpoint refuses our client";
      throw new AccessError(message, { system: "drupal", code: "drupalCredentialsRefused" });
    }
    const value = `Bearer ${parsed.data.access_token}`;
    token = {
      value,
      until: options.now().getTime() + parsed.data.expires_in * 1000 - RENEW_BEFORE_END_MS,
    };
    return value;
  };

  return {
    authorization: async (stale) => {
      if (token !== null && token.value !== stale && token.until > options.now().getTime())
        return token.value;
      asking ??= ask().finally(() => {
        asking = null;
      });
      return asking;
    },
  };
}
