// The merge of all rows of one user: the steps for both sides, and what the link learns.
import { mapRows, type Sides } from "./attribute-mapping.ts";
import type { AttributeRow } from "./attribute-row.ts";
import type { OpenConflict } from "./conflicts.ts";
import { compileExpression } from "./expressions.ts";
import type { BasePair, Link, LinkFacts } from "./link.ts";
import { type DecidedRow, mergeRow } from "./merge-attribute.ts";
import type { SeenWindows } from "./newest.ts";
import type { AttributeDecision, AttributeFailure, Change, Learned } from "./plan.ts";
import { type RowContext, shownRow } from "./row-outcome.ts";
import type { Situation } from "./situation.ts";
import {
  type Direction,
  type DrupalUser,
  directionTo,
  type EntraUser,
  otherSystem,
  type System,
} from "./users.ts";

/** What the rows come to. */
export interface MergedRows {
  readonly updates: Readonly<Record<System, Change[]>>;
  readonly failures: AttributeFailure[];
  readonly agreed: Record<string, BasePair>;
  readonly learned: Record<string, Learned>;
  readonly decisions: AttributeDecision[];
  readonly facts: LinkFacts;
}

/** The name under which a plan keeps what is learned of a target. */
export const targetKey = (system: System, attribute: string): string => `${system}.${attribute}`;

const writesOf = (outcomes: readonly DecidedRow[]): string =>
  JSON.stringify(outcomes.map(({ decision }) => decision.change ?? null));

function usersAfter(
  { drupal, entra }: { readonly drupal: DrupalUser; readonly entra: EntraUser },
  outcomes: readonly DecidedRow[],
): Sides {
  const written = (verdict: "toDrupal" | "toEntra") =>
    Object.fromEntries(
      outcomes.flatMap(({ decision: { change, ...decision } }) =>
        change !== undefined && decision.verdict === verdict
          ? [[change.attribute, change.after]]
          : [],
      ),
    );
  return {
    drupal: { ...drupal, attributes: { ...drupal.attributes, ...written("toDrupal") } },
    entra: { ...entra, attributes: { ...entra.attributes, ...written("toEntra") } },
  };
}

/** Merges every row for two users that are, or are about to be, linked. */
export function mergeRows(
  drupal: DrupalUser,
  entra: EntraUser,
  open: Readonly<Record<Direction, boolean>>,
  situation: Situation,
): MergedRows {
  const { link, configuration, references, hidden, uncertain, now, patience, predecessor } =
    situation;
  const isTakenOver = predecessor?.madeByUs.entra === true;
  const context: RowContext = {
    open,
    isOwn: { drupal: link.madeByUs.drupal, entra: link.madeByUs.entra || isTakenOver },
    noticedAt: {
      drupal: drupal.changedAt,
      entra: situation.notifiedAt ?? now.toISOString(),
    },
    patience,
    now,
  };
  const held = { drupal, entra };
  const decideFrom = (sources: Sides): DecidedRow[] =>
    mapRows(held, sources, configuration, references).map((mapped) => {
      const { row, key } = mapped;
      const compiled = row.kind === "expression" ? compileExpression(row.expression) : null;
      const read = compiled?.ok ? compiled.entra : [row.entra ?? ""];
      const memory = {
        base: link.base[key],
        hidden: hidden[row.entra ?? ""],
        isLagging: read.some((name) => hidden[name] !== undefined),
        isUncertain: row.entra !== undefined && uncertain.has(row.entra),
        isInterrupted: link.interrupted.includes(key),
        settlement: link.settled[key],
        conflict: link.conflicts[key],
        windows: link.windows[key],
        flips: link.flips[key] ?? [],
      };
      return mergeRow(mapped, memory, context);
    });
  // What one row writes may be another's source: rows are decided again from the users as they will be, until that changes
  // nothing. Rows cannot run in a circle (attribute-row.ts), so this ends.
  let outcomes = decideFrom(held);
  for (let round = 0; round < configuration.attributes.length; round += 1) {
    const next = decideFrom(usersAfter(held, outcomes));
    const isStable = writesOf(next) === writesOf(outcomes);
    outcomes = next;
    if (isStable) break;
  }

  const merged = collect(outcomes);
  return { ...merged, facts: rowFacts(outcomes, merged.agreed, link) };
}

function rowFacts(
  outcomes: readonly DecidedRow[],
  agreed: Readonly<Record<string, BasePair>>,
  link: Link,
): LinkFacts {
  const conflicts: Record<string, OpenConflict> = {};
  const windows: Record<string, SeenWindows> = {};
  for (const { decision, conflict, windows: seen } of outcomes) {
    if (conflict) conflicts[decision.key] = conflict;
    if (seen) windows[decision.key] = seen;
  }
  // A row that was not looked at keeps its conflict.
  const unseen = new Set(
    outcomes.flatMap(({ decision: { key, verdict } }) =>
      verdict === "unreadable" || verdict === "off" ? [key] : [],
    ),
  );
  const kept = Object.entries(link.conflicts).filter(([key]) => unseen.has(key));
  const settled = Object.entries(link.settled).filter(([key]) => agreed[key] === undefined);
  return {
    conflicts: { ...Object.fromEntries(kept), ...conflicts },
    settled: Object.fromEntries(settled),
    interrupted: link.interrupted.filter((key) => !link.base[key] && !agreed[key]),
    windows,
  };
}

function collect(outcomes: readonly DecidedRow[]): Omit<MergedRows, "facts"> {
  const updates: Record<System, Change[]> = { drupal: [], entra: [] };
  const failures: AttributeFailure[] = [];
  const agreed: Record<string, BasePair> = {};
  const learned: Record<string, Learned> = {};
  for (const outcome of outcomes) {
    const { decision } = outcome;
    if (outcome.agreed !== undefined) agreed[decision.key] = outcome.agreed;
    if (decision.verdict === "failed") {
      const attribute = decision.entra ?? decision.drupal ?? decision.key;
      failures.push({ attribute, ...decision.reason });
    }
    if (decision.change === undefined || outcome.learned === undefined) continue;
    const system = decision.verdict === "toEntra" ? "entra" : "drupal";
    updates[system].push(decision.change);
    learned[targetKey(system, decision.change.attribute)] = outcome.learned;
  }
  const decisions = outcomes.map(({ decision }) => decision);
  return { updates, failures, agreed, learned, decisions };
}

/** The first values of a new account on `target`, from the user on the other side. */
export function firstValues(
  target: System,
  sides: { readonly drupal: DrupalUser | null; readonly entra: EntraUser | null },
  situation: Situation,
): Omit<MergedRows, "facts" | "updates"> & { readonly changes: Change[] } {
  const source = otherSystem(target);
  const changes: Change[] = [];
  const failures: AttributeFailure[] = [];
  const learned: Record<string, Learned> = {};
  const decisions: AttributeDecision[] = [];
  const isServed = (flow: AttributeRow["flow"]) => flow === "both" || flow === directionTo(target);
  for (const mapped of mapRows(sides, sides, situation.configuration, situation.references)) {
    const { row, key, held } = mapped;
    const attribute = row[target];
    if (attribute === undefined || !isServed(row.flow)) continue;
    const asked = mapped.asks[source];
    const shown = { ...shownRow(mapped), moved: "neverAgreed" } as const;
    if (asked.kind === "fault") {
      failures.push({ attribute, ...asked.fault });
      decisions.push({ ...shown, verdict: "failed", reason: asked.fault });
    }
    if (asked.kind !== "value" || asked.value === null) continue;
    const why = target === "entra" ? "notInEntra" : "notInDrupal";
    const change = { attribute, before: null, after: asked.value, why };
    const sourceHeld = held[source];
    const sourcePrint =
      row.kind === "direct" && sourceHeld.readable ? sourceHeld.print : asked.print;
    const base =
      target === "entra"
        ? { drupal: sourcePrint, entra: asked.print }
        : { drupal: asked.print, entra: sourcePrint };
    changes.push(change);
    learned[targetKey(target, attribute)] = { key, base, over: asked.print };
    const reason = { code: why, message: "a first value of the new account" };
    const verdict = target === "entra" ? "toEntra" : "toDrupal";
    decisions.push({ ...shown, verdict, change, reason });
  }
  return { changes, failures, agreed: {}, learned, decisions };
}
