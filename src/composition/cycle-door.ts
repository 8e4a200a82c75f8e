// Everything about cycles, built once: what the functions may call.
import { type Cycle, type CycleUser, waitsForSomeone } from "../rules/cycle.ts";
import type { ApproveCycle, CycleOrder, StartedCycle, Steered } from "../rules/cycle-orders.ts";
import type { DriftReport } from "../rules/drift.ts";
import { type Job, jobOf } from "../rules/job.ts";
import { mapAtOnce } from "../storage/at-once.ts";
import { createCycleQueue } from "../storage/cycle-queue.ts";
import { createCycleStore } from "../storage/cycles.ts";
import type { EscrowReader } from "../storage/escrow.ts";
import { createJobStore } from "../storage/jobs.ts";
import { createLinkIndexSource } from "../storage/link-indexes.ts";
import type { LinkReader } from "../storage/link-reader.ts";
import { createListingStore } from "../storage/listings.ts";
import type { StorageAccount } from "../storage/tables.ts";
import type { ConfigurationView } from "../sync/change-configuration.ts";
import type { CyclePorts } from "../sync/cycle-ports.ts";
import { explainUser } from "../sync/explain-user.ts";
import { closedByNoDraft, type Gate, lookThroughGate } from "../sync/look-through-gate.ts";
import type { ProvisionPorts } from "../sync/ports.ts";
import {
  type PreviewAnswer,
  type PreviewOrder,
  previewConfiguration,
} from "../sync/preview-configuration.ts";
import { putInEscrow } from "../sync/put-in-escrow.ts";
import { recordDeadLetter } from "../sync/record-dead-letter.ts";
import { removeCycles } from "../sync/remove-cycles.ts";
import { reportDrift } from "../sync/report-drift.ts";
import { runCycle } from "../sync/run-cycle.ts";
import { startCycle, undoCycle } from "../sync/start-cycle.ts";
import { approveCycle, cancelCycle } from "../sync/steer-cycle.ts";
import { failCycle, type Watched, watchCycles } from "../sync/watch-cycles.ts";
import { every, surroundings } from "./surroundings.ts";

/** What the functions may do with cycles. */
export interface CycleDoor {
  start(order: CycleOrder): Promise<StartedCycle>;
  approve(order: ApproveCycle): Promise<Steered>;
  cancel(order: { readonly cycleId: string; readonly actor: string }): Promise<Steered>;
  /** Plans the reverse of a cycle; null where there is none. */
  undo(order: { readonly cycleId: string; readonly actor: string }): Promise<StartedCycle | null>;
  /** `expected`: how many users its feed is known to have. */
  get(id: string): Promise<{ readonly cycle: Cycle; readonly expected: number | null } | null>;
  /** Newest first. */
  page(
    limit: number,
    continuation?: string | null,
  ): Promise<{ readonly cycles: readonly Cycle[]; readonly continuation: string | null }>;
  /** The standing state of each feed, with the cycle that keeps it, or kept it last. */
  jobs(): Promise<readonly { readonly job: Job; readonly last: Cycle | null }[]>;
  /** The cycles that wait for someone's word, the newest 50 first. */
  waiting(): Promise<readonly Cycle[]>;
  users(id: string, page: number): Promise<readonly (CycleUser | null)[] | null>;
  /** A slice. `report` hears of failures without a name. */
  run(id: string, report: (error: unknown) => void): Promise<void>;
  /** Queues those that have stopped, and ends those that waited too long for an approval; answers how many of each. */
  watch(): Promise<Watched>;
  /** Ends one that the host gave up on. */
  fail(id: string): Promise<void>;
  drift(): Promise<DriftReport>;
  preview(order: PreviewOrder): Promise<PreviewAnswer>;
  removeBefore(limit: Date, mayGoOn: () => boolean): Promise<number>;
}

/** What cycles are built from. */
export interface CycleParts {
  readonly account: StorageAccount;
  /** Where others go first. */
  readonly ports: ProvisionPorts;
  readonly background: Pick<CyclePorts, "feeds" | "many" | "pace" | "entraPhotos" | "drupalPhotos">;
  readonly photos: Pick<CyclePorts, "photo" | "linked">;
  readonly provision: CyclePorts["provision"];
  readonly gate: Gate;
  readonly draftGrants: CyclePorts["draftGrants"];
  readonly escrow: EscrowReader & { due: CyclePorts["escrowDue"] };
  readonly links: LinkReader;
  readonly document: { read(): Promise<ConfigurationView> };
  readonly writtenBy: CyclePorts["writtenBy"];
  readonly initialEveryMs: number;
}

// Ten seconds of writing at Graph's quota, so that reading a feed, which takes turns with it, never stands still for
// long; and small enough to be kept every other second.
const USERS_PER_PAGE = 200;

const JOBS = ["drupalToEntra", "entraToDrupal", "photos"] as const;

const OPEN_AT_ONCE = 16;
// More than anyone looks at in a day.
const MOST_WAITING = 50;

// An HTTP answer may take 230 s; people look elsewhere much sooner.
const PREVIEW_WAIT_MS = 20_000;

/** The door to cycles. Opens no connection yet. */
export function createCycleDoor(parts: CycleParts): CycleDoor {
  const { account, ports, background, gate, escrow, links } = parts;
  const cycles = createCycleStore(account);
  const jobs = createJobStore(account);
  const listings = createListingStore(account);
  const index = createLinkIndexSource(account);
  const queue = createCycleQueue(account);
  const { grants, configuration, quarantine, audit, auditValues } = ports;
  // What a draft asks for closes nothing; a cycle's own plan does, by its ports.
  const aside = { ...gate, quarantine: closedByNoDraft(gate.quarantine) };
  const steer = { ...surroundings, cycles, jobs, queue, configuration };
  const portsOf = (report: (error: unknown) => void): CyclePorts => ({
    ...surroundings,
    ...background,
    ...parts.photos,
    ...{ index, grants, cycles, jobs, listings, queue, quarantine, configuration },
    ...{ audit, auditValues, every, report },
    look: ports,
    usersPerPage: USERS_PER_PAGE,
    writtenBy: parts.writtenBy,
    escrowDue: escrow.due,
    provision: parts.provision,
    explain: (look, request) => lookThroughGate(aside, () => explainUser(request, look)),
    draftGrants: parts.draftGrants,
    putInEscrow: (refusal) => putInEscrow(refusal, ports),
    deadLetter: (request) => recordDeadLetter(request, ports),
  });
  return {
    start: (order) => startCycle(order, { ...steer, initialEveryMs: parts.initialEveryMs }),
    approve: (order) => approveCycle(order, steer),
    cancel: (order) => cancelCycle(order, steer),
    undo: (order) => undoCycle(order, steer),
    get: async (id) => {
      const stored = await cycles.get(id);
      if (stored === null) return null;
      const { job } = await jobs.get(jobOf(stored.cycle));
      const expected = stored.cycle.kind === "initial" ? (job.listing?.users ?? null) : null;
      return { cycle: stored.cycle, expected };
    },
    page: cycles.page,
    jobs: async () => {
      const standing = await Promise.all(JOBS.map((name) => jobs.get(name)));
      return Promise.all(
        standing.map(async ({ job }) => ({
          job,
          last: job.cycleId === null ? null : ((await cycles.get(job.cycleId))?.cycle ?? null),
        })),
      );
    },
    waiting: async () => {
      const open = await mapAtOnce(await cycles.open(), OPEN_AT_ONCE, cycles.get);
      return open
        .flatMap((stored) => stored?.cycle ?? [])
        .filter(waitsForSomeone)
        .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
        .slice(0, MOST_WAITING);
    },
    users: cycles.users,
    run: (id, report) => runCycle(id, portsOf(report)),
    watch: () => watchCycles({ ...steer, audit }),
    fail: (id) => failCycle(id, steer),
    drift: () =>
      reportDrift({
        index,
        jobs,
        cycles,
        listings,
        links: { get: ports.links.get, conflicts: links.conflicts },
        escrowed: () => escrow.each({}),
      }),
    preview: (order) =>
      previewConfiguration(order, {
        ...steer,
        configuration: parts.document,
        waitMs: PREVIEW_WAIT_MS,
      }),
    removeBefore: (limit, mayGoOn) => removeCycles(limit, { cycles, listings, jobs }, mayGoOn),
  };
}
