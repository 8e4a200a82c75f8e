// Errors as RFC 9457 problem details with a stable code; never a stack, a value or a reason that helps an attacker.
import type { HttpResponseInit } from "@azure/functions";

/** One fault of a request. */
export interface Fault {
  /** Dotted; empty for the whole. */
  readonly path: string;
  /** The place in a JSON body (RFC 6901). */
  readonly pointer?: string;
  readonly message: string;
}

/** A refusal that is thrown up to the function and answered as `application/problem+json`. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  /** Each fault with its path, where there are several. */
  readonly faults: readonly Fault[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    more: Pick<Partial<Problem>, "faults" | "headers"> = {},
  ) {
    super(message);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.faults = more.faults ?? [];
    this.headers = more.headers ?? {};
  }
}

/** Headers of every answer that holds data: kept by no cache, taken for nothing else, and embedded by no other site. */
export const SAFE_HEADERS = {
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
};

/** A JSON answer that no cache keeps. */
export function json(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): HttpResponseInit {
  return {
    status,
    headers: { ...SAFE_HEADERS, "Content-Type": "application/json; charset=utf-8", ...headers },
    body: JSON.stringify(body),
  };
}

/** The answer of a problem. */
export function problemResponse(problem: Problem): HttpResponseInit {
  const { status, code, message, faults } = problem;
  const body = {
    type: "about:blank",
    title: message,
    status,
    code,
    ...(faults.length > 0 ? { faults } : {}),
  };
  return json(status, body, {
    ...problem.headers,
    "Content-Type": "application/problem+json; charset=utf-8",
  });
}
