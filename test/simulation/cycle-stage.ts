// A stage with cycles: feeds that fail, two instances that run them as the host does, timers, the watch, and an operator. The real
// start-cycle, run-cycle and steer-cycle run.
import { type Cycle, hasEnded, isActive } from "../../src/rules/cycle.ts";
import type { CycleOrder } from "../../src/rules/cycle-orders.ts";
import { AccessError, SyncFailure, TransientError } from "../../src/rules/errors.ts";
import type { Direction } from "../../src/rules/users.ts";
import type { CyclePorts } from "../../src/sync/cycle-ports.ts";
import { runCycle } from "../../src/sync/run-cycle.ts";
import { startCycle } from "../../src/sync/start-cycle.ts";
import { watchCycles } from "../../src/sync/watch-cycles.ts";
import { CycleWorld } from "../doubles/cycle-world.ts";
import { type Gate, Killed, type ObservedWrite, type Pace } from "../doubles/world.ts";
import type { PageFault } from "../doubles/world-feeds.ts";
import { AccessWatch } from "./access-watch.ts";
import { type CycleDesign, type CycleMutation, designOf } from "./cycle-mutations.ts";
import { LEASE_OF_MESSAGE_MS, REPLICATION_MS, Stage, type StageOptions } from "./stage.ts";

/** Both feeds. */
export const DIRECTIONS = ["drupalToEntra", "entraToDrupal"] as const;

const INITIAL_EVERY_MS = 20 * 60_000;
const IDLE_MS = 10_000;
const CALM_IDLE_MS = 100_000;
const NOTICED_WITHIN_MS = 60_000;
const STORAGE = /^(cycles|jobs|listings|index|cycleQueue)\./;

/** What happens in a history with cycles. */
export interface CycleKind {
  /** Once everyone was read, only incremental cycles run, and many of them are cancelled on their way. Implies the next, and none of
   * those after. */
  readonly isSteady: boolean;
  /** No event and no notification ever arrives: only cycles see what people do. */
  readonly isSilent: boolean;
  /** People delete accounts, too. */
  readonly hasDeletes: boolean;
  /** Watermarks expire, listings show too few, rights are lost. */
  readonly hasBadFeeds: boolean;
}

/** Beside what every stage has. */
export interface CycleStageOptions extends StageOptions {
  readonly kind: CycleKind;
  readonly mutation: CycleMutation;
}

/** A world on virtual time with cycles. */
export class CycleStage extends Stage {
  readonly cycles: CycleWorld;
  readonly access: AccessWatch;
  readonly kind: CycleKind;
  readonly #design: CycleDesign;
  /** A reading showed too few users, and could not know it. */
  wasPartial = false;
  started = 0;
  #running = 0;
  readonly #twoSince = new Map<Direction, number>();

  constructor(seed: number, options: CycleStageOptions) {
    super(seed, options);
    this.kind = options.kind;
    this.cycles = new CycleWorld(this.world);
    this.#design = designOf(options.mutation, this.cycles);
    this.access = new AccessWatch(this.world);
    this.cycles.pageSize = this.chance.between(1, 3);
    this.cycles.feedLagMs = () => (this.isCalm ? 0 : this.chance.between(0, REPLICATION_MS));
    this.cycles.faultOf = (direction, _page, isEveryone) => this.#faultOf(direction, isEveryone);
    this.cycles.hidden = (direction, isEveryone) => this.#hidden(direction, isEveryone);
    this.cycles.onSave = (cycle) => this.#saved(cycle);
  }

  override observe(write: ObservedWrite): void {
    super.observe(write);
    this.access?.wrote(write);
  }

  override blocked(id: string): void {
    this.access.blocked(id);
  }

  #faultOf(direction: Direction, isEveryone: boolean): PageFault | undefined {
    if (this.isCalm) return undefined;
    const system = direction === "drupalToEntra" ? "drupal" : "entra";
    if (this.chance.happens(0.03))
      return new TransientError("ended early", { system, code: "listingEndedEarly" });
    if (!this.kind.hasBadFeeds) return undefined;
    if (this.chance.happens(0.01)) {
      const code = system === "drupal" ? "drupalRightsMissing" : "graphPermissionMissing";
      this.say(`${direction} loses its rights`);
      return new AccessError("rights were lost", { system, code });
    }
    if (!isEveryone) return this.chance.happens(0.03) ? "expired" : undefined;
    if (!this.chance.happens(0.03)) return undefined;
    this.say(`${direction} shows an empty page`);
    this.wasPartial = true;
    return "empty";
  }

  #hidden(direction: Direction, isEveryone: boolean): string[] {
    if (this.isCalm || !this.kind.hasBadFeeds || !isEveryone || !this.chance.happens(0.3))
      return [];
    const all = direction === "drupalToEntra" ? this.world.drupal : this.world.entra;
    const hidden = [...all.keys()].filter(() => this.chance.happens(0.3));
    if (hidden.length > 0) this.wasPartial = true;
    this.say(`${direction} will not show ${hidden.map((id) => id.slice(-4)).join(" ")}`);
    return hidden;
  }

  #saved({ id, direction, status, phase, page, reading, tally, reason }: Cycle): void {
    const where = `${phase} read ${reading.pages}/${reading.users} page ${page}`;
    const told = `${JSON.stringify(tally.outcomes)} ${reason?.code ?? ""}`;
    this.say(`cycle ${id.slice(-4)} ${direction} ${status} ${where} ${told}`);
    const now = this.world.now;
    const running = [...this.cycles.cycles.values()].filter(
      ({ cycle }) =>
        cycle.direction === direction &&
        cycle.approval === null &&
        cycle.status === "running" &&
        Date.parse(cycle.runner?.until ?? "") > now,
    );
    // Two that start at the same moment may both begin; the one that the job does not name has to notice at its next step.
    const since = running.length > 1 ? (this.#twoSince.get(direction) ?? now) : null;
    if (since === null) this.#twoSince.delete(direction);
    else this.#twoSince.set(direction, since);
    if (since !== null && now - since > NOTICED_WITHIN_MS)
      this.faults.push(
        `two cycles of ${direction} run at once: ${running.map((one) => one.cycle.id.slice(-4))}`,
      );
  }

  /** What a runner, a timer or an operator gets. */
  cyclePorts(who: string): CyclePorts {
    const remote = this.gate(who);
    const gate: Gate = (call, phase) => {
      if (!this.isCalm && STORAGE.test(call) && this.chance.happens(0.001)) {
        this.say(`${who} has no storage ${phase} ${call}`);
        throw new TransientError("503", { system: "storage", code: "storageUnavailable" });
      }
      remote(call, phase);
    };
    const { world, cycles } = this;
    // In a calm world nothing comes between two calls, so that many histories can be played.
    const pace: Pace = async (name, phase) => (this.isCalm ? undefined : this.pace(name, phase));
    const call = world.caller(gate, pace);
    const users = this.#design.users(world.worker(gate, pace, call));
    const ports = cycles.portsOf(users, call);
    const ready = async (atMostMs: number): Promise<boolean> => {
      if (this.isCalm || !this.chance.happens(0.1)) return true;
      await this.scheduler.sleep(this.chance.between(1, atMostMs));
      return this.chance.happens(0.5);
    };
    return this.#design.runner({ ...ports, pace: { ready } });
  }

  /** Does something as a process that may die on the way, or find the storage account away. */
  async asProcess(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof Killed || error instanceof SyncFailure)) throw error;
      return false;
    }
  }

  #takeCycle(): string | undefined {
    const { cycles } = this;
    const due = cycles.cycleQueue.find(({ visibleAt }) => visibleAt <= this.scheduler.now);
    cycles.cycleQueue = cycles.cycleQueue.filter((one) => one !== due);
    return due?.cycleId;
  }

  /** One instance takes cycles as the host does: where it dies, the message comes back. */
  async runCycles(instance: number): Promise<void> {
    while (!this.isDone) {
      const cycleId = this.#takeCycle();
      if (cycleId === undefined) {
        await this.scheduler.sleep(this.isCalm ? CALM_IDLE_MS / 4 : IDLE_MS / 2);
        continue;
      }
      this.#running += 1;
      const ports = this.cyclePorts(`runner ${instance}`);
      const isDone = await this.asProcess(() => runCycle(cycleId, ports));
      const visibleAt = this.scheduler.now + LEASE_OF_MESSAGE_MS;
      if (!isDone) this.cycles.cycleQueue.push({ cycleId, visibleAt });
      this.#running -= 1;
    }
  }

  /** Looks each minute for cycles that nobody works on. */
  async watch(): Promise<void> {
    while (!this.isDone) {
      await this.scheduler.sleep(60_000);
      if ([...this.cycles.cycles.values()].every(({ cycle }) => hasEnded(cycle))) continue;
      await this.asProcess(async () => void (await watchCycles(this.cyclePorts("watch"))));
    }
  }

  /** Starts a cycle, as a timer or an operator does. Answers its id, or null where none was started. */
  async start(order: CycleOrder): Promise<string | null> {
    let id: string | null = null;
    await this.asProcess(async () => {
      const ports = { ...this.cyclePorts("starter"), initialEveryMs: INITIAL_EVERY_MS };
      const started = await startCycle(order, ports);
      this.say(`start ${order.direction} ${order.kind ?? ""} ${started.kind}`);
      if (started.kind !== "started") return;
      this.started += 1;
      id = started.cycle.id;
    });
    return id;
  }

  serve(workers: number, instances: number): void {
    for (let worker = 0; worker < workers; worker += 1)
      this.spawn(this.work(worker, IDLE_MS, CALM_IDLE_MS));
    for (let instance = 0; instance < instances; instance += 1)
      this.spawn(this.runCycles(instance));
    this.spawn(this.watch());
  }

  override isIdle(): boolean {
    const horizon = this.scheduler.now + 3_600_000;
    return (
      super.isIdle() &&
      this.#running === 0 &&
      this.cycles.cycleQueue.every(({ visibleAt }) => visibleAt > horizon) &&
      [...this.cycles.cycles.values()].every(
        ({ cycle }) => !isActive(cycle) || cycle.waitsFor?.kind === "canary",
      )
    );
  }
}
