// Where a history plays: a world on virtual time, chance, a trace, and workers that provision while answers are lost, leases run
// out and processes die. The real provision-user and receive-events run; only the outside world is ours.
import { TransientError } from "../../src/rules/errors.ts";
import type { ProvisionRequest } from "../../src/rules/provision-request.ts";
import type { AttributeValue } from "../../src/rules/users.ts";
import type { ProvisionPorts } from "../../src/sync/ports.ts";
import { provisionUser } from "../../src/sync/provision-user.ts";
import { receiveEvents } from "../../src/sync/receive-events.ts";
import {
  countIdsAgain,
  type Gate,
  Killed,
  type ObservedWrite,
  type Pace,
  World,
} from "../doubles/world.ts";
import { type Chance, chanceOf } from "./random.ts";
import { Scheduler } from "./scheduler.ts";

/** For how long a message of a worker that died is not seen. */
export const LEASE_OF_MESSAGE_MS = 60_000;
/** For how long reads of Entra may lag. */
export const REPLICATION_MS = 12_000;
const WRITES = /^(entra|drupal)\.(create|update|delete|restore|assign|remove)/;
const BEGINS_AT = 1_795_507_200_000;

interface Message {
  readonly request: ProvisionRequest;
  readonly visibleAt: number;
}

/** What differs between kinds of histories. */
export interface StageOptions {
  /** How many of Drupal's events never leave it. */
  readonly lostEvents: number;
  /** How often a worker dies at a call. */
  readonly deaths: number;
  /** Wraps what a worker gets: a design that is broken on purpose. */
  readonly wrap: (ports: ProvisionPorts, world: World) => ProvisionPorts;
}

/** A world on virtual time with workers. */
export class Stage {
  readonly chance: Chance;
  readonly world = new World();
  readonly scheduler: Scheduler;
  readonly trace: string[] = [];
  readonly faults: string[] = [];
  /** What failed in a way without a name. */
  readonly crashed: unknown[] = [];
  /** Each edited value, with the value that its author saw: its ancestor. */
  readonly parents = new Map<string, AttributeValue>();
  /** Writes of an ancestor over a later edit, until a conflict row excuses them. */
  readonly regressions: ObservedWrite[] = [];
  readonly options: StageOptions;
  isCalm = false;
  isDone = false;
  writes = 0;
  kills = 0;
  deliveries = 0;
  #values = 0;
  #hands: Message[] = [];

  constructor(seed: number, options: StageOptions) {
    countIdsAgain();
    this.chance = chanceOf(seed);
    this.options = options;
    this.scheduler = new Scheduler(this.world.now, (now) => {
      this.world.now = now;
    });
    this.world.random = () => this.chance.next();
    this.world.replicationMs = REPLICATION_MS;
    this.world.lagMs = () => (this.isCalm ? 0 : this.chance.between(0, REPLICATION_MS));
    this.world.onWrite = (write) => this.observe(write);
    this.world.onOwnSave = (uuid, event) => {
      // An echo that nothing marks as ours: it must cost reads and no write.
      if (this.chance.happens(0.5)) void this.announce(uuid, event, false);
    };
  }

  say(line: string): void {
    this.trace.push(`${this.scheduler.now - BEGINS_AT} ${line}`);
  }

  /** A value that nobody else uses. */
  value(what: string): string {
    this.#values += 1;
    return `${what}${this.#values}`;
  }

  observe(write: ObservedWrite): void {
    this.writes += 1;
    this.say(`write ${write.system} ${write.attribute} ${write.before} -> ${write.after}`);
    if (typeof write.before !== "string") return;
    for (let parent = this.parents.get(write.before); parent !== undefined; ) {
      if (parent === write.after) this.regressions.push(write);
      parent = typeof parent === "string" ? this.parents.get(parent) : undefined;
    }
  }

  /** A person blocks an account. */
  blocked(_id: string): void {}

  /** Drupal tells of a save: late, twice now and then, or never. */
  async announce(
    uuid: string,
    event: "created" | "updated" | "deleted",
    isPerson: boolean,
  ): Promise<void> {
    if (!this.isCalm && this.chance.happens(this.options.lostEvents)) return;
    const times = this.chance.happens(0.2) ? 2 : 1;
    for (let time = 0; time < times; time += 1) {
      await this.scheduler.sleep(this.chance.between(0, 8000));
      this.deliveries += 1;
      const queue = { send: async (request: ProvisionRequest) => void this.put(request, 0) };
      await receiveEvents(
        {
          kind: "event",
          event: {
            drupalUuid: uuid,
            event,
            deliveryId: "",
            actorUuid: isPerson ? "11111111-0000-4000-8000-000000000001" : null,
            isOwn: false,
            changedAtLeast: null,
          },
        },
        { now: () => new Date(this.world.now), queue, ownAccount: () => null },
      );
    }
  }

  put(request: ProvisionRequest, delayMs: number): void {
    this.world.queue.push({ request, visibleAt: this.scheduler.now + delayMs });
  }

  nominate(entraObjectId: string, cause: ProvisionRequest["cause"]): void {
    const request = this.world.request(undefined, { entraObjectId, cause });
    this.put(request, this.chance.between(0, 5000));
  }

  /** What happens to whom at the calls of a worker: deaths, refusals, lost answers. */
  gate(who: string): Gate {
    return (call, phase) => {
      if (this.isCalm) return;
      if (this.chance.happens(this.options.deaths)) {
        this.kills += 1;
        this.say(`${who} dies ${phase} ${call}`);
        throw new Killed(call);
      }
      const isRemote = call.startsWith("entra.") || call.startsWith("drupal.");
      if (!isRemote) return;
      const system = call.startsWith("entra.") ? "entra" : "drupal";
      if (phase === "before" && this.chance.happens(0.03))
        throw new TransientError("429", {
          system,
          code: `${system}Unavailable`,
          retryAfterMs: 2000,
        });
      if (phase === "after" && WRITES.test(call) && this.chance.happens(0.05)) {
        this.say(`${who} loses the answer of ${call}`);
        throw new TransientError("no answer", { system, code: `${system}Unreachable` });
      }
    };
  }

  // A call takes a while; now and then the whole process is stopped. A write leaves at once (the lease was looked at just
  // before), and is given up by the client after 10 s.
  readonly pace: Pace = async (call, phase) => {
    const isStopped = !this.isCalm && this.chance.happens(0.01);
    const isLeaving = phase === "before" && WRITES.test(call);
    const ms = isStopped ? this.chance.between(10_000, 60_000) : this.chance.between(1, 300);
    await this.scheduler.sleep(isLeaving ? Math.min(ms, 9000) : ms);
  };

  #take(): Message | undefined {
    const due = this.world.queue
      .filter(({ visibleAt }) => visibleAt <= this.scheduler.now)
      .toSorted((a, b) => a.visibleAt - b.visibleAt);
    const [first, ...others] = due;
    if (first === undefined) return undefined;
    const taken = this.isCalm ? first : this.chance.pick([first, ...others]);
    this.world.queue = this.world.queue.filter((one) => one !== taken);
    return taken;
  }

  /** One worker takes messages as the host does: one that dies leaves its message to be delivered again. */
  async work(worker: number, idleMs = 4000, calmIdleMs = 600_000): Promise<void> {
    while (!this.isDone) {
      const message = this.#take();
      if (message === undefined) {
        const next = Math.min(...this.world.queue.map(({ visibleAt }) => visibleAt));
        const waitMs = Number.isFinite(next) ? Math.max(50, next - this.scheduler.now) : 4000;
        await this.scheduler.sleep(Math.min(waitMs, this.isCalm ? calmIdleMs : idleMs));
        continue;
      }
      this.#hands.push(message);
      const who = `worker ${worker}`;
      const ports = this.options.wrap(this.world.worker(this.gate(who), this.pace), this.world);
      try {
        const outcome = await provisionUser(message.request, ports);
        this.say(`${who} ${outcome.kind} ${outcome.reason.code}`);
      } catch (error) {
        if (!(error instanceof Killed || error instanceof TransientError)) throw error;
        this.put(message.request, this.isCalm ? 1000 : LEASE_OF_MESSAGE_MS);
      }
      this.#hands = this.#hands.filter((one) => one !== message);
    }
  }

  isIdle(): boolean {
    const horizon = this.scheduler.now + 3_600_000;
    return (
      this.#hands.length === 0 && this.world.queue.every(({ visibleAt }) => visibleAt > horizon)
    );
  }

  /** Starts something that goes on beside all else. */
  spawn(work: Promise<void>): void {
    work.catch((error: unknown) => this.crashed.push(error));
  }

  /** The faults that every history may have, in words. */
  crashes(): string[] {
    return this.crashed.map(
      (error) => `a worker failed: ${error instanceof Error ? error.stack : String(error)}`,
    );
  }
}
