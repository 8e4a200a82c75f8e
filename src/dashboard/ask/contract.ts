// The answers of the HTTP contract as the page knows them: the published schemas as types. Nothing of them is loaded.
import type { z } from "zod";
import type { auditPage } from "../../api/answers/audit-page.ts";
import type { configurationVersions, impact } from "../../api/answers/configuration.ts";
import type { cycle, cycleWithUsers } from "../../api/answers/cycle.ts";
import type { cycleList } from "../../api/answers/cycle-list.ts";
import type { driftPage } from "../../api/answers/drift-page.ts";
import type { escrowPage } from "../../api/answers/escrow.ts";
import type { explanation } from "../../api/answers/explanation.ts";
import type { health } from "../../api/answers/health.ts";
import type { explainedLink, linkPage } from "../../api/answers/link.ts";
import type { provisionResult } from "../../api/answers/provision-result.ts";
import type { metricsAnswerSchema } from "../../api/metrics-answer.ts";
import type { sessionSchema } from "../../api/session-answer.ts";
import type { userSearchAnswer } from "../../api/user-search.ts";

/** What nobody changes. */
type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;
type Of<Schema extends z.ZodType> = Frozen<z.output<Schema>>;

/** A page of a listing. */
export interface PageOf<Item> {
  readonly items: readonly Item[];
  /** Null when there is nothing more. */
  readonly continuation: string | null;
}

/** GET session. */
export type Session = Of<typeof sessionSchema>;

/** GET audit. */
export type AuditPageAnswer = Of<typeof auditPage>;
export type AuditEntry = AuditPageAnswer["items"][number];

/** What orders about cycles answer, and one of GET cycles. */
export type CycleAnswer = Of<typeof cycle>;

/** GET cycles. */
export type CyclesAnswer = Of<typeof cycleList>;
export type JobAnswer = CyclesAnswer["jobs"][number];

/** GET cycles/{id}. */
export type CycleWithUsers = Of<typeof cycleWithUsers>;
export type CycleUser = CycleWithUsers["users"]["items"][number];

/** GET links. */
export type LinksAnswer = Of<typeof linkPage>;
export type LinkAnswer = LinksAnswer["items"][number];

/** GET links/{id}. */
export type UserAnswer = Of<typeof explainedLink>;
export type Explanation = Of<typeof explanation>;
/** A row of the mapping of one user, and which side of it moved since both last agreed. */
export type RowAnswer = Explanation["processing"]["attributes"][number];
export type Moved = RowAnswer["moved"];
export type UserEscrow = NonNullable<UserAnswer["escrow"]>;
export type UserPhoto = NonNullable<UserAnswer["photo"]>;
export type Reason = UserAnswer["reason"];

/** POST provision. */
export type ProvisionAnswer = Of<typeof provisionResult>;

/** GET escrow. */
export type EscrowAnswer = Of<typeof escrowPage>;
export type EscrowEntry = EscrowAnswer["items"][number];
export type EscrowGroup = EscrowAnswer["groups"][number];

/** GET drift. */
export type DriftAnswer = Of<typeof driftPage>;
export type DriftRow = DriftAnswer["items"][number];
export type DriftKind = DriftRow["kind"];

/** GET health, for readers. */
export type HealthAnswer = Of<typeof health>;

/** GET metrics. */
export type MetricsAnswer = Of<typeof metricsAnswerSchema>;

/** GET users. */
export type PeopleAnswer = Of<typeof userSearchAnswer>;
export type PersonAnswer = PeopleAnswer["items"][number];

/** PUT configuration?preview=true. */
export type Impact = Of<typeof impact>;

/** One version of GET configuration/history. */
export type VersionAnswer = Of<typeof configurationVersions>["items"][number];
