// A request as routes see it and the answer they give; the server alone touches sockets.
import type { DrupalUser } from "./drupal-user.ts";
import type { QueryMap } from "./php-query.ts";

/** Who asks, and what the roles of that identity permit. */
export interface Identity {
  readonly user: DrupalUser | null;
  /** True when an authentication provider took the credentials, right or wrong: then a refusal is 403, not 401. */
  readonly credentialsSent: boolean;
  readonly consumer: string;
  may(permission: string): boolean;
}

/** A parsed request. */
export interface DrupalRequest {
  readonly method: string;
  /** As sent, with a trailing slash if there was one. */
  readonly path: string;
  readonly rawQuery: string;
  readonly query: QueryMap;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  readonly address: string;
  /** `http://host:port` from the Host header: Drupal builds its links from it. */
  readonly origin: string;
}

/** An answer; `document` is JSON:API, `json` plain JSON. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body:
    | { readonly kind: "document"; readonly value: unknown }
    | { readonly kind: "json"; readonly value: unknown }
    | { readonly kind: "html"; readonly text: string }
    | { readonly kind: "bytes"; readonly type: string; readonly bytes: Buffer }
    | { readonly kind: "none" };
}

/** 204 without a body. */
export const noContent: Reply = { status: 204, body: { kind: "none" } };

/** A JSON:API document. */
export function documentReply(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return { status, headers, body: { kind: "document", value } };
}
