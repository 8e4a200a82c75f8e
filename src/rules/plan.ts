// A plan is a value: what will be written for one user, and why. Dry run and apply share it.
import { z } from "zod";
import type { AttributeValue, System } from "./users.ts";

/** What happens to a user; the audit log's `operation`. */
export const operationSchema = z.enum([
  "create",
  "update",
  "disable",
  "enable",
  "delete",
  "restore",
  "link",
  "unlink",
  "assign",
  "remove",
  "none",
]);
/** One of {@link operationSchema}. */
export type Operation = z.infer<typeof operationSchema>;

/** One attribute of one write. */
export interface Change {
  readonly attribute: string;
  readonly before: AttributeValue;
  readonly after: AttributeValue;
  /** Code of the rule that asks for it, e.g. `changedInDrupal`. */
  readonly why: string;
}

/** A stable code and a sentence for an operator; the sentence holds no mail, UPN or secret. */
export interface Reason {
  readonly code: string;
  readonly message: string;
}

/** An attribute that is left alone because its new value cannot be written. The user's other attributes go on. */
export interface AttributeFailure extends Reason {
  readonly attribute: string;
}

/** One write, or the joining of two ids. */
export interface Step {
  readonly operation: Exclude<Operation, "none">;
  readonly system: System;
  readonly changes: readonly Change[];
}

/** What the link learns beside the writes, saved with the outcome. */
export interface LinkFacts {
  readonly drupalGoneAt?: string | null;
  readonly deleteDueAt?: string | null;
  /** False once the account was seen enabled: a later block is someone else's. */
  readonly disabledByUs?: boolean;
}

/** The decision for one user. No steps means that nothing is written; `reason` says why in either case. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly reason: Reason;
  readonly failures: readonly AttributeFailure[];
  readonly facts: LinkFacts;
  /** Fingerprints of attributes that both sides agree on already. */
  readonly agreed: Readonly<Record<string, string>>;
}
