// The approved users of a cycle's plan, put on new pages: each with the print of just the plan that was shown.
import type { CycleUser, Nomination } from "../rules/cycle.ts";
import type { CyclePorts } from "./cycle-ports.ts";
import { GO, type StepResult } from "./cycle-step.ts";
import type { HeldCycle } from "./hold-cycle.ts";
import { nominate } from "./nominate.ts";

const approved = (user: CycleUser | null): Nomination[] => {
  if (user === null || user.plan === null) return [];
  const { drupalUuid, entraObjectId, plan } = user;
  const whom = drupalUuid === null ? { entraObjectId: entraObjectId ?? "" } : { drupalUuid };
  return [{ ...whom, expects: plan }];
};

/** Collects from the next page of the plan. */
export async function collectPlan(held: HeldCycle, ports: CyclePorts): Promise<StepResult> {
  const { cycle } = held;
  const { collecting } = cycle;
  if (collecting === null) throw new Error(`cycle ${cycle.id} has no plan to collect`);
  const isLast = collecting.page + 1 >= collecting.end;
  const users = (await ports.cycles.users(cycle.id, collecting.page)) ?? [];
  const { buffer, nominated } = await nominate(
    held,
    users.flatMap(approved),
    isLast ? "all" : "nobody",
    ports,
  );
  await held.save({
    buffer,
    // They were counted when they were nominated.
    nominated: { pages: nominated.pages, users: cycle.nominated.users },
    collecting: { ...collecting, page: collecting.page + 1 },
    ...(isLast
      ? {
          phase: "provisioning" as const,
          phaseStartedAt: ports.now().toISOString(),
          phaseUsers: 0,
        }
      : {}),
  });
  return GO;
}
