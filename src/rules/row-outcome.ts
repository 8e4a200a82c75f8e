// What a row of the mapping can come to, and what it takes to say so: written, kept, in conflict, failed.
import type { Held, MappedRow } from "./attribute-mapping.ts";
import { isAbout, type OpenConflict, type Settlement } from "./conflicts.ts";
import type { BasePair } from "./link.ts";
import type { SeenWindows } from "./newest.ts";
import { type Flip, isPingPong, PATIENCE } from "./ping-pong.ts";
import {
  type AttributeDecision,
  because,
  type Change,
  type Learned,
  type Reason,
  type Verdict,
} from "./plan.ts";
import { type Direction, directionTo, otherSystem, type System } from "./users.ts";

/** What is known about a row beside its two values. */
export interface RowMemory {
  /** What both sides held when they last agreed; undefined before the first time. */
  readonly base: BasePair | undefined;
  /** The fingerprint of what Entra is known to hold, where the read shows an older value. */
  readonly hidden: string | undefined;
  /** Entra's value, or one that it is computed from, is hidden: what was read must not flow to Drupal. */
  readonly isLagging: boolean;
  /** An announced write to Entra may or may not have arrived: it is made again. */
  readonly isUncertain: boolean;
  /** An announced write of this row does not show; someone may have edited what it wrote. */
  readonly isInterrupted: boolean;
  readonly settlement: Settlement | undefined;
  readonly conflict: OpenConflict | undefined;
  readonly windows: SeenWindows | undefined;
  readonly flips: readonly Flip[];
}

/** What holds for the whole user at this moment. */
export interface RowContext {
  /** Which directions may write this user. */
  readonly open: Readonly<Record<Direction, boolean>>;
  /** Whether the account of a system was made by the sync. */
  readonly isOwn: Readonly<Record<System, boolean>>;
  /** ISO 8601: by when an edit that is seen now was made: Drupal's `changed`, Entra's notice or this look. */
  readonly noticedAt: Readonly<Record<System, string>>;
  /** How often the same write is made before it is taken for ping-pong. */
  readonly patience: number;
  readonly now: Date;
}

/** One row, both of its sides readable, with all that is known. */
export interface RowCase {
  readonly mapped: MappedRow;
  readonly memory: RowMemory;
  /** The fingerprints that count. */
  readonly prints: Readonly<Record<System, string>>;
  readonly context: RowContext;
}

/** What becomes of a row. */
export interface RowOutcome {
  readonly decision: Omit<AttributeDecision, "moved">;
  readonly agreed?: BasePair;
  readonly learned?: Learned;
  readonly conflict?: OpenConflict;
  readonly windows?: SeenWindows;
}

/** How the systems are called. */
export const SYSTEM_NAME: Readonly<Record<System, string>> = { drupal: "Drupal", entra: "Entra" };

const heldValue = (held: Held) => (held.readable ? held.value : null);

/** A row as an explanation shows it. */
export function shownRow({ row, key, held }: MappedRow) {
  return {
    key,
    drupal: row.drupal ?? null,
    entra: row.entra ?? null,
    flow: row.flow,
    authority: row.authority,
    drupalValue: heldValue(held.drupal),
    entraValue: heldValue(held.entra),
  };
}

/** A row that is left as it is. */
export const leaveRow = (mapped: MappedRow, verdict: Verdict, reason: Reason): RowOutcome => ({
  decision: { ...shownRow(mapped), verdict, reason },
});

/** Why nothing can be said about a side's value. */
export const unreadable = (source: System, memory: RowMemory): Reason =>
  source === "entra" && memory.isLagging
    ? because("replicationPending", "Entra still shows a value from before the last known one")
    : because("unreadable", `${SYSTEM_NAME[source]} does not show the value`);

/** Why an empty source changes nothing. */
export const emptyKept = (source: System): Reason =>
  because("emptyKept", `the value is empty in ${SYSTEM_NAME[source]}, and the row keeps`);

/** A row that waits for an operator; one that waits already keeps its date. */
export function openConflict(
  code: OpenConflict["code"],
  message: string,
  { mapped, memory, prints, context }: RowCase,
): RowOutcome {
  const { drupal = null, entra = null } = mapped.row;
  const known = memory.conflict?.code === code ? memory.conflict.openedAt : null;
  const openedAt = known ?? context.now.toISOString();
  const conflict: OpenConflict = { code, message, drupal, entra, openedAt, prints };
  return { ...leaveRow(mapped, "conflict", because(code, message)), conflict };
}

/** A row whose `target` gets what the other side asks for. */
export function writeRow(target: System, why: Reason, given: RowCase): RowOutcome {
  const { mapped, memory, prints, context } = given;
  const source = otherSystem(target);
  const asked = mapped.asks[source];
  if (asked.kind === "fault") return leaveRow(mapped, "failed", asked.fault);
  if (asked.kind === "unreadable")
    return leaveRow(mapped, "unreadable", unreadable(source, memory));
  if (asked.kind === "nothing") return leaveRow(mapped, "kept", emptyKept(source));
  if (!context.open[directionTo(target)]) {
    const message = `${why.message}, and ${directionTo(target)} does not serve the user: it waits`;
    return leaveRow(mapped, "off", because("directionOff", message));
  }
  const attribute = mapped.row[target] ?? "";
  const write = { system: target, before: prints[target], after: asked.print };
  const isFrozen = memory.conflict?.code === "pingPong" && isAbout(memory.conflict, prints);
  const isAsked = ["settledByOperator", "unconfirmed"].includes(why.code);
  const isTooOften = isPingPong(memory.flips, write, context.patience, context.now);
  const staysFrozen = isFrozen && context.patience !== PATIENCE.operator;
  if (!isAsked && (staysFrozen || isTooOften)) {
    const message = `something sets ${attribute} in ${SYSTEM_NAME[target]} back each time: frozen until an operator decides`;
    return openConflict("pingPong", message, given);
  }
  const before = heldValue(mapped.held[target]);
  const change: Change = { attribute, before, after: asked.value, why: why.code };
  const verdict = target === "entra" ? "toEntra" : "toDrupal";
  const base = { ...prints, [target]: asked.print };
  return {
    decision: { ...shownRow(mapped), verdict, reason: why, change },
    learned: { key: mapped.key, base, over: prints[target] },
  };
}

/** A row on which both sides agree; a write to Entra that may not have arrived is made again. */
export function agreedRow(target: System, given: RowCase): RowOutcome {
  if (target === "entra" && given.memory.isUncertain) {
    const why = because("unconfirmed", "an earlier write may not have arrived: it is made again");
    return writeRow("entra", why, given);
  }
  const equal = because("equal", "both sides hold the same");
  return { ...leaveRow(given.mapped, "equal", equal), agreed: given.prints };
}
