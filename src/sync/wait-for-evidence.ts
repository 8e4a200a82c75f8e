// What a plan must wait for: reads of Entra lag, and answers of writes get lost. Each throws TransientError with the time to
// ask again.
import { TransientError } from "../rules/errors.ts";
import { entraPrint } from "../rules/field-types.ts";
import { REPLICATION_WINDOW_MS } from "../rules/known-values.ts";
import type { Plan } from "../rules/plan.ts";
import type { HeldLink } from "./hold-link.ts";
import type { Look } from "./look-at-user.ts";

/** Nothing is written to an account whose create has not been confirmed, as long as a read may lag. */
export function refuseWhileUnconfirmed(held: HeldLink, plan: Plan, now: Date): void {
  const { pending } = held.link;
  if (pending?.operation !== "create" || plan.steps.some((step) => step.operation === "create"))
    return;
  if (now.getTime() - Date.parse(pending.at) > REPLICATION_WINDOW_MS) return;
  const { system } = pending;
  const options = { system, code: "createUnconfirmed", retryAfterMs: 5000 } as const;
  throw new TransientError("an earlier create has not been confirmed yet", options);
}

const UNCONFIRMED_WAIT_MS = 15_000;

/**
 * The answer of a write was lost, and Entra still shows the value from before it. It may be on its way, and someone may have
 * edited what it wrote: it is not made again before a read had the time to tell. A disable is: it takes nothing back.
 */
export function waitForLostAnswer(
  { link: { pending } }: HeldLink,
  { situation }: Look,
  now: Date,
): void {
  if (situation.uncertain.size === 0 || pending === null || pending.operation === "disable") return;
  const waitMs = Date.parse(pending.at) + UNCONFIRMED_WAIT_MS - now.getTime();
  if (waitMs <= 0) return;
  const options = { system: "entra", code: "writeUnconfirmed", retryAfterMs: waitMs } as const;
  throw new TransientError("Entra does not show yet whether a write arrived", options);
}

/** A new account is filled with what was read. Values that may be older than known ones must not be among them. */
export function refuseHiddenValues({ believedAt }: Look, plan: Plan, now: Date): void {
  const isMade = plan.steps.some(
    ({ operation, system }) => operation === "create" && system === "drupal",
  );
  if (!isMade || believedAt === null) return;
  const retryAfterMs = Math.max(1000, Date.parse(believedAt) - now.getTime());
  const options = { system: "entra", code: "replicationPending", retryAfterMs } as const;
  throw new TransientError("Entra's values changed a moment ago, or the read lags", options);
}

/**
 * We let the user in, a read showed it, and this one shows a disabled account: from another replica, or disabled by someone
 * since. A disable of ours over theirs would pass for ours, and be lifted by us one day. It is known within a minute.
 */
export function refuseToHideABlock({ situation: { entra, hidden, link } }: Look, plan: Plan): void {
  const disables = plan.steps.some(
    ({ operation, system }) => operation === "disable" && system === "entra",
  );
  const isShown = (link.known.accountEnabled?.seenAt ?? null) !== null;
  if (!disables || !isShown || hidden.accountEnabled === undefined || entra?.enabled !== false)
    return;
  const options = { system: "entra", code: "replicationPending", retryAfterMs: 5000 } as const;
  throw new TransientError("Entra shows an account as disabled that it showed as enabled", options);
}

/**
 * A value of Entra that was never seen, a moment after another one was first seen, may be from between, or an edit that someone
 * just made. What it is will be known in some seconds: until then it is not written over.
 */
export function refuseToOverwriteNews(
  { situation: { entra, hidden, link }, believedAt }: Look,
  plan: Plan,
  now: Date,
): void {
  if (entra === null || believedAt === null) return;
  const isNews = (attribute: string): boolean => {
    const known = link.known[attribute];
    if (hidden[attribute] === undefined || known === undefined) return false;
    return !known.before.includes(entraPrint(attribute, entra.attributes[attribute]));
  };
  const writes = plan.steps.filter(
    ({ operation, system }) => operation === "update" && system === "entra",
  );
  if (!writes.some(({ changes }) => changes.some(({ attribute }) => isNews(attribute)))) return;
  const retryAfterMs = Math.max(1000, Date.parse(believedAt) - now.getTime());
  const options = { system: "entra", code: "replicationPending", retryAfterMs } as const;
  throw new TransientError("Entra shows a value that may be an edit of a moment ago", options);
}
