// The three-way merge of one row: what Drupal holds, what Entra holds, what both last agreed on. Equal to the base on both
// sides means that nothing is to do, which alone ends the echo of our own writes.
import type { Held, MappedRow, Wanted } from "./attribute-mapping.ts";
import { isAbout } from "./conflicts.ts";
import type { BasePair } from "./link.ts";
import { newerSide, type SeenWindows, windowsAfter } from "./newest.ts";
import { type AttributeDecision, because, type Moved, type Reason } from "./plan.ts";
import {
  agreedRow,
  emptyKept,
  leaveRow,
  SYSTEM_NAME as NAME,
  openConflict,
  type RowCase,
  type RowContext,
  type RowMemory,
  type RowOutcome,
  unreadable,
  writeRow,
} from "./row-outcome.ts";
import { otherSystem, type System } from "./users.ts";

// The fingerprint that counts for a side: what is known counts more than a read that lags behind it. A computed side has
// no value of its own: it is known by what it asks for.
function printOf(system: System, mapped: MappedRow, memory: RowMemory): string | null {
  const held = mapped.held[system];
  const target = mapped.row.flow === "entraToDrupal" ? "drupal" : "entra";
  const isComputed = mapped.row.kind !== "direct" && system !== target;
  if (isComputed) {
    const asked = mapped.asks[system];
    return asked.kind === "value" ? asked.print : null;
  }
  if (system === "entra" && memory.hidden !== undefined) return memory.hidden;
  return held.readable ? held.print : null;
}

const isEqual = (asked: Wanted, print: string): boolean =>
  asked.kind === "value" && asked.print === print;
const isEmpty = (held: Held): boolean => held.readable && held.value === null;

const changedIn = (system: System): Reason =>
  because(`changedIn${NAME[system]}`, `the value changed in ${NAME[system]}`);

function whyOneWay(target: System, { memory: { base }, prints }: RowCase): Reason {
  const source = otherSystem(target);
  if (base === undefined)
    return because("firstSync", `${NAME[source]}'s value is written for the first time`);
  if (base[target] === prints[target]) return changedIn(source);
  const code = base[source] === prints[source] ? `changedIn${NAME[target]}` : "changedOnBothSides";
  return because(code, `${NAME[source]} decides this attribute`);
}

function oneWay(target: System, given: RowCase): RowOutcome {
  const { mapped, prints, context } = given;
  const { apply } = mapped.row;
  if (apply === "create") {
    const reason = because("appliesOnCreate", "the row applies to new accounts only");
    return leaveRow(mapped, "off", reason);
  }
  if (apply === "ownAccounts" && !context.isOwn[target]) {
    const reason = because("notOwnAccount", "the row applies to accounts that the sync made");
    return leaveRow(mapped, "off", reason);
  }
  if (isEqual(mapped.asks[otherSystem(target)], prints[target])) return agreedRow(target, given);
  return writeRow(target, whyOneWay(target, given), given);
}

function byAuthority(given: RowCase, windows: SeenWindows | null = null): RowOutcome {
  const { mapped, memory } = given;
  const { authority } = mapped.row;
  const isFirst = memory.base === undefined && !memory.isInterrupted;
  const what = isFirst ? "the sides differ at their first meeting" : "both sides changed";
  if (authority === "manual") return openConflict("manual", `${what}: an operator decides`, given);
  if (authority !== "newest") {
    const code = isFirst ? "firstSync" : `authority${NAME[authority]}`;
    const why = because(code, `${what}: ${NAME[authority]} has the authority`);
    return writeRow(otherSystem(authority), why, given);
  }
  const newer = windows === null ? null : newerSide(windows);
  if (newer === null) {
    const message = `${what}, and it cannot be told which value is newer`;
    return openConflict("newestUnknown", message, given);
  }
  const why = because(`newest${NAME[newer]}`, `${what}: the newer value is ${NAME[newer]}'s`);
  return writeRow(otherSystem(newer), why, given);
}

function firstMeeting(given: RowCase): RowOutcome {
  const { held } = given.mapped;
  const empty = (["entra", "drupal"] as const).find((system) => isEmpty(held[system]));
  if (empty === undefined) return byAuthority(given);
  const message = `the value is empty in ${NAME[empty]} and known in ${NAME[otherSystem(empty)]}`;
  return writeRow(empty, because("firstSync", message), given);
}

function bothWays(given: RowCase): RowOutcome {
  const { mapped, memory, prints } = given;
  const { asks, held } = mapped;
  const { base, settlement } = memory;
  const areEmpty = isEmpty(held.drupal) && isEmpty(held.entra);
  if (areEmpty || isEqual(asks.drupal, prints.entra) || isEqual(asks.entra, prints.drupal))
    return agreedRow("entra", given);
  if (settlement !== undefined && isAbout(settlement, prints)) {
    const why = because("settledByOperator", `an operator took ${NAME[settlement.take]}'s value`);
    return writeRow(otherSystem(settlement.take), why, given);
  }
  if (base === undefined) return firstMeeting(given);
  if (mapped.row.authority !== "newest") return threeWay(base, given, null);
  const { noticedAt, now } = given.context;
  const windows = windowsAfter(memory.windows, base, prints, noticedAt, now);
  return { ...threeWay(base, given, windows), windows };
}

function threeWay(base: BasePair, given: RowCase, windows: SeenWindows | null): RowOutcome {
  const { mapped, prints } = given;
  // An empty side of a row that keeps says nothing.
  const says = (system: System) =>
    base[system] !== prints[system] && mapped.asks[system].kind !== "nothing";
  if (says("drupal") && says("entra")) return byAuthority(given, windows);
  const source = (["drupal", "entra"] as const).find(says);
  if (source !== undefined) return writeRow(otherSystem(source), changedIn(source), given);
  const emptied = (["drupal", "entra"] as const).find((system) => isEmpty(mapped.held[system]));
  return emptied === undefined
    ? byAuthority(given, windows)
    : leaveRow(mapped, "kept", emptyKept(emptied));
}

function bothReadable(mapped: MappedRow, memory: RowMemory, context: RowContext): RowOutcome {
  const prints = {
    drupal: printOf("drupal", mapped, memory),
    entra: printOf("entra", mapped, memory),
  };
  const { drupal, entra } = prints;
  if (drupal === null || entra === null) {
    const blind = drupal === null ? "drupal" : "entra";
    return leaveRow(mapped, "unreadable", unreadable(blind, memory));
  }
  const given: RowCase = { mapped, memory, prints: { drupal, entra }, context };
  if (mapped.row.flow === "both") return bothWays(given);
  return oneWay(mapped.row.flow === "drupalToEntra" ? "entra" : "drupal", given);
}

// For people who read the explanation; what is decided looks at the prints itself.
function movedSince(mapped: MappedRow, memory: RowMemory): Moved {
  const { base } = memory;
  if (base === undefined) return "neverAgreed";
  const drupal = printOf("drupal", mapped, memory);
  const entra = printOf("entra", mapped, memory);
  if (drupal === null || entra === null) return "unknown";
  if (drupal === base.drupal) return entra === base.entra ? "neither" : "entra";
  return entra === base.entra ? "drupal" : "both";
}

function decideRow(read: MappedRow, memory: RowMemory, context: RowContext): RowOutcome {
  const stale: Wanted = { kind: "unreadable" };
  const mapped = memory.isLagging ? { ...read, asks: { ...read.asks, entra: stale } } : read;
  const { row, held, asks } = mapped;
  if (row.flow === "both") return bothReadable(mapped, memory, context);
  const target = row.flow === "drupalToEntra" ? "entra" : "drupal";
  const source = otherSystem(target);
  const asked = asks[source];
  if (!context.open[row.flow]) {
    const reason = because("directionOff", `${row.flow} does not serve the user`);
    return leaveRow(mapped, "off", reason);
  }
  if (asked.kind === "fault") return leaveRow(mapped, "failed", asked.fault);
  if (asked.kind === "nothing") return leaveRow(mapped, "kept", emptyKept(source));
  if (!held[target].readable) return leaveRow(mapped, "unreadable", unreadable(target, memory));
  return bothReadable(mapped, memory, context);
}

/** What becomes of a row, and which side has moved. */
export interface DecidedRow extends RowOutcome {
  readonly decision: AttributeDecision;
}

/**
 * Decides one row. Total; the reason is there whatever is decided. A direction that is closed is not written, and decides
 * nothing about whose value counts: what would flow in it waits.
 */
export function mergeRow(read: MappedRow, memory: RowMemory, context: RowContext): DecidedRow {
  const outcome = decideRow(read, memory, context);
  return { ...outcome, decision: { ...outcome.decision, moved: movedSince(read, memory) } };
}
