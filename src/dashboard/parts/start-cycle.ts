// Orders a cycle, and says what came of it.
import { Refusal, send } from "../ask/ask.ts";
import type { CycleAnswer } from "../ask/contract.ts";
import { go } from "../route.ts";

/** What POST cycles takes. */
export interface CycleOrder {
  readonly direction: "drupalToEntra" | "entraToDrupal";
  readonly kind?: "initial" | "incremental" | "photos";
  readonly dryRun?: boolean;
  readonly canary?: number;
}

/** Starts the cycle and goes to its page; where one of the kind is under way already, to that one's. */
export async function startCycle(order: CycleOrder): Promise<string> {
  try {
    const { body } = await send<CycleAnswer>("POST", "cycles", order);
    go(`/cycles/${body.id}`);
    return "The cycle is queued.";
  } catch (error) {
    const other =
      error instanceof Refusal && error.code === "cycleActive"
        ? /cycles\/([0-9a-f-]+)$/.exec(error.location ?? "")?.[1]
        : undefined;
    if (other === undefined) throw error;
    go(`/cycles/${other}`);
    return "A cycle of this direction is under way already: this is it.";
  }
}
