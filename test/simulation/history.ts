// One history: people edit on both sides while workers provision, answers are lost, workers die and leases run out; then it
// rests, and what must hold is checked. The real provision-user and receive-events run; only the outside world is ours.

import { TransientError } from "../../src/rules/errors.ts";
import type { ProvisionRequest } from "../../src/rules/provision-request.ts";
import type { AttributeValue } from "../../src/rules/users.ts";
import { provisionUser } from "../../src/sync/provision-user.ts";
import { receiveEvents } from "../../src/sync/receive-events.ts";
import {
  aConfiguration,
  aDrupalUser,
  anEntraUser,
  DOMAIN,
  type Gate,
  Killed,
  type ObservedWrite,
  type Pace,
  World,
} from "../doubles/world.ts";
import { faultsAtRest } from "./faults-at-rest.ts";
import { type Chance, chanceOf } from "./random.ts";
import { Scheduler } from "./scheduler.ts";

/** A design that is broken on purpose, to see that the simulation notices. */
export type Mutation = "none" | "noIntent" | "baseEarly" | "noIfMatch";

/** What a history came to; `faults` is empty when everything held. */
export interface HistoryResult {
  readonly seed: number;
  readonly faults: readonly string[];
  /** What happened, line by line; the same for the same seed. */
  readonly trace: readonly string[];
  readonly writes: number;
  readonly kills: number;
  readonly deliveries: number;
}

const WORKERS = 3;
const USERS = 2;
const EDITS = 10;
const LEASE_OF_MESSAGE_MS = 60_000;
const WRITES = /^(entra|drupal)\.(create|update|delete|restore|assign|remove)/;
const REPLICATION_MS = 12_000;

// The two-way rows of the default configuration, by their names on each side.
const SHARED = [
  ["field_department", "department"],
  ["field_last_name", "surname"],
  ["field_first_name", "givenName"],
] as const;

interface Message {
  readonly request: ProvisionRequest;
  readonly visibleAt: number;
}

class History {
  readonly chance: Chance;
  readonly world = new World();
  readonly scheduler: Scheduler;
  readonly trace: string[] = [];
  readonly faults: string[] = [];
  /** Each edited value, with the value that its author saw: its ancestor. */
  readonly parents = new Map<string, AttributeValue>();
  /** Writes of an ancestor over a later edit, until a conflict row excuses them. */
  readonly regressions: ObservedWrite[] = [];
  readonly mutation: Mutation;
  isCalm = false;
  writes = 0;
  kills = 0;
  deliveries = 0;
  #values = 0;
  #hands: Message[] = [];

  constructor(seed: number, mutation: Mutation) {
    this.chance = chanceOf(seed);
    this.mutation = mutation;
    this.scheduler = new Scheduler(this.world.now, (now) => {
      this.world.now = now;
    });
    this.world.random = () => this.chance.next();
    this.world.replicationMs = REPLICATION_MS;
    this.world.lagMs = () => (this.isCalm ? 0 : this.chance.between(0, REPLICATION_MS));
    this.world.onWrite = (write) => this.#observe(write);
    this.world.onOwnSave = (uuid, event) => {
      // An echo that nothing marks as ours: it must cost reads and no write.
      if (this.chance.happens(0.5)) void this.#announce(uuid, event, false);
    };
  }

  #say(line: string): void {
    this.trace.push(`${this.scheduler.now - 1_795_507_200_000} ${line}`);
  }

  #observe(write: ObservedWrite): void {
    this.writes += 1;
    this.#say(`write ${write.system} ${write.attribute} ${write.before} -> ${write.after}`);
    if (typeof write.before !== "string") return;
    for (let parent = this.parents.get(write.before); parent !== undefined; ) {
      if (parent === write.after) this.regressions.push(write);
      parent = typeof parent === "string" ? this.parents.get(parent) : undefined;
    }
  }

  #configure(): void {
    const authority = () => this.chance.pick(["drupal", "entra", "newest", "manual"] as const);
    this.world.configuration = aConfiguration({
      attributes: [
        ...SHARED.slice(0, 2).map(([drupal, entra]) => ({
          kind: "direct",
          drupal,
          entra,
          flow: "both",
          authority: authority(),
        })),
        { kind: "direct", drupal: "field_first_name", entra: "givenName", flow: "drupalToEntra" },
        { kind: "direct", drupal: "field_title", entra: "jobTitle", flow: "entraToDrupal" },
        { kind: "direct", drupal: "mail", entra: "mail", flow: "both" },
        {
          kind: "expression",
          entra: "displayName",
          expression: 'join([drupal.field_first_name, drupal.field_last_name], " ")',
        },
      ],
    });
  }

  #value(what: string): string {
    this.#values += 1;
    return `${what}${this.#values}`;
  }

  /** The people, some known to one side only, some to both. */
  populate(): void {
    this.#configure();
    for (let index = 0; index < USERS; index += 1) {
      const name = `user${index}`;
      const where = this.chance.pick(["drupal", "entra", "both"] as const);
      const mail = `${name}@${DOMAIN}`;
      if (where !== "entra") {
        const field_department = this.#value("d");
        const user = aDrupalUser({
          name,
          mail,
          attributes: { field_department, field_title: null },
        });
        this.world.drupal.set(user.uuid, user);
      }
      if (where !== "drupal") {
        const attributes = {
          mail,
          department: this.#value("e"),
          surname: "Entra",
          jobTitle: null,
          givenName: null,
          displayName: name,
        };
        const account = anEntraUser({ userPrincipalName: mail, attributes });
        this.world.entra.set(account.objectId, account);
      }
    }
  }

  async #announce(uuid: string, event: "created" | "updated" | "deleted", isPerson: boolean) {
    if (!this.isCalm && this.chance.happens(0.05)) return; // the sender forgot it
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

  /** One person saves one value, having seen the one before it. */
  #edit(): void {
    const { world, chance } = this;
    const side = chance.pick(["drupal", "entra"] as const);
    const [drupalName, entraName] = chance.pick([...SHARED] as [
      (typeof SHARED)[number],
      ...(typeof SHARED)[number][],
    ]);
    const people = side === "drupal" ? [...world.drupal.keys()] : [...world.entra.keys()];
    const [first, ...others] = people;
    if (first === undefined) return;
    const id = chance.pick([first, ...others]);
    if (chance.happens(0.1)) {
      const enabled = chance.happens(0.5);
      if (side === "drupal") {
        world.editDrupal(id, { enabled, changedAt: new Date(world.now).toISOString() });
        void this.#announce(id, "updated", true);
      } else {
        world.editEntra(id, { enabled });
        this.nominate(id, "notification");
      }
      this.#say(`person ${side} ${enabled ? "enables" : "blocks"} ${id.slice(-4)}`);
      return;
    }
    const value = this.#value(side === "drupal" ? "D" : "E");
    if (side === "drupal") {
      this.parents.set(value, world.drupal.get(id)?.attributes[drupalName] ?? null);
      const changedAt = new Date(Math.floor(world.now / 1000) * 1000).toISOString();
      world.editDrupal(id, { changedAt, attributes: { [drupalName]: value } });
      void this.#announce(id, "updated", true);
    } else {
      const name = chance.happens(0.2) ? "jobTitle" : entraName;
      this.parents.set(value, world.entra.get(id)?.attributes[name] ?? null);
      world.editEntra(id, { attributes: { [name]: value } });
      if (!chance.happens(0.3)) this.nominate(id, "notification");
    }
    this.#say(`person ${side} ${id.slice(-4)} ${drupalName}|${entraName} := ${value}`);
  }

  async people(): Promise<void> {
    for (const uuid of this.world.drupal.keys()) void this.#announce(uuid, "created", true);
    for (const objectId of this.world.entra.keys()) this.nominate(objectId, "cycle");
    for (let edit = 0; edit < EDITS; edit += 1) {
      await this.scheduler.sleep(this.chance.between(0, 20_000));
      this.#edit();
    }
  }

  #gate(worker: number): Gate {
    return (call, phase) => {
      if (this.isCalm) return;
      if (this.chance.happens(0.005)) {
        this.kills += 1;
        this.#say(`worker ${worker} dies ${phase} ${call}`);
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
        this.#say(`worker ${worker} loses the answer of ${call}`);
        throw new TransientError("no answer", { system, code: `${system}Unreachable` });
      }
    };
  }

  // A call takes a while; now and then the whole process is stopped. A write leaves at once (the lease was looked at just
  // before), and is given up by the client after 10 s.
  #pace: Pace = async (call, phase) => {
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

  isDone = false;

  /** One worker takes messages as the host does: one that dies leaves its message to be delivered again. */
  async work(worker: number): Promise<void> {
    while (!this.isDone) {
      const message = this.#take();
      if (message === undefined) {
        const next = Math.min(...this.world.queue.map(({ visibleAt }) => visibleAt));
        const waitMs = Number.isFinite(next) ? Math.max(50, next - this.scheduler.now) : 4000;
        await this.scheduler.sleep(Math.min(waitMs, this.isCalm ? 600_000 : 4000));
        continue;
      }
      this.#hands.push(message);
      const ports = this.#mutated(this.world.worker(this.#gate(worker), this.#pace));
      try {
        const outcome = await provisionUser(message.request, ports);
        this.#say(`worker ${worker} ${outcome.kind} ${outcome.reason.code}`);
      } catch (error) {
        if (!(error instanceof Killed || error instanceof TransientError)) throw error;
        this.put(message.request, this.isCalm ? 1000 : LEASE_OF_MESSAGE_MS);
      }
      this.#hands = this.#hands.filter((one) => one !== message);
    }
  }

  #mutated(ports: ReturnType<World["worker"]>): ReturnType<World["worker"]> {
    const { mutation, world } = this;
    if (mutation === "none") return ports;
    const save: typeof ports.links.save = (link, version) => {
      if (mutation === "noIntent") return ports.links.save({ ...link, pending: null }, version);
      if (mutation === "baseEarly")
        return ports.links.save(
          { ...link, base: { ...link.base, ...link.pending?.base } },
          version,
        );
      return ports.links.save(link, world.links.get(link.drupalUuid)?.version ?? null);
    };
    return { ...ports, links: { ...ports.links, save } };
  }

  isIdle(): boolean {
    const horizon = this.scheduler.now + 3_600_000;
    return (
      this.#hands.length === 0 && this.world.queue.every(({ visibleAt }) => visibleAt > horizon)
    );
  }
}

/** Plays one history to its end. Deterministic in the seed. */
export async function playHistory(
  seed: number,
  mutation: Mutation = "none",
): Promise<HistoryResult> {
  const history = new History(seed, mutation);
  const { scheduler, world } = history;
  history.populate();
  const crashed: unknown[] = [];
  for (let worker = 0; worker < WORKERS; worker += 1)
    history.work(worker).catch((error: unknown) => crashed.push(error));
  let isOver = false;
  void history.people().then(() => {
    isOver = true;
  });
  const drain = async (what: string) => {
    for (let turn = 0; turn < 400; turn += 1) {
      await scheduler.run(25);
      if (crashed.length > 0 || (isOver && history.isIdle())) return;
    }
    history.faults.push(`never comes to rest: ${what}`);
  };
  await drain("the history");
  // Everyone is looked at once more, as a cycle would, by a world without faults.
  history.isCalm = true;
  const everyone = () => {
    for (const uuid of world.drupal.keys()) history.put(world.request(uuid, { cause: "cycle" }), 0);
    for (const objectId of world.entra.keys())
      if (!world.holders.has(objectId)) history.nominate(objectId, "cycle");
  };
  for (const round of ["first", "second"]) {
    history.put(world.request("99999999-0000-4000-8000-000000000000"), 700_000);
    everyone();
    await drain(`the ${round} cycle`);
  }
  const writesBefore = world.entraWrites.length + world.drupalWrites.length;
  everyone();
  await drain("the last cycle");
  const late = world.entraWrites.length + world.drupalWrites.length - writesBefore;
  if (late > 0) history.faults.push(`${late} write(s) after rest`);
  history.isDone = true;
  for (const error of crashed)
    history.faults.push(`a worker failed: ${error instanceof Error ? error.stack : String(error)}`);
  history.faults.push(...faultsAtRest(world, history.regressions));
  const { faults, trace, writes, kills, deliveries } = history;
  return { seed, faults, trace, writes, kills, deliveries };
}
