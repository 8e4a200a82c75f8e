// A plan is a value: what will be written for one user on both sides, and why. Dry run, explanation and apply share it.
import { createHash } from "node:crypto";
import { z } from "zod";
import type { AttributeRow } from "./attribute-row.ts";
import type { BasePair, LinkFacts } from "./link.ts";
import type { ScopeVerdict } from "./scope-clause.ts";
import type { AttributeValue, Direction, System } from "./users.ts";

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
  /** The system that is written. */
  readonly system: System;
  readonly resource: "user" | "role";
  readonly changes: readonly Change[];
}

/** What a row of the mapping came to. */
export type Verdict =
  | "equal"
  | "toEntra"
  | "toDrupal"
  | "kept"
  | "conflict"
  | "failed"
  | "unreadable"
  | "off";

/** Which side of a row has moved since both last agreed; `unknown` where a side does not show its value. */
export type Moved = "neither" | "drupal" | "entra" | "both" | "neverAgreed" | "unknown";

/** One row of the mapping, as the explanation of a user shows it. */
export interface AttributeDecision {
  readonly key: string;
  readonly drupal: string | null;
  readonly entra: string | null;
  readonly flow: AttributeRow["flow"];
  readonly authority: AttributeRow["authority"];
  readonly drupalValue: AttributeValue;
  readonly entraValue: AttributeValue;
  readonly moved: Moved;
  readonly verdict: Verdict;
  /** What would be written; present for `toEntra` and `toDrupal`. */
  readonly change?: Change;
  readonly reason: Reason;
}

/** What the link learns when a write of an attribute is accepted. */
export interface Learned {
  readonly key: string;
  readonly base: BasePair;
  /** The fingerprint that is written over, to know ping-pong by. */
  readonly over: string;
}

/** The decision for one user. No steps means that nothing is written; `reason` says why in either case. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly reason: Reason;
  readonly failures: readonly AttributeFailure[];
  /** What the link learns beside the writes, saved with the outcome. */
  readonly facts: LinkFacts;
  /** Bases of rows on which both sides agree already. */
  readonly agreed: Readonly<Record<string, BasePair>>;
  /** By target, `drupal.<field>` or `entra.<property>`. */
  readonly learned: Readonly<Record<string, Learned>>;
  readonly decisions: readonly AttributeDecision[];
  readonly scope: Readonly<Partial<Record<Direction, ScopeVerdict>>>;
}

/** What a plan takes away from people, for whoever approves it. */
export interface Harm {
  readonly disables: number;
  readonly deletes: number;
  readonly roleRemovals: number;
}

/** Counts the harm of a plan. */
export function harmOf(plan: Plan): Harm {
  const count = (operation: Operation) =>
    plan.steps.filter((step) => step.operation === operation).length;
  return {
    disables: count("disable"),
    deletes: count("delete"),
    roleRemovals: count("remove"),
  };
}

/** Whether a plan takes anything away. */
export const isHarmful = (plan: Plan): boolean =>
  Object.values(harmOf(plan)).some((count) => count > 0);

/** The print of what would be written, with the values that it would be written over: another one is another plan. */
export function planPrint(
  steps: readonly Pick<Step, "operation" | "system" | "changes">[],
): string {
  const writes = steps.map(({ operation, system, changes }) => [
    operation,
    system,
    changes.map(({ attribute, before, after }) => [attribute, before, after]),
  ]);
  return createHash("sha256").update(JSON.stringify(writes)).digest("base64url").slice(0, 22);
}

/** A reason. */
export const because = (code: string, message: string): Reason => ({ code, message });

/** A plan from its parts; what is not given is empty. */
export function planOf(reason: Reason, parts: Partial<Omit<Plan, "reason">> = {}): Plan {
  return {
    steps: [],
    failures: [],
    facts: {},
    agreed: {},
    learned: {},
    decisions: [],
    scope: {},
    ...parts,
    reason,
  };
}
