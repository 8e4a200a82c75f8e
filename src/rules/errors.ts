// Failures, named by what the engine does next. Translated once in a connector or store, reacted to once in sync/.

/** The reaction that a failure asks for; each class below stands for one. */
export type FailureKind =
  | "transient"
  | "notFound"
  | "alreadyExists"
  | "rejected"
  | "concurrency"
  | "access";

/** The system that failed. */
export type FailingSystem = "drupal" | "entra" | "storage";

interface FailureOptions {
  readonly system: FailingSystem;
  /** Stable, camelCase: part of the public contract (audit `reason.code`). */
  readonly code: string;
  readonly cause?: unknown;
}

/** Common to all named failures: `message` is a sentence for an operator and never holds a mail, UPN or secret. */
export abstract class SyncFailure extends Error {
  abstract readonly kind: FailureKind;
  readonly system: FailingSystem;
  readonly code: string;

  constructor(message: string, options: FailureOptions) {
    super(message, { cause: options.cause });
    this.name = new.target.name;
    this.system = options.system;
    this.code = options.code;
  }
}

/** Try again later: network, timeout, 408, 429, 5xx, replication. `retryAfterMs` is the target's own wish. */
export class TransientError extends SyncFailure {
  readonly kind = "transient";
  readonly retryAfterMs: number | null;
  /** The target turned the request away before doing anything: a write did certainly not happen. */
  readonly isTurnedAway: boolean;

  constructor(
    message: string,
    options: FailureOptions & {
      readonly retryAfterMs?: number | null;
      readonly isTurnedAway?: boolean;
    },
  ) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.isTurnedAway = options.isTurnedAway ?? false;
  }
}

/** The object does not exist (404 on a write by id). */
export class NotFoundError extends SyncFailure {
  readonly kind = "notFound";
}

/** Another object holds a value that must be unique; `attribute` names it where the target does. */
export class AlreadyExistsError extends SyncFailure {
  readonly kind = "alreadyExists";
  readonly attribute: string | null;

  constructor(message: string, options: FailureOptions & { readonly attribute?: string | null }) {
    super(message, options);
    this.attribute = options.attribute ?? null;
  }
}

/** The target refuses this object or value, and will again: escrow. `attribute` names the culprit where known. */
export class RejectedError extends SyncFailure {
  readonly kind = "rejected";
  readonly attribute: string | null;

  constructor(message: string, options: FailureOptions & { readonly attribute?: string | null }) {
    super(message, options);
    this.attribute = options.attribute ?? null;
  }
}

/** Someone else saved first (ETag, lease): read again and plan again. */
export class ConcurrencyError extends SyncFailure {
  readonly kind = "concurrency";
}

/** Whether a draft of the configuration may be all that needs what is refused, such as the permission to read app roles. */
export const mayBeOfDraft = ({ code }: { readonly code: string }): boolean =>
  code === "graphPermissionMissing";

/** We are not let in, or lack a right: the job stops and says so (quarantine). */
export class AccessError extends SyncFailure {
  readonly kind = "access";
}
