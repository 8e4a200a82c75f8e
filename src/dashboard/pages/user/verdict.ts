// One sentence on why a user is as they are, and one on what comes next: from the app's own reason and plan.
import type { UserAnswer } from "../../ask/contract.ts";
import { codeWords } from "../../parts/code-words.ts";
import { counted, systemName } from "../../parts/words.ts";
import { writeText } from "./write-text.ts";

/** The sentences. */
export interface Verdict {
  readonly tone: "good" | "warn" | "bad" | "busy" | "plain";
  readonly title: string;
  /** The reason as the app gives it. */
  readonly why: { readonly code: string; readonly message: string };
  readonly next: string;
}

type Told = Omit<Verdict, "why"> & Partial<Pick<Verdict, "why">>;

const BY_CODE: Readonly<Record<string, Omit<Told, "why">>> = {
  alreadyInSync: {
    tone: "good",
    title: "In sync",
    next: "Both sides are as the configuration asks. The next change on either side is looked at when it comes.",
  },
  replicationPending: {
    tone: "busy",
    title: "In sync as far as is known, and Entra does not show it yet",
    next: "A read of Entra may be some minutes behind a write. Nothing is written twice for it, and it is looked at again by itself.",
  },
  deleteWaits: {
    tone: "warn",
    title: "Disabled, and a delete is due",
    next: "Who comes back before then is enabled again, and nothing is deleted.",
  },
  blockedByUs: {
    tone: "warn",
    title: "Disabled by the sync",
    next: "It stays so until the direction that would lift the block serves the user again.",
  },
  disabledElsewhere: {
    tone: "plain",
    title: "Disabled on one side, by its own people",
    next: "The sync lifts only blocks of its own: whoever disabled the account enables it again.",
  },
  directionOff: {
    tone: "plain",
    title: "Not served: the direction is off",
    next: "Nothing happens until the direction is switched on in the mapping.",
  },
  outOfScope: {
    tone: "plain",
    title: "Not served: out of scope",
    next: "Nothing happens until the user, or the scope in the mapping, changes.",
  },
  scopeUnknown: {
    tone: "warn",
    title: "Not served for now: the scope cannot be told",
    next: "Nothing follows from that. It is looked at again when the groups are known.",
  },
  matchUnproven: {
    tone: "warn",
    title: "Waits for someone to join two accounts",
    next: "Look at both accounts. If they are the same person's, join them here.",
  },
  takenApart: {
    tone: "plain",
    title: "Taken apart by an operator",
    next: "The two stay apart until an operator joins them again.",
  },
  goneOnBothSides: {
    tone: "plain",
    title: "Gone on both sides",
    next: "Nothing more happens. The history below stays.",
  },
  entraUserPurged: {
    tone: "warn",
    title: "The Entra account is gone for good",
    next: "Unlink the user, and the next look makes a new account.",
  },
  entraUserDeleted: {
    tone: "warn",
    title: "The Entra account was deleted",
    next: "Unlink the user, and the next look makes a new account.",
  },
  drupalUserDeleted: {
    tone: "warn",
    title: "The Drupal account was deleted",
    next: "It is made again when an operator presses Sync now.",
  },
  onPremisesSynced: {
    tone: "plain",
    title: "Mastered on-premises",
    next: "Entra refuses writes to such accounts. What it says goes to Drupal all the same.",
  },
};

const PROTECTED = ["protectedAccount", "privilegedAccount", "guestAccount"];

const IN_GENERAL: Omit<Told, "why"> = {
  tone: "plain",
  title: "Nothing is to be written",
  next: "The user is looked at again when one of the two sides changes.",
};

const LEFT_ALONE: Omit<Told, "why"> = {
  tone: "plain",
  title: "Left alone on purpose",
  next: "The sync never touches such accounts. What is protected is said in the mapping.",
};

const WHO_IT_IS: Omit<Told, "why"> = {
  tone: "warn",
  title: "It cannot be told who belongs to whom",
  next: "Nothing is written until one pair is left, or an operator joins the right two.",
};

function escrowed({ escrow }: UserAnswer): Told | null {
  if (escrow === undefined || escrow === null) return null;
  const { system, reason, attempts, nextAt } = escrow;
  return {
    tone: "bad",
    title: `${systemName(system)} refused it, and the user waits in escrow`,
    why: reason,
    next:
      nextAt === null
        ? "It is not tried again by itself. Mend the cause, then press Sync now."
        : `Refused ${counted(attempts, "time")} so far, and tried again at ${nextAt}. Mend the cause, then press Sync now to try at once.`,
  };
}

function waiting({ explanation }: UserAnswer): Told | null {
  const open = explanation?.processing.conflicts.length ?? 0;
  if (explanation === null || open === 0) return null;
  const writes = explanation.export.steps.length;
  const [first] = explanation.processing.conflicts;
  const names = [first?.drupal, first?.entra].filter((name) => name !== null && name !== undefined);
  return {
    tone: "warn",
    title: `${counted(open, "attribute")} ${open === 1 ? "waits" : "wait"} for your decision`,
    ...(first === undefined
      ? {}
      : { why: { code: first.code, message: `${names.join(" ↔ ")}: ${first.message}` } }),
    next:
      writes === 0
        ? "Until then both sides keep what they have. Everything else goes on."
        : "Until then both sides keep what they have. Everything else goes on: see the steps below.",
  };
}

function planned({ explanation, reason }: UserAnswer): Told | null {
  if (explanation === null) return null;
  const { steps, harm } = explanation.export;
  const [first] = steps;
  if (first === undefined) return null;
  const [second, ...others] = steps.slice(1).map((step) => writeText(step, "planned"));
  const more =
    second === undefined
      ? ""
      : others.length === 0
        ? `, and ${second.slice(0, 1).toLowerCase()}${second.slice(1)}`
        : `, and ${counted(steps.length - 1, "more write")}`;
  // "The sides differ" says no more than the plan does: the rules behind its values tell why.
  const rules = [...new Set(steps.flatMap(({ changes }) => changes.map(({ why }) => why)))];
  const isBare = reason.code === "differs" && rules[0] !== undefined;
  const takesAway = harm.disables + harm.deletes + harm.roleRemovals > 0;
  return {
    tone: takesAway ? "warn" : "busy",
    title: `${writeText(first, "planned")}${more}`,
    ...(isBare
      ? { why: { code: rules.join(", "), message: rules.map(codeWords).join(", ") } }
      : {}),
    next: takesAway
      ? "The next event does it, and so does Sync now. A cycle that takes more away than the thresholds let pass holds it for an approval."
      : "The next event or cycle does it; Sync now does it at once.",
  };
}

function failing({ explanation }: UserAnswer): Told | null {
  const [first, ...others] = explanation?.processing.failures ?? [];
  if (first === undefined) return null;
  const count = others.length + 1;
  return {
    tone: "warn",
    title: `${counted(count, "attribute")} cannot be written`,
    why: { code: first.code, message: `${first.attribute}: ${first.message}` },
    next: "The others are as they should be. Mend the value, or the row of the mapping.",
  };
}

/** What stands at the head of a user's page. */
export function verdictOf(answer: UserAnswer): Verdict {
  const { reason, explanation } = answer;
  const told =
    escrowed(answer) ??
    (explanation === null ? WHO_IT_IS : null) ??
    waiting(answer) ??
    planned(answer) ??
    failing(answer) ??
    (PROTECTED.includes(reason.code) ? LEFT_ALONE : null) ??
    (explanation?.matching.reason.code === reason.code ? WHO_IT_IS : null) ??
    BY_CODE[reason.code] ??
    IN_GENERAL;
  return { why: reason, ...told };
}
