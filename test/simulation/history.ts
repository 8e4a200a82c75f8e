// One history: people edit on both sides while workers provision, answers are lost, workers die and leases run out; then it
// rests, and what must hold is checked.
import type { ProvisionPorts } from "../../src/sync/ports.ts";
import type { World } from "../doubles/world.ts";
import { faultsAtRest } from "./faults-at-rest.ts";
import { configure, edit, populate } from "./people.ts";
import { Stage } from "./stage.ts";

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
  /** Cycles that were started. */
  readonly cycles: number;
}

const WORKERS = 3;
const USERS = 2;
const EDITS = 10;

const wrapOf =
  (mutation: Mutation) =>
  (ports: ProvisionPorts, world: World): ProvisionPorts => {
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
  };

async function people(stage: Stage): Promise<void> {
  for (const uuid of stage.world.drupal.keys()) void stage.announce(uuid, "created", true);
  for (const objectId of stage.world.entra.keys()) stage.nominate(objectId, "cycle");
  for (let edits = 0; edits < EDITS; edits += 1) {
    await stage.scheduler.sleep(stage.chance.between(0, 20_000));
    edit(stage);
  }
}

/** Plays one history to its end. Deterministic in the seed. */
export async function playHistory(
  seed: number,
  mutation: Mutation = "none",
): Promise<HistoryResult> {
  const stage = new Stage(seed, { lostEvents: 0.05, deaths: 0.005, wrap: wrapOf(mutation) });
  const { scheduler, world } = stage;
  configure(stage);
  populate(stage, USERS);
  for (let worker = 0; worker < WORKERS; worker += 1) stage.spawn(stage.work(worker));
  let isOver = false;
  void people(stage).then(() => {
    isOver = true;
  });
  const drain = async (what: string) => {
    for (let turn = 0; turn < 400; turn += 1) {
      await scheduler.run(25);
      if (stage.crashed.length > 0 || (isOver && stage.isIdle())) return;
    }
    stage.faults.push(`never comes to rest: ${what}`);
  };
  await drain("the history");
  // Everyone is looked at once more, as a cycle would, by a world without faults.
  stage.isCalm = true;
  const everyone = () => {
    for (const uuid of world.drupal.keys()) stage.put(world.request(uuid, { cause: "cycle" }), 0);
    for (const objectId of world.entra.keys())
      if (!world.holders.has(objectId)) stage.nominate(objectId, "cycle");
  };
  for (const round of ["first", "second"]) {
    stage.put(world.request("99999999-0000-4000-8000-000000000000"), 700_000);
    everyone();
    await drain(`the ${round} cycle`);
  }
  const writesBefore = world.entraWrites.length + world.drupalWrites.length;
  everyone();
  await drain("the last cycle");
  const late = world.entraWrites.length + world.drupalWrites.length - writesBefore;
  if (late > 0) stage.faults.push(`${late} write(s) after rest`);
  stage.isDone = true;
  stage.faults.push(...stage.crashes(), ...faultsAtRest(world, stage.regressions));
  const { faults, trace, writes, kills, deliveries } = stage;
  return { seed, faults, trace, writes, kills, deliveries, cycles: 0 };
}
