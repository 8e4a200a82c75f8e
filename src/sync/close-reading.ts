// The end of a cycle's reading: was the listing whole, who was absent twice, and whose time in escrow has come.
import type { Cycle, Nomination } from "../rules/cycle.ts";
import { isSettled } from "../rules/drift.ts";
import { SyncFailure } from "../rules/errors.ts";
import type { Job, Watermark } from "../rules/job.ts";
import type { Reason } from "../rules/plan.ts";
import type { CyclePorts } from "./cycle-ports.ts";
import { GO, type Slice, type StepResult } from "./cycle-step.ts";
import type { HeldCycle } from "./hold-cycle.ts";
import { nominate } from "./nominate.ts";
import { sourceOf } from "./read-feed.ts";
import { areGroupsUnknown, GROUPS_UNKNOWN, nominateRegrouped } from "./watch-memberships.ts";

const shrank = (shown: number, known: number): Reason => ({
  code: "listingShrank",
  message: `the listing shows ${shown} users where ${known} were known: that is taken for a failed read`,
});

/** Users whose link joins two accounts, and whom the listing did not show. Who was found as agreed since it began is there:
 * among them those whom the other feed's cycle created meanwhile. */
async function absentUsers(
  { id, direction, startedAt, createdAt }: Cycle,
  slice: Slice,
  ports: CyclePorts,
): Promise<{ readonly absent: readonly string[]; readonly joined: number }> {
  const system = sourceOf(direction);
  const index = await slice.index();
  for await (const user of ports.listings.read(id)) index.mark(system, user.id);
  const absent = [...index.unmarked(system)].filter(
    (uuid) => !isSettled(index.find("drupal", uuid)?.rested ?? null, startedAt ?? createdAt),
  );
  return { absent, joined: index.joined };
}

// Absence proves nothing by itself: two complete listings in a row make someone worth a look, and the look by id decides.
async function nominateAbsent(
  cycle: Cycle,
  job: Job,
  slice: Slice,
  ports: CyclePorts,
): Promise<{ readonly users: readonly Nomination[]; readonly fault: Reason | null }> {
  const nobody = { users: [], fault: null };
  const { reading, kind, ignoresAbsence } = cycle;
  if (kind !== "initial" || reading.fault !== null) return nobody;
  if (job.listing !== null && reading.users * 2 < job.listing.users)
    return { users: [], fault: shrank(reading.users, job.listing.users) };
  const { absent, joined } = await absentUsers(cycle, slice, ports);
  const before = new Set(
    job.listing === null ? [] : await ports.listings.absent(job.listing.cycleId),
  );
  // Who was absent before has not vanished now: over the years, those who left may come to be more than half.
  const vanished = absent.filter((id) => !before.has(id)).length;
  const known = joined - (absent.length - vanished);
  if (vanished * 2 > known) return { users: [], fault: shrank(known - vanished, known) };
  await ports.listings.putAbsent(cycle.id, absent);
  if (ignoresAbsence || job.listing === null) return nobody;
  const users = absent.filter((id) => before.has(id)).map((drupalUuid) => ({ drupalUuid }));
  return { users, fault: null };
}

// A reading that has its fault already ends with it, however often the groups cannot be read.
async function regroupedUsers(
  cycle: Cycle,
  watermark: Watermark | null,
  slice: Slice,
  ports: CyclePorts,
): ReturnType<typeof nominateRegrouped> {
  try {
    return await nominateRegrouped(cycle, watermark, slice, ports);
  } catch (error) {
    const isTold = cycle.reading.fault !== null;
    if (!isTold || !(error instanceof SyncFailure) || error.system === "storage") throw error;
    return { users: [], memberships: cycle.reading.memberships };
  }
}

// One that has its fault already needs no other.
async function gapOf(cycle: Cycle, slice: Slice, ports: CyclePorts): Promise<boolean> {
  return cycle.reading.fault === null && areGroupsUnknown(cycle, slice, ports);
}

async function nominateEscrowed({ kind }: Cycle, ports: CyclePorts): Promise<Nomination[]> {
  // A preview has everyone, and each once; an undo has those whom its cycle wrote.
  if (kind === "preview" || kind === "undo") return [];
  const due = await ports.escrowDue(ports.now());
  return due.map(({ drupalUuid, entraObjectId }) =>
    entraObjectId === null ? { drupalUuid } : { entraObjectId },
  );
}

/** Ends the reading and goes on to the users. Can be done again from the start by whoever comes after a kill. */
export async function closeReading(
  held: HeldCycle,
  slice: Slice,
  ports: CyclePorts,
): Promise<StepResult> {
  const { cycle } = held;
  const { job } = await ports.jobs.get(cycle.direction);
  const { users: absent, fault } = await nominateAbsent(cycle, job, slice, ports);
  const regrouped = await regroupedUsers(cycle, job.watermark, slice, ports);
  const escrowed = await nominateEscrowed(cycle, ports);
  const all = [...absent, ...regrouped.users, ...escrowed];
  const nominated = await nominate(held, all, "all", ports);
  await held.save({
    ...nominated,
    phase: "provisioning",
    phaseStartedAt: ports.now().toISOString(),
    phaseUsers: 0,
    reading: {
      ...cycle.reading,
      fault: cycle.reading.fault ?? fault,
      gap: (await gapOf(cycle, slice, ports)) ? GROUPS_UNKNOWN : null,
      memberships: regrouped.memberships,
    },
  });
  return GO;
}
