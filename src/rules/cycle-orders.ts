// What is asked of cycles, and what comes of it.
import type { Cycle } from "./cycle.ts";
import type { Reason } from "./plan.ts";
import type { Direction } from "./users.ts";

/** What is asked for. Without a kind the schedule asks, and the job knows. */
export interface CycleOrder {
  /** Pictures only ever flow from Entra to Drupal. */
  readonly direction: Direction;
  readonly kind?: "initial" | "incremental" | "photos" | undefined;
  readonly isDryRun?: boolean | undefined;
  /** How many users are written before an operator must look. */
  readonly canary?: number | null | undefined;
  /** null: the schedule. */
  readonly actor: string | null;
}

/** What came of it. */
export type StartedCycle =
  | { readonly kind: "started"; readonly cycle: Cycle }
  /** Another cycle of the feed is under way. */
  | { readonly kind: "active"; readonly cycleId: string }
  /** The job is in quarantine: only an operator starts it. */
  | { readonly kind: "notNow"; readonly reason: Reason };

/** An approval. */
export interface ApproveCycle {
  readonly cycleId: string;
  /** The print of the plan that was looked at; not needed after a canary. */
  readonly plan?: string | undefined;
  /** How many more users are written before the next look; null: all. */
  readonly canary?: number | null | undefined;
  readonly actor: string;
}

/** What came of an operator's word. */
export type Steered =
  | { readonly kind: "done"; readonly cycle: Cycle }
  | { readonly kind: "notFound" }
  /** There is nothing to approve, or to stop. */
  | { readonly kind: "notWaiting"; readonly status: string }
  /** The approval comes too late: the cycle has ended without it, or is about to. */
  | { readonly kind: "expired"; readonly reason: Reason }
  /** The plan is not the one that was looked at. */
  | { readonly kind: "otherPlan"; readonly plan: string };
