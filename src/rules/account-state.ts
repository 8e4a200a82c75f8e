// The state matrix: what being blocked, deleted or out of scope on one side does to the account on the other. A disable by
// a side's own people wins; we lift only our own.
import type { SyncConfiguration } from "./configuration.ts";
import type { Block } from "./link.ts";
import type { Reason } from "./plan.ts";
import { directionTo, otherSystem, type System } from "./users.ts";

/** The account on one side as far as the matrix asks. */
export interface AccountState {
  readonly exists: boolean;
  readonly enabled: boolean;
  readonly block: Block;
}

/** What the other side's state asks of an account. `leave`: it says nothing. */
export interface AskedState {
  readonly state: "enabled" | "disabled" | "deleted" | "leave";
  readonly reason: Reason;
}

const NAME: Readonly<Record<System, string>> = { drupal: "Drupal", entra: "Entra" };

/** Disabled by its own people, neither by us nor when an earlier holder left. */
export const isBlockedByOwn = (account: AccountState): boolean =>
  account.exists && !account.enabled && account.block === "none";

/** Whether a direction serves a user, and whether it ever did. */
export interface Served {
  readonly inScope: boolean;
  /** False where it cannot be told, because a group of the scope is not known: then nothing is asked. */
  readonly isKnown: boolean;
  readonly ever: boolean;
  /** At the last look. */
  readonly lately: boolean;
}

/**
 * What `source` asks of the account on the other side. Only whom the direction has served can be taken away by a delete or
 * by leaving the scope. A side that we disabled ourselves asks for what its own people want, which is not a block: two
 * blocks of ours could hold each other for ever.
 */
export function askedState(
  source: System,
  account: AccountState,
  served: Served,
  configuration: SyncConfiguration,
): AskedState {
  const target = otherSystem(source);
  const actions = configuration.states[directionTo(target)];
  const name = NAME[source];
  const leave = (code: string, message: string): AskedState => ({
    state: "leave",
    reason: { code, message },
  });
  const ask = (
    action: "nothing" | "disable" | "delete",
    code: string,
    message: string,
  ): AskedState => {
    if (action === "nothing") return leave(code, message);
    return { state: action === "disable" ? "disabled" : "deleted", reason: { code, message } };
  };
  if (!account.exists) {
    if (!served.ever)
      return leave("neverServed", `the account was deleted in ${name}, whose users are not served`);
    return ask(actions.deleted, `deletedIn${name}`, `the account was deleted in ${name}`);
  }
  // Whoever is blocked and moved out of the scope in one go is a leaver: the block counts first.
  const blocked = isBlockedByOwn(account);
  if (blocked && ((served.ever && served.lately) || served.inScope))
    return ask(actions.disabled, `disabledIn${name}`, `the account is blocked in ${name}`);
  if (!served.isKnown) return leave("scopeUnknown", "a group of the scope is not known");
  if (!served.inScope && served.ever && actions.outOfScope !== "nothing")
    return ask(actions.outOfScope, "outOfScope", `the ${name} user is out of scope`);
  if (blocked) return leave("outOfScope", `the ${name} user is out of scope`);
  if (!account.enabled && account.block === "parked")
    return leave(`disabledIn${name}`, `the account in ${name} waits for an operator`);
  return {
    state: "enabled",
    reason: { code: `enabledIn${name}`, message: `the account is to be enabled in ${name}` },
  };
}
