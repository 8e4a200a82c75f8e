// Faults on order: which requests fail, how often, and whether before or after the write took effect.
import { GraphError } from "./graph-error.ts";
import type { Random } from "./random.ts";

/** What a fault does to a request; "AfterCommit" kinds let the write happen first. */
export const FAULT_KINDS = [
  "status",
  "hang",
  "dropBeforeCommit",
  "dropAfterCommit",
  "hangAfterCommit",
  "statusAfterCommit",
] as const;

/** One of FAULT_KINDS. */
export type FaultKind = (typeof FAULT_KINDS)[number];

/** A fault as ordered through the control route. */
export interface Fault {
  readonly method?: string | undefined;
  /** Regular expression on the path, such as `^/v1.0/users/[^/]+$`. */
  readonly path?: string | undefined;
  readonly rate?: number | undefined;
  readonly times?: number | undefined;
  readonly kind: FaultKind;
  readonly status?: number | undefined;
  readonly code?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
}

/** The fault that strikes a request, if any. */
export interface FaultPlan {
  strike(method: string, path: string): Fault | undefined;
}

/** Ends a request without an answer: the socket is destroyed or stays silent. */
export class NoAnswer extends Error {
  readonly manner: "drop" | "hang";

  constructor(manner: "drop" | "hang") {
    super(`no answer: ${manner}`);
    this.manner = manner;
  }
}

/** Keeps count of how often each fault may still strike. */
export function createFaultPlan(faults: readonly Fault[], random: Random): FaultPlan {
  const left = faults.map((fault) => ({
    fault,
    path: new RegExp(fault.path ?? ""),
    times: fault.times ?? Number.POSITIVE_INFINITY,
  }));
  return {
    strike(method, path) {
      const hit = left.find(
        (entry) =>
          entry.times > 0 &&
          (entry.fault.method ?? method).toUpperCase() === method &&
          entry.path.test(path) &&
          random.next() < (entry.fault.rate ?? 1),
      );
      if (hit === undefined) return undefined;
      hit.times -= 1;
      return hit.fault;
    },
  };
}

const CODES: Readonly<Record<number, string>> = {
  400: "Request_BadRequest",
  401: "InvalidAuthenticationToken",
  403: "Authorization_RequestDenied",
  404: "Request_ResourceNotFound",
  409: "Request_MultipleObjectsWithSameKeyValue",
  423: "locked",
  429: "TooManyRequests",
  500: "InternalServerError",
  502: "BadGateway",
  503: "ServiceUnavailable",
  504: "GatewayTimeout",
};

/** The answer a "status" fault gives. */
export function faultError(fault: Fault): GraphError {
  const status = fault.status ?? 503;
  const code = fault.code ?? CODES[status] ?? "UnknownError";
  const { retryAfterSeconds } = fault;
  return new GraphError(
    status,
    code,
    status === 429 ? "Please retry again later." : "A fault was ordered for this request.",
    undefined,
    retryAfterSeconds === undefined ? {} : { "Retry-After": String(retryAfterSeconds) },
  );
}
