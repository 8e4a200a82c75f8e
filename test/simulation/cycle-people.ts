// Who does what in a history with cycles: people edit, block and delete; timers start cycles, also two at once; an operator starts,
// approves, lets a few go first, and cancels.
import type { Cycle } from "../../src/rules/cycle.ts";
import type { Direction } from "../../src/rules/users.ts";
import { approveCycle, cancelCycle } from "../../src/sync/steer-cycle.ts";
import { type CycleStage, DIRECTIONS } from "./cycle-stage.ts";
import { anyoneOf, edit, type LostNotifications } from "./people.ts";

const EDITS = 14;
const ROUNDS = 7;
const LOOKS = 6;

// So few that a listing without them has not shrunk by half.
const mostDeletes = ({ world }: CycleStage): number =>
  Math.floor(Math.min(world.drupal.size, world.entra.size) / 4);

function remove(stage: CycleStage, lost: LostNotifications): void {
  const { world, chance, access } = stage;
  const side = chance.pick(["drupal", "entra"] as const);
  const id = anyoneOf(stage, side);
  if (id === null) return;
  access.deletes(side, id);
  stage.say(`person ${side} deletes ${id.slice(-4)}`);
  if (side === "drupal") {
    world.drupal.delete(id);
    void stage.announce(id, "deleted", true);
    return;
  }
  world.deleteInEntra(id);
  if (chance.happens(0.2)) world.deletedEntra.delete(id);
  if (!chance.happens(lost.edits)) stage.nominate(id, "notification");
}

/** The people. */
export async function people(stage: CycleStage): Promise<void> {
  const { scheduler, chance, kind } = stage;
  const lost = kind.isSilent ? { edits: 1, blocks: 1 } : { edits: 0.5, blocks: 0.3 };
  let deletes = kind.hasDeletes ? mostDeletes(stage) : 0;
  for (let edits = 0; edits < EDITS; edits += 1) {
    await scheduler.sleep(chance.between(0, 60_000));
    if (deletes > 0 && chance.happens(0.15)) {
      deletes -= 1;
      remove(stage, lost);
    } else edit(stage, lost);
  }
}

/** The timer of one feed. */
export async function timer(stage: CycleStage, direction: Direction): Promise<void> {
  const { scheduler, chance } = stage;
  for (let round = 0; round < ROUNDS; round += 1) {
    await scheduler.sleep(chance.between(10_000, 110_000));
    const kind = !stage.kind.isSteady && chance.happens(0.1) ? "initial" : undefined;
    // Both instances' timers fire.
    const starts = chance.happens(0.2) ? 2 : 1;
    for (let start = 0; start < starts; start += 1)
      stage.spawn(stage.start({ direction, kind, actor: null }).then(() => undefined));
  }
}

const isHeld = ({ status, waitsFor }: Cycle): boolean =>
  status === "waiting" && waitsFor?.kind !== "time";
const isShown = ({ isDryRun, status, approval }: Cycle): boolean =>
  isDryRun && status === "complete" && approval === null;

/** The operator says yes to what a cycle waits for. */
export async function approve(
  stage: CycleStage,
  { id: cycleId, plan }: Cycle,
  canary: number | null,
): Promise<void> {
  await stage.asProcess(async () => {
    const order = { cycleId, plan, canary, actor: "operator" };
    const steered = await approveCycle(order, stage.cyclePorts("operator"));
    stage.say(`operator approves ${cycleId.slice(-4)}: ${steered.kind}`);
  });
}

async function cancel(stage: CycleStage, { id: cycleId }: Cycle): Promise<void> {
  await stage.asProcess(async () => {
    const order = { cycleId, actor: "operator" };
    const steered = await cancelCycle(order, stage.cyclePorts("operator"));
    stage.say(`operator cancels ${cycleId.slice(-4)}: ${steered.kind}`);
  });
}

/** The cycles that wait for an operator. */
export const waiting = ({ cycles }: CycleStage): Cycle[] =>
  [...cycles.cycles.values()].map(({ cycle }) => cycle).filter(isHeld);

// What waits, or was shown, is approved, cancelled, or left for later.
async function lookOver(stage: CycleStage): Promise<void> {
  const { chance, cycles } = stage;
  const all = [...cycles.cycles.values()].map(({ cycle }) => cycle);
  for (const cycle of all.filter((one) => isHeld(one) || isShown(one))) {
    if (chance.happens(0.15)) await cancel(stage, cycle);
    else if (chance.happens(0.8)) await approve(stage, cycle, chance.happens(0.2) ? 1 : null);
  }
  const [running, ...others] = all.filter(({ status }) => status === "running");
  if (running !== undefined && chance.happens(stage.kind.isSteady ? 0.7 : 0.15))
    await cancel(stage, chance.pick([running, ...others]));
}

/** The operator. */
export async function operator(stage: CycleStage): Promise<void> {
  const { scheduler, chance } = stage;
  for (let look = 0; look < LOOKS; look += 1) {
    await scheduler.sleep(chance.between(20_000, 140_000));
    if (!stage.kind.isSteady && chance.happens(0.3)) {
      const direction = chance.pick(DIRECTIONS);
      const isDryRun = chance.happens(0.4);
      const canary = !isDryRun && chance.happens(0.5) ? chance.between(1, 3) : null;
      await stage.start({ direction, kind: "initial", isDryRun, canary, actor: "operator" });
    } else await lookOver(stage);
  }
}
