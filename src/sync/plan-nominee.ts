// The users of a page who are only planned: with the configuration of the sync, or, of a preview, with two. What can be read
// of all of them at once is read ahead.
import { userCompared } from "../rules/compare-plans.ts";
import type { SyncConfiguration } from "../rules/configuration.ts";
import type { Cycle, CycleUser, Nomination } from "../rules/cycle.ts";
import { userPlanned, userTold } from "../rules/cycle-user.ts";
import { AccessError, mayBeOfDraft, SyncFailure, TransientError } from "../rules/errors.ts";
import type { ProvisionRequest } from "../rules/provision-request.ts";
import type { CyclePorts } from "./cycle-ports.ts";
import type { Slice } from "./cycle-step.ts";
import type { LookPorts } from "./ports.ts";
import { pauseForAll } from "./react-to-failure.ts";
import { readAhead } from "./read-ahead.ts";

/** Plans one user. */
export type Planner = (nomination: Nomination, request: ProvisionRequest) => Promise<CycleUser>;

// What may be asked again is deferred, what is refused stands in the plan, and a closed system ends the cycle. What a preview
// is not let in for, the draft asks for: asking again does not help.
async function named(
  nomination: Nomination,
  isDraft: boolean,
  ports: CyclePorts,
  plan: () => Promise<CycleUser>,
): Promise<CycleUser> {
  try {
    return await plan();
  } catch (error) {
    if (!(error instanceof SyncFailure)) throw error;
    const reason = { code: error.code, message: error.message };
    if (error instanceof AccessError)
      await ports.quarantine.close(error.system, reason, ports.now());
    pauseForAll(error, ports);
    const isPassing =
      error instanceof TransientError ||
      (error instanceof AccessError && !(isDraft && mayBeOfDraft(error)));
    return userTold(nomination, isPassing ? "deferred" : "failed", reason);
  }
}

const by = (configuration: SyncConfiguration, look: LookPorts): LookPorts => ({
  ...look,
  configuration: { current: async () => configuration },
});

async function dryRun(
  nominations: readonly Nomination[],
  { configuration }: Slice,
  ports: CyclePorts,
): Promise<Planner> {
  const look = await readAhead(nominations, [configuration], ports);
  return async (nomination, request) => {
    const explained = await ports.explain(look, request);
    if (explained.kind === "unmatched") return userTold(nomination, "warning", explained.reason);
    return userPlanned(nomination, explained.explanation, explained.reason, ports.auditValues);
  };
}

async function preview(
  nominations: readonly Nomination[],
  slice: Slice,
  ports: CyclePorts,
): Promise<Planner> {
  const compared = await slice.compared();
  if (compared === null) throw new Error("a preview that has lost what it compares");
  const { current, candidate } = compared;
  const look = await readAhead(nominations, [current, candidate], ports);
  return async (nomination, request) => {
    // One after the other: the second finds what the first has asked.
    const plans = {
      current: await ports.explain(by(current, look), request),
      candidate: await ports.explain(by(candidate, look), request),
    };
    return userCompared(nomination, plans, ports.auditValues);
  };
}

/** Whether these users are planned and not written: a dry run's, until they are approved. */
const isPlanning = (cycle: Cycle, nominations: readonly Nomination[]): boolean =>
  cycle.isDryRun && nominations.every(({ expects }) => expects === undefined);

/** The planner of these users of a cycle; null where they are to be written. */
export async function plannerFor(
  cycle: Cycle,
  nominations: readonly Nomination[],
  slice: Slice,
  ports: CyclePorts,
): Promise<Planner | null> {
  if (nominations.length === 0 || !isPlanning(cycle, nominations)) return null;
  if (cycle.kind === "photos") return null;
  const plannerOf = cycle.kind === "preview" ? preview : dryRun;
  const plan = await plannerOf(nominations, slice, ports);
  const isDraft = cycle.kind === "preview";
  return (nomination, request) =>
    named(nomination, isDraft, ports, () => plan(nomination, request));
}
