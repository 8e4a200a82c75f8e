// The answers of the HTTP contract as the page knows them: types only, taken from where the answers are made.
import type { shownCycle, shownJob } from "../../api/cycle-answer.ts";
import type { shownLink } from "../../api/link-answer.ts";
import type { AuditEntry } from "../../rules/audit-entry.ts";
import type { CycleUser } from "../../rules/cycle.ts";
import type { DriftKind, DriftRow } from "../../rules/drift.ts";
import type { EscrowEntry, EscrowGroup } from "../../rules/escrow.ts";
import type { Explanation } from "../../rules/explanation.ts";
import type { Impact } from "../../rules/impact.ts";
import type { AttributeDecision, Reason } from "../../rules/plan.ts";
import type { System } from "../../rules/users.ts";

export type {
  AuditEntry,
  CycleUser,
  DriftKind,
  DriftRow,
  EscrowEntry,
  EscrowGroup,
  Explanation,
  Impact,
  Reason,
};

/** A page of a listing. */
export interface PageOf<Item> {
  readonly items: readonly Item[];
  /** Null when there is nothing more. */
  readonly continuation: string | null;
}

/** GET audit. */
export type AuditPageAnswer = PageOf<AuditEntry>;

/** One cycle of GET cycles, and what orders about cycles answer. */
export type CycleAnswer = ReturnType<typeof shownCycle>;

/** One job of GET cycles. `schedule` is the setting's text; `nextAt` ISO 8601, null where it cannot be told. */
export type JobAnswer = ReturnType<typeof shownJob> & {
  readonly schedule?: string | null;
  readonly nextAt?: string | null;
};

/** GET cycles. */
export interface CyclesAnswer extends PageOf<CycleAnswer> {
  readonly jobs: readonly JobAnswer[];
}

/** GET cycles/{id}. */
export type CycleWithUsers = CycleAnswer & { readonly users: PageOf<CycleUser> };

/** The public form of a link. */
export type LinkAnswer = ReturnType<typeof shownLink>;

/** Which side of a row has moved since both last agreed; `unknown` where a side does not show its value. */
export type Moved = "neither" | "drupal" | "entra" | "both" | "neverAgreed" | "unknown";

/** A row of the mapping of one user. */
export type RowAnswer = AttributeDecision & { readonly moved?: Moved };

/** Why a user waits to be tried again. */
export type UserEscrow = Pick<
  EscrowEntry,
  "system" | "reason" | "attempts" | "since" | "at" | "nextAt"
>;

/** What the last look at a user's picture came to. */
export interface UserPhoto {
  /** Of the kept bytes; null where none are. */
  readonly hash: string | null;
  readonly reason: Reason;
  readonly seenAt: string;
  readonly missingSince: string | null;
  readonly isBeingSent: boolean;
}

/** GET links/{id}. */
export interface UserAnswer {
  readonly link: LinkAnswer | null;
  readonly reason: Reason;
  /** Null where it cannot be told who belongs to whom. */
  readonly explanation: Explanation | null;
  readonly escrow?: UserEscrow | null;
  readonly photo?: UserPhoto | null;
}

/** POST provision. */
export interface ProvisionAnswer {
  readonly dryRun: boolean;
  readonly outcome: {
    readonly status: string;
    readonly operations: readonly string[];
    readonly reason: Reason;
  };
  readonly explanation: Explanation | null;
}

/** GET escrow. */
export interface EscrowAnswer extends PageOf<EscrowEntry> {
  readonly groups: readonly EscrowGroup[];
}

/** GET drift. */
export interface DriftAnswer extends PageOf<DriftRow> {
  readonly asOf: Readonly<Record<System, string | null>>;
  readonly counts: Readonly<Record<DriftKind, number | null>>;
}

/** GET health, for readers. */
export interface HealthAnswer {
  readonly status: "ok" | "failed";
  readonly checkedAt: string;
  readonly checks: readonly {
    readonly name: "storage" | "drupal" | "entra";
    readonly status: "ok" | "failed";
    readonly code?: string;
    readonly message: string;
  }[];
}

interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** GET metrics. */
export interface MetricsAnswer {
  readonly from: string;
  readonly to: string;
  readonly bucketSeconds: number;
  readonly buckets: readonly {
    readonly at: string;
    readonly writes: Readonly<Record<System, number>>;
    readonly outcomes: Readonly<Record<string, number>>;
    readonly throttled: Readonly<Record<System, number>>;
    readonly latencyMs: Percentiles | null;
    readonly queueAgeMs: Percentiles | null;
  }[];
}

/** One person of GET users. */
export interface PersonAnswer {
  readonly name: string | null;
  /** The account name in Drupal. */
  readonly drupalName?: string | null;
  readonly mail: string | null;
  readonly drupalUuid: string | null;
  readonly entraObjectId: string | null;
  readonly userPrincipalName: string | null;
  readonly isEnabled: Readonly<Record<System, boolean | null>>;
  readonly linked: boolean;
}

/** GET users. */
export interface PeopleAnswer {
  readonly items: readonly PersonAnswer[];
  /** There are others: a longer text finds them. */
  readonly hasMore?: boolean;
  readonly isPartial: boolean;
  readonly failures: readonly {
    readonly system: System | "storage";
    readonly code: string;
    readonly message: string;
  }[];
}

/** One version of GET configuration/history. */
export interface VersionAnswer {
  readonly id: string;
  readonly at: string;
  readonly actor: string;
}
