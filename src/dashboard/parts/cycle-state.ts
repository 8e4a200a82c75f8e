// Whether something still happens in a cycle, and whether by itself.
import type { CycleAnswer } from "../ask/contract.ts";

const ACTIVE = ["queued", "running", "waiting", "interrupted"];

/** Whether something still happens in the cycle. */
export const isUnderWay = ({ status }: Pick<CycleAnswer, "status">): boolean =>
  ACTIVE.includes(status);

/** Whether it goes on by itself: then its progress moves. */
export const isMoving = (cycle: Pick<CycleAnswer, "status" | "waitsFor">): boolean =>
  isUnderWay(cycle) && (cycle.waitsFor === null || cycle.waitsFor.kind === "time");
