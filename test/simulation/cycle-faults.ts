// What must hold of cycles beside what holds of users: harm stays below its thresholds unless someone approved it, every cycle comes
// to an end, and whoever is at rest is left alone.
import type { AuditEntry } from "../../src/rules/audit-entry.ts";
import { type Cycle, hasEnded } from "../../src/rules/cycle.ts";
import { isJoined } from "../../src/rules/link.ts";
import { allowed } from "../../src/rules/thresholds.ts";
import { Killed } from "../doubles/world.ts";
import type { CycleStage } from "./cycle-stage.ts";
import { faultsAtRest } from "./faults-at-rest.ts";

const KINDS = { disables: "disable", deletes: "delete" } as const;

// Users, not rows: a write whose answer was lost may be told twice.
function harmed(rows: readonly AuditEntry[], operation: string): Map<string, Set<string>> {
  const users = new Map<string, Set<string>>();
  for (const row of rows) {
    if (row.operation !== operation || row.status !== "success" || row.cause !== "cycle") continue;
    // Whoever finds an interrupted write only tells of it.
    if (row.reason?.code === "confirmedAfterInterruption") continue;
    // A look that followed a cycle's is one about one user, as an event is.
    if (row.cycleId === undefined) continue;
    const key = row.cycleId;
    users.set(key, (users.get(key) ?? new Set()).add(row.drupalUuid ?? ""));
  }
  return users;
}

function faultsOfHarm({ world }: CycleStage): string[] {
  const linked = [...world.links.values()].filter(({ link }) => isJoined(link)).length;
  return (["disables", "deletes"] as const).flatMap((kind) => {
    const most = allowed(world.configuration.thresholds[kind], linked);
    return [...harmed(world.audit, KINDS[kind])]
      .filter(([, users]) => most !== null && users.size > most)
      .map(
        ([cycle, users]) => `${users.size} ${kind} without approval by ${cycle}, ${most} allowed`,
      );
  });
}

const named = ({ id, direction, status, waitsFor }: Cycle): string =>
  `cycle ${id.slice(-4)} ${direction} ${status} ${waitsFor?.kind ?? ""}`;

/** Every fault of a stage at rest, in words. */
export function faultsOfCycles(stage: CycleStage): string[] {
  const { world, cycles, access, regressions } = stage;
  const open = [...cycles.cycles.values()].filter(({ cycle }) => !hasEnded(cycle));
  const unexpected = cycles.reports.filter((error) => !(error instanceof Killed));
  return [
    ...access.faults,
    ...access.left(),
    ...faultsAtRest(world, regressions),
    ...faultsOfHarm(stage),
    ...open.map(({ cycle }) => `never ends: ${named(cycle)}`),
    ...unexpected.map((error) => `reported: ${error instanceof Error ? error.stack : error}`),
  ];
}

/** What a cycle did that had nothing to do. */
export function faultsOfQuiet(stage: CycleStage, id: string): string[] {
  const { cycles } = stage;
  const cycle = cycles.cycle(id);
  const what = `a further ${cycle.kind} cycle of ${cycle.direction}`;
  const users = cycles.users(id);
  // Whoever needs an operator is looked at each time that everyone is; so is whoever is gone on both sides, and an Entra user
  // whose Drupal account is blocked and not linked: their rest is kept under the Drupal account.
  const isFine = (outcome: string, code: string) =>
    cycle.kind === "initial" &&
    (outcome === "warning" || ["goneOnBothSides", "disabledInDrupal"].includes(code));
  return [
    ...(cycle.status === "complete" ? [] : [`${what} ended ${cycle.status} ${cycle.reason?.code}`]),
    ...users
      .filter(({ outcome, reason }) => !isFine(outcome, reason.code))
      .map(
        ({ drupalUuid, entraObjectId, outcome, reason }) =>
          `${what} looked at ${(drupalUuid ?? entraObjectId)?.slice(-4)}: ${outcome} ${reason.code}`,
      ),
  ];
}
