// The steps that the state matrix asks for: disable at once, delete after the grace, enable what is our own block.
import { type AskedState, askedState } from "./account-state.ts";
import type { DueDelete } from "./link.ts";
import type { Change, Step } from "./plan.ts";
import type { ScopeVerdict } from "./scope-clause.ts";
import { blockOf, isEntraEnabled, type Situation } from "./situation.ts";
import { directionTo, otherSystem, type System } from "./users.ts";

const DAY_MS = 86_400_000;

/** The name of the state in each system. */
export const STATE_ATTRIBUTE: Readonly<Record<System, string>> = {
  drupal: "status",
  entra: "accountEnabled",
};

const changeTo = (system: System, after: boolean, why: string): Change => ({
  attribute: STATE_ATTRIBUTE[system],
  before: !after,
  after,
  why,
});

/** A step that disables or enables. */
export const switchStep = (system: System, after: boolean, why: string): Step => ({
  operation: after ? "enable" : "disable",
  system,
  resource: "user",
  changes: [changeTo(system, after, why)],
});

/** What is asked of one side, and the steps that it takes. */
export interface StateSteps {
  readonly asked: AskedState;
  readonly steps: readonly Step[];
  /** The delete that waits, or is due now. */
  readonly due: DueDelete | null;
}

/** The account of a side as it is now; null where it does not exist. */
export function accountOn(system: System, situation: Situation) {
  const { drupal, entra } = situation;
  const block = blockOf(system, situation);
  if (system === "drupal")
    return drupal === null ? null : { exists: true, enabled: drupal.enabled, block };
  return entra === null ? null : { exists: true, enabled: isEntraEnabled(entra, situation), block };
}

const GONE = { exists: false, enabled: false, block: "none" } as const;

/** What the other side's state asks of `target`, whose account exists. `verdict` is null where the source is gone. */
export function stateStepsFor(
  target: System,
  verdict: ScopeVerdict | null,
  situation: Situation,
): StateSteps {
  const { configuration, link, uncertain } = situation;
  const source = otherSystem(target);
  const account = accountOn(target, situation);
  const served = {
    inScope: verdict?.inScope ?? true,
    isKnown: verdict?.isKnown ?? true,
    ever: link.served[directionTo(target)],
    lately: link.inScope[directionTo(target)],
  };
  const asked = askedState(source, accountOn(source, situation) ?? GONE, served, configuration);
  const isUncertain = target === "entra" && uncertain.has("accountEnabled");
  const isDisabled = account !== null && !account.enabled && !isUncertain;
  const why = asked.reason.code;
  const nothing = { asked, steps: [], due: null };
  switch (asked.state) {
    case "leave":
      return nothing;
    case "enabled": {
      const mayLift =
        account !== null && (isUncertain || (!account.enabled && account.block === "ours"));
      return mayLift ? { ...nothing, steps: [switchStep(target, true, why)] } : nothing;
    }
    case "disabled":
      return isDisabled ? nothing : { ...nothing, steps: [switchStep(target, false, why)] };
    case "deleted":
      return { asked, ...removalOf(target, isDisabled, why, situation) };
  }
}

// Disabled at once, deleted when the grace is over.
function removalOf(
  target: System,
  isDisabled: boolean,
  why: string,
  { configuration, link, now }: Situation,
): Omit<StateSteps, "asked"> {
  if (target === "drupal" && link.isCancelled && isDisabled) return { steps: [], due: null };
  const { graceDays } = configuration.states[directionTo(target)];
  const known = link.deleteDue?.system === target ? link.deleteDue : null;
  const at = known?.at ?? new Date(now.getTime() + graceDays * DAY_MS).toISOString();
  const due: DueDelete = { system: target, at };
  if (isWaiting(due, now))
    return { steps: isDisabled ? [] : [switchStep(target, false, why)], due };
  const removal: Step = { operation: "delete", system: target, resource: "user", changes: [] };
  return { steps: [removal], due };
}

/** Whether a delete is due only later. */
export const isWaiting = (due: DueDelete | null, now: Date): due is DueDelete =>
  due !== null && Date.parse(due.at) > now.getTime();
