// A world with cycles: feeds that page through its people, and stores in memory. Faults are set per page.
import {
  type Cycle,
  type CycleUser,
  hasEnded,
  type NominationPage,
} from "../../src/rules/cycle.ts";
import type { CycleOrder } from "../../src/rules/cycle-orders.ts";
import { ConcurrencyError, SyncFailure } from "../../src/rules/errors.ts";
import { type Job, type JobName, newJob } from "../../src/rules/job.ts";
import type { Direction, EntraUser } from "../../src/rules/users.ts";
import type { CyclePorts, ListedUser, PagePut } from "../../src/sync/cycle-ports.ts";
import { explainUser } from "../../src/sync/explain-user.ts";
import type { DriftPorts } from "../../src/sync/gather-drift.ts";
import type { ProvisionPorts } from "../../src/sync/ports.ts";
import { provisionPhoto } from "../../src/sync/provision-photo.ts";
import { provisionUser } from "../../src/sync/provision-user.ts";
import { putInEscrow } from "../../src/sync/put-in-escrow.ts";
import { recordDeadLetter } from "../../src/sync/record-dead-letter.ts";
import { runCycle } from "../../src/sync/run-cycle.ts";
import { startCycle } from "../../src/sync/start-cycle.ts";
import { type Watched, watchCycles } from "../../src/sync/watch-cycles.ts";
import { PhotoWorld } from "./photo-world.ts";
import { type Call, type Gate, type Pace, World } from "./world.ts";
import { feedOf, type PageFault, type ReplicaState } from "./world-feeds.ts";
import { indexOf } from "./world-index.ts";

const DAY_MS = 86_400_000;

const conflict = () => new ConcurrencyError("changed", { system: "storage", code: "rowChanged" });

type Pages = ReadonlyMap<number, readonly ListedUser[]>;

async function* listed(read: () => Promise<Pages | undefined>) {
  const pages = await read();
  for (const users of pages?.values() ?? []) yield* users;
}

export class CycleWorld {
  readonly world: World;
  readonly photos: PhotoWorld;
  readonly cycles = new Map<string, { cycle: Cycle; version: string }>();
  readonly jobs = new Map<JobName, { job: Job; version: string }>();
  readonly nominationPages = new Map<string, NominationPage>();
  readonly userPages = new Map<string, readonly (CycleUser | null)[]>();
  readonly candidates = new Map<string, string>();
  readonly cancels = new Map<string, string>();
  readonly listings = new Map<string, Map<number, readonly ListedUser[]>>();
  readonly absences = new Map<string, readonly string[]>();
  readonly memberships = new Map<string, Readonly<Record<string, string>>>();
  cycleQueue: { readonly cycleId: string; readonly visibleAt: number }[] = [];
  pageSize = 3;
  /** Of those who are nominated; smaller than a page of the feeds, so that more than one is full. */
  usersPerPage = 2;
  /** By feed and number of the page asked for, from 0. */
  readonly pageFaults = new Map<string, PageFault>();
  readonly pagesAsked: Record<Direction, number> = { drupalToEntra: 0, entraToDrupal: 0 };
  #versions = 0;
  readonly reports: unknown[] = [];
  /** Told before each page is read; throws what the feed throws. */
  onPage: (direction: Direction, page: number) => void = () => undefined;
  /** Told of each save of a cycle. */
  onSave: (cycle: Cycle) => void = () => undefined;
  /** The gate of every runner, unless it has one of its own. */
  gate: Gate = () => undefined;
  /** What Entra's feed shows of each account, and from when on. */
  readonly replica = new Map<string, ReplicaState[]>();
  /** For accounts that a test wants to have changed at a time of its own. */
  readonly changedAt = new Map<string, number>();
  /** After how long Entra's feed shows a change. */
  feedLagMs = (): number => 0;
  /** Whom a reading that begins now will not show, for no reason that could be seen. */
  hidden: (direction: Direction, isEveryone: boolean) => readonly string[] = () => [];
  /** What a page does instead of answering. */
  faultOf = (direction: Direction, page: number, _isEveryone: boolean): PageFault | undefined => {
    const fault = this.pageFaults.get(`${direction} ${page}`);
    if (fault === "expired") this.pageFaults.delete(`${direction} ${page}`);
    return fault;
  };

  constructor(world = new World()) {
    this.world = world;
    this.photos = new PhotoWorld(world);
    world.onEntraChange = (objectId, before, after) => {
      const states = this.replica.get(objectId) ?? [
        { visibleAt: Number.NEGATIVE_INFINITY, user: before },
      ];
      const last = states.at(-1)?.visibleAt ?? Number.NEGATIVE_INFINITY;
      const visibleAt = Math.max(last, world.now + this.feedLagMs());
      this.replica.set(objectId, [...states, { visibleAt, user: after }]);
    };
  }

  #version(): string {
    this.#versions += 1;
    return String(this.#versions);
  }

  readonly #pageVersions = new Map<string, string>();
  #mayPut(page: string, replaces: string | null): PagePut {
    const there = this.#pageVersions.get(page) ?? null;
    if (there !== null && there !== replaces) return { isWritten: false, version: there };
    const version = this.#version();
    this.#pageVersions.set(page, version);
    return { isWritten: true, version };
  }

  /** A person's edit in Entra, as the change query tells of it. */
  editEntra(objectId: string, changes: Partial<EntraUser>): void {
    this.changedAt.delete(objectId);
    this.world.editEntra(objectId, changes);
  }

  deleteInEntra(objectId: string): void {
    this.changedAt.delete(objectId);
    this.world.deleteInEntra(objectId);
  }

  /** The ports of one runner of cycles. */
  ports(gate: Gate = (call, phase) => this.gate(call, phase), pace?: Pace): CyclePorts {
    const call = this.world.caller(gate, pace);
    return this.portsOf(this.world.worker(gate, pace, call), call);
  }

  portsOf(worker: ProvisionPorts, call: Call): CyclePorts {
    const { world } = this;
    const page = (id: string, number: number) => `${id} ${number}`;
    const photoPorts = this.photos.ports(worker, call);
    return {
      ...worker,
      draftGrants: () => worker.grants,
      feeds: {
        drupalToEntra: feedOf("drupalToEntra", this, call),
        entraToDrupal: feedOf("entraToDrupal", this, call),
      },
      index: {
        all: () => call("index.all", () => indexOf(world)),
        of: () => call("index.of", () => indexOf(world)),
      },
      cycles: {
        get: (id) => call("cycles.get", () => this.cycles.get(id) ?? null),
        save: (cycle, expected) =>
          call("cycles.save", () => {
            if ((this.cycles.get(cycle.id)?.version ?? null) !== expected) throw conflict();
            const version = this.#version();
            this.cycles.set(cycle.id, { cycle, version });
            this.onSave(cycle);
            return version;
          }),
        putNominations: (id, number, nominations, replaces) =>
          call("cycles.putNominations", () => {
            const put = this.#mayPut(`nominations ${page(id, number)}`, replaces);
            if (put.isWritten) this.nominationPages.set(page(id, number), nominations);
            return put;
          }),
        nominations: (id, number) =>
          call("cycles.nominations", () => this.nominationPages.get(page(id, number)) ?? null),
        putUsers: (id, number, users, replaces) =>
          call("cycles.putUsers", () => {
            const put = this.#mayPut(`users ${page(id, number)}`, replaces);
            if (put.isWritten) this.userPages.set(page(id, number), [...users]);
            return put;
          }),
        users: (id, number) =>
          call("cycles.users", () => this.userPages.get(page(id, number)) ?? null),
        askCancel: (id, actor) => call("cycles.askCancel", () => void this.cancels.set(id, actor)),
        cancelAskedBy: (id) => call("cycles.cancelAskedBy", () => this.cancels.get(id) ?? null),
        dropCancel: (id) => call("cycles.dropCancel", () => void this.cancels.delete(id)),
        putCandidate: (id, document) =>
          call("cycles.putCandidate", () => void this.candidates.set(id, JSON.stringify(document))),
        candidate: (id) =>
          call("cycles.candidate", (): unknown => JSON.parse(this.candidates.get(id) ?? "null")),
        open: () =>
          call("cycles.open", () =>
            [...this.cycles.values()]
              .filter(({ cycle }) => !hasEnded(cycle))
              .map(({ cycle }) => cycle.id),
          ),
      },
      jobs: {
        get: (name) =>
          call("jobs.get", () => this.jobs.get(name) ?? { job: newJob(name), version: null }),
        save: (job, expected) =>
          call("jobs.save", () => {
            if ((this.jobs.get(job.name)?.version ?? null) !== expected) throw conflict();
            const version = this.#version();
            this.jobs.set(job.name, { job, version });
            return version;
          }),
      },
      listings: {
        append: (id, number, users) =>
          call("listings.append", () => {
            const pages = this.listings.get(id) ?? new Map<number, readonly ListedUser[]>();
            this.listings.set(id, pages.set(number, users));
          }),
        read: (id) => listed(() => call("listings.read", () => this.listings.get(id))),
        putAbsent: (id, uuids) =>
          call("listings.putAbsent", () => void this.absences.set(id, uuids)),
        absent: (id) => call("listings.absent", () => this.absences.get(id) ?? []),
        putMemberships: (id, prints) =>
          call("listings.putMemberships", () => void this.memberships.set(id, prints)),
        memberships: (id) => call("listings.memberships", () => this.memberships.get(id) ?? {}),
      },
      queue: {
        send: (cycleId, delayMs = 0) =>
          call(
            "cycleQueue.send",
            () => void this.cycleQueue.push({ cycleId, visibleAt: world.now + delayMs }),
          ),
      },
      photo: (request, isDryRun) => provisionPhoto(request, photoPorts, isDryRun),
      linked: this.photos.linked(call),
      entraPhotos: photoPorts.entraPhotos,
      drupalPhotos: photoPorts.drupalPhotos,
      pace: { ready: async () => true },
      usersPerPage: this.usersPerPage,
      writtenBy: (cycleId) =>
        call("audit.writtenBy", () => [
          ...new Set(
            world.audit.flatMap((row) =>
              row.cycleId === cycleId && row.operation !== "none" && row.drupalUuid !== undefined
                ? [row.drupalUuid]
                : [],
            ),
          ),
        ]),
      escrowDue: (now) =>
        call("escrow.due", () =>
          [...world.escrow.values()].filter(
            ({ nextAt }) => nextAt !== null && now.getTime() - Date.parse(nextAt) > 300_000,
          ),
        ),
      provision: (request) => provisionUser(request, worker),
      look: worker,
      many: {
        drupal: {
          getUsers: (uuids) =>
            call("drupal.getUsers", () => {
              const found = uuids.flatMap((uuid) => world.drupal.get(uuid) ?? []);
              return new Map(found.map((user) => [user.uuid, user]));
            }),
        },
        entra: {
          getUsers: (ids) =>
            call("entra.getUsers", () => new Map(ids.map((id) => [id, world.seenEntra(id)]))),
        },
      },
      explain: (look, request) => explainUser(request, look),
      putInEscrow: (refusal) => putInEscrow(refusal, worker),
      deadLetter: (request) => recordDeadLetter(request, worker),
      every: () => () => undefined,
      report: (error) => {
        if (!(error instanceof SyncFailure)) this.reports.push(error);
      },
    };
  }

  /** The ports of the drift report; links are read in the order of their keys. */
  driftPorts(): DriftPorts {
    const call = this.world.caller(this.gate);
    const { world } = this;
    return {
      ...this.ports(),
      links: {
        get: (uuid) => call("links.get", () => world.links.get(uuid) ?? null),
        conflicts: (limit, continuation) =>
          call("links.conflicts", () => {
            const after = [...world.links.values()]
              .map(({ link }) => link)
              .filter((link) => Object.keys(link.conflicts).length > 0)
              .filter(({ drupalUuid }) => continuation === null || drupalUuid > continuation)
              .toSorted((a, b) => (a.drupalUuid < b.drupalUuid ? -1 : 1));
            const links = after.slice(0, limit);
            const last = after.length > limit ? links.at(-1) : undefined;
            return { links, continuation: last?.drupalUuid ?? null };
          }),
      },
      escrowed: async function* () {
        for (const row of world.escrow.values()) yield row;
      },
    };
  }

  start(order: Omit<CycleOrder, "actor"> & { actor?: string | null }) {
    return startCycle({ actor: "operator", ...order }, { ...this.ports(), initialEveryMs: DAY_MS });
  }

  /** Runs cycles, and whatever users they queue, until nothing is left to do for `forMs`. */
  async settle(forMs = 3_600_000): Promise<void> {
    const end = this.world.now + forMs;
    for (let turn = 0; turn < 500; turn += 1) {
      const next = this.cycleQueue.toSorted((a, b) => a.visibleAt - b.visibleAt)[0];
      if (next === undefined || next.visibleAt > end) return;
      this.cycleQueue = this.cycleQueue.filter((one) => one !== next);
      this.world.now = Math.max(this.world.now, next.visibleAt);
      await runCycle(next.cycleId, this.ports());
    }
    throw new Error("the cycles never settle");
  }

  /** Starts a cycle and runs it to where it stands still. */
  async run(order: Omit<CycleOrder, "actor"> & { actor?: string | null }): Promise<Cycle> {
    const started = await this.start(order);
    if (started.kind !== "started") throw new Error(`not started: ${started.kind}`);
    await this.settle();
    return this.cycle(started.cycle.id);
  }

  cycle(id: string): Cycle {
    const stored = this.cycles.get(id);
    if (stored === undefined) throw new Error("no such cycle");
    return stored.cycle;
  }

  /** Everyone whom a cycle has told of, in order. */
  users(id: string): CycleUser[] {
    const { nominated } = this.cycle(id);
    return Array.from({ length: nominated.pages }, (_, at) => this.userPages.get(`${id} ${at}`))
      .flatMap((users) => users ?? [])
      .filter((user) => user !== null);
  }

  watch(): Promise<Watched> {
    return watchCycles(this.ports());
  }
}
