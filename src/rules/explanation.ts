// Why a user is as they are: the five steps of Entra's own provisioning on demand (import, scoping, matching, processing,
// export), each with a reason. A value made from the same look and plan that a write is made from.
import { drupalAttributesOf } from "./attribute-mapping.ts";
import type { AuditStatus } from "./audit-entry.ts";
import type { ShownConflict } from "./conflicts.ts";
import type { Block, Link } from "./link.ts";
import {
  type AttributeDecision,
  type AttributeFailure,
  because,
  type Change,
  type Harm,
  harmOf,
  type Plan,
  type Reason,
  type Step,
} from "./plan.ts";
import type { Situation } from "./situation.ts";
import type { AttributeValue, Direction, DrupalUser, EntraUser, System } from "./users.ts";

/** The state of one of the five steps. */
export type StepStatus = "success" | "skipped" | "warning" | "failure";

interface Told {
  readonly status: StepStatus;
  readonly reason: Reason;
}

/** A write of the plan, and how it went; `planned` when nothing was written. */
export interface ExplainedExport {
  readonly operation: Step["operation"];
  readonly system: System;
  readonly resource: Step["resource"];
  readonly changes: readonly Change[];
  readonly status: AuditStatus | "planned";
  readonly reason: Reason;
}

/** How an account looks to a person who asks about it. */
type Shown<User> = Omit<User, "attributes"> & {
  readonly attributes: Readonly<Record<string, AttributeValue>>;
};

/** The five steps of one user. */
export interface Explanation {
  readonly drupalUuid: string;
  readonly entraObjectId: string | null;
  readonly import: Told & {
    readonly drupal: Shown<DrupalUser> | null;
    readonly entra: Shown<EntraUser> | null;
  };
  readonly scoping: Told & {
    readonly directions: Readonly<
      Record<
        Direction,
        { readonly isOn: boolean; readonly inScope: boolean | null } & Partial<Reason>
      >
    >;
  };
  readonly matching: Told & {
    readonly linkedAt: string | null;
    readonly madeByUs: Link["madeByUs"];
    readonly blocks: Readonly<Record<System, Block>>;
  };
  readonly processing: Told & {
    readonly attributes: readonly AttributeDecision[];
    readonly failures: readonly AttributeFailure[];
    readonly conflicts: readonly ShownConflict[];
  };
  readonly export: Told & { readonly steps: readonly ExplainedExport[]; readonly harm: Harm };
}

/** The five steps as they would go now; or why there is nobody to explain. */
export type Explained =
  | { readonly kind: "explained"; readonly explanation: Explanation; readonly reason: Reason }
  | { readonly kind: "unmatched"; readonly reason: Reason };

const told = (status: StepStatus, code: string, message: string): Told => ({
  status,
  reason: because(code, message),
});

// Only what the configuration is about: a Drupal account has more fields than its sync needs to show.
function shownDrupal({ drupal, configuration }: Situation): Shown<DrupalUser> | null {
  if (drupal === null) return null;
  const names = new Set(drupalAttributesOf(configuration));
  const shown = Object.entries(drupal.attributes).filter(([name]) => names.has(name));
  return { ...drupal, attributes: Object.fromEntries(shown) };
}

function importStep(situation: Situation): Explanation["import"] {
  const { drupal, entra, nominee, match, link } = situation;
  const seen = entra ?? nominee ?? (match.kind === "one" ? match.user : null);
  const here = [drupal === null ? null : "Drupal", seen === null ? null : "Entra"].filter(
    (name) => name !== null,
  );
  const shown = { drupal: shownDrupal(situation), entra: seen };
  if (here.length > 0) {
    const message = `the user was read in ${here.join(" and ")}`;
    return { ...told("success", "userRead", message), ...shown };
  }
  const known = link.linkedAt === null ? "there is no such account" : "the account is gone";
  return { ...told("skipped", "userNotFound", `${known} on both sides`), ...shown };
}

// An undo that the configuration takes back (rules/undo).
const FLOWS_AGAIN = "willFlowAgain";
const PROTECTED = ["protectedAccount", "privilegedAccount", "guestAccount"];

function scopingStep({ configuration }: Situation, plan: Plan): Explanation["scoping"] {
  const about = (direction: Direction) => {
    const verdict = plan.scope[direction];
    return {
      isOn: configuration.directions[direction],
      inScope: verdict?.inScope ?? null,
      ...verdict?.reason,
    };
  };
  const directions = {
    drupalToEntra: about("drupalToEntra"),
    entraToDrupal: about("entraToDrupal"),
  };
  if (PROTECTED.includes(plan.reason.code))
    return { status: "skipped", reason: plan.reason, directions };
  const isServed = Object.values(directions).some(({ isOn, inScope }) => isOn && inScope !== false);
  const step = isServed
    ? told("success", "inScope", "a direction serves this user")
    : told("skipped", "outOfScope", "no direction serves this user");
  return { ...step, directions };
}

function matchingStep({ link, match, nominee }: Situation): Explanation["matching"] {
  const { linkedAt, madeByUs, blocks } = link;
  const shown = { linkedAt, madeByUs, blocks };
  if (linkedAt !== null)
    return { ...told("success", "linked", `linked by ids since ${linkedAt}`), ...shown };
  if (match.kind === "conflict") return { status: "warning", reason: match.reason, ...shown };
  if (match.kind === "one")
    return { ...told("success", "matched", `matched by ${match.by}`), ...shown };
  const where = nominee === null ? "Entra" : "Drupal";
  return { ...told("skipped", "noMatch", `nobody in ${where} matches`), ...shown };
}

function processingStep({ link }: Situation, plan: Plan): Explanation["processing"] {
  const { decisions, failures } = plan;
  const open = plan.facts.conflicts ?? (decisions.length > 0 ? {} : link.conflicts);
  const conflicts = Object.entries(open).map(([key, { prints: _prints, ...conflict }]) => {
    const decision = decisions.find((one) => one.key === key);
    const values = {
      drupalValue: decision?.drupalValue ?? null,
      entraValue: decision?.entraValue ?? null,
    };
    return { ...conflict, key, ...values };
  });
  const shown = { attributes: decisions, failures, conflicts };
  const status =
    failures.length + conflicts.length > 0 || plan.reason.code === FLOWS_AGAIN
      ? "warning"
      : plan.steps.length > 0
        ? "success"
        : "skipped";
  return { status, reason: plan.reason, ...shown };
}

function exportStep(plan: Plan, done: readonly ExplainedExport[] | null): Explanation["export"] {
  const planned = plan.steps.map(
    ({ operation, system, resource, changes }): ExplainedExport => ({
      operation,
      system,
      resource,
      changes,
      status: "planned",
      reason: plan.reason,
    }),
  );
  const harm = harmOf(plan);
  if (plan.steps.length === 0)
    return { ...told("skipped", "nothingToWrite", "nothing is to be written"), steps: [], harm };
  if (done === null) {
    const message = `${planned.length} write(s) are planned, none was made`;
    return { ...told("skipped", "planned", message), steps: planned, harm };
  }
  const worst = done.find(({ status }) => status !== "success");
  if (worst !== undefined)
    return {
      status: worst.status === "failure" ? "failure" : "warning",
      reason: worst.reason,
      steps: done,
      harm,
    };
  return { ...told("success", "written", `${done.length} write(s) were made`), steps: done, harm };
}

/** Explains a plan; `done` is what was written, null where nothing was to be. */
export function explain(
  situation: Situation,
  plan: Plan,
  done: readonly ExplainedExport[] | null,
): Explanation {
  const { link, match, nominee } = situation;
  const found = match.kind === "one" ? match.user.objectId : (nominee?.objectId ?? null);
  return {
    drupalUuid: link.drupalUuid,
    entraObjectId: link.entraObjectId ?? found,
    import: importStep(situation),
    scoping: scopingStep(situation, plan),
    matching: matchingStep(situation),
    processing: processingStep(situation, plan),
    export: exportStep(plan, done),
  };
}
