// One history with cycles: people edit, block and delete while events get lost, feeds fail, and two instances that die at any call
// run cycles that timers and an operator start; then it rests, and what must hold is checked.
import type { CycleOrder } from "../../src/rules/cycle-orders.ts";
import { faultsOfCycles, faultsOfQuiet } from "./cycle-faults.ts";
import type { CycleMutation } from "./cycle-mutations.ts";
import { approve, operator, people, timer, waiting } from "./cycle-people.ts";
import { CycleStage, DIRECTIONS } from "./cycle-stage.ts";
import { faultsAtRest } from "./faults-at-rest.ts";
import type { HistoryResult } from "./history.ts";
import { configure, populate } from "./people.ts";
import { chanceOf } from "./random.ts";

const WORKERS = 2;
const INSTANCES = 2;
const DAWN_MS = 700_000;

function stageOf(seed: number, mutation: CycleMutation): CycleStage {
  const chance = chanceOf(seed + 1_000_003);
  const isSteady = chance.happens(0.25);
  const kind = {
    isSteady,
    isSilent: chance.happens(0.4) || isSteady,
    hasDeletes: chance.happens(0.4) && !isSteady,
    hasBadFeeds: chance.happens(0.4) && !isSteady,
  };
  return new CycleStage(seed, {
    lostEvents: kind.isSilent ? 1 : 0.3,
    deaths: 0.001,
    wrap: (ports) => ports,
    kind,
    mutation,
  });
}

function fill(stage: CycleStage): void {
  const { world, chance } = stage;
  const disables = chance.pick([{}, {}, { users: 0 }, { percent: 40 }] as const);
  configure(stage, { thresholds: { disables } });
  populate(stage, chance.between(4, 8));
  for (const [id, account] of world.entra) world.onEntraChange(id, null, account);
}

async function settled(stage: CycleStage, what: string): Promise<void> {
  for (let turn = 0; turn < 2000; turn += 1) {
    await stage.scheduler.sleep(10_000);
    if (stage.isIdle()) return;
  }
  stage.faults.push(`never comes to rest: ${what}`);
}

/** All that waits for an operator is approved, until nothing waits. */
async function approveAll(stage: CycleStage): Promise<void> {
  await settled(stage, "before approvals");
  for (let turn = 0; turn < 10 && waiting(stage).length > 0; turn += 1) {
    for (const cycle of waiting(stage)) await approve(stage, cycle, null);
    await settled(stage, "after approvals");
  }
}

async function round(
  stage: CycleStage,
  kind: NonNullable<CycleOrder["kind"]>,
): Promise<(string | null)[]> {
  const ids: (string | null)[] = [];
  for (const direction of DIRECTIONS) {
    ids.push(await stage.start({ direction, kind, actor: "operator" }));
    await approveAll(stage);
    if (ids.at(-1) === null) stage.faults.push(`no ${kind} cycle of ${direction} could be started`);
  }
  await stage.scheduler.sleep(DAWN_MS);
  await settled(stage, `a round of ${kind} cycles`);
  return ids;
}

// Whose plan was held and then dropped is found by the next cycle that reads everyone, and by none before.
const hasDroppedPlans = ({ cycles }: CycleStage): boolean =>
  [...cycles.cycles.values()].some(
    ({ cycle }) => cycle.status === "cancelled" && (cycle.tally.outcomes.held ?? 0) > 0,
  );

async function calm(stage: CycleStage): Promise<void> {
  const { world, kind, faults } = stage;
  stage.isCalm = true;
  stage.say("calm");
  await stage.scheduler.sleep(DAWN_MS);
  await approveAll(stage);
  if (!kind.hasDeletes && !stage.wasPartial && !hasDroppedPlans(stage)) {
    for (let turn = 0; turn < 2; turn += 1) await round(stage, "incremental");
    stage.say("incremental cycles only");
    const early = faultsAtRest(world, stage.regressions);
    faults.push(...early.map((fault) => `after incremental cycles only: ${fault}`));
  }
  // An account that is neither there nor among the deleted ones is believed to be gone after ten minutes: a third look.
  const turns = kind.hasDeletes ? 3 : 2;
  for (let turn = 0; turn < turns; turn += 1) await round(stage, "initial");
  await round(stage, "incremental");
  const writes = () => world.entraWrites.length + world.drupalWrites.length;
  const before = writes();
  stage.say("quiet");
  for (const what of ["incremental", "initial"] as const)
    for (const id of await round(stage, what))
      if (id !== null) faults.push(...faultsOfQuiet(stage, id));
  if (writes() > before) faults.push(`${writes() - before} write(s) after rest`);
}

async function live(stage: CycleStage): Promise<void> {
  const { world } = stage;
  for (const uuid of world.drupal.keys()) void stage.announce(uuid, "created", true);
  await Promise.all([
    people(stage),
    operator(stage),
    ...DIRECTIONS.map((direction) => timer(stage, direction)),
  ]);
  await calm(stage);
}

/** Plays one history to its end. Deterministic in the seed. */
export async function playCycleHistory(
  seed: number,
  mutation: CycleMutation = "none",
): Promise<HistoryResult> {
  const stage = stageOf(seed, mutation);
  fill(stage);
  stage.serve(WORKERS, INSTANCES);
  let isOver = false;
  stage.spawn(
    live(stage).then(() => {
      isOver = true;
    }),
  );
  for (let turn = 0; turn < 4000 && !isOver && stage.crashed.length === 0; turn += 1)
    await stage.scheduler.run(100);
  if (!isOver) stage.faults.push("never comes to an end");
  stage.isDone = true;
  const faults = [...stage.crashes(), ...faultsOfCycles(stage), ...stage.faults];
  const { trace, writes, kills, deliveries, started } = stage;
  return { seed, faults, trace, writes, kills, deliveries, cycles: started };
}
