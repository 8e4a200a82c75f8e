// Whether an undo lasts: the normal decision on the user as the undo would leave them, and which of the undone it writes again.
import type { LinkFacts } from "./link.ts";
import { linkAfter } from "./link-after.ts";
import { decide } from "./merge.ts";
import { PATIENCE } from "./ping-pong.ts";
import type { Change, Step } from "./plan.ts";
import { drupalAfter, entraAfter } from "./rest.ts";
import type { Situation } from "./situation.ts";
import type { EntraUser } from "./users.ts";

// An account that comes back is not read before it is back: only its state is judged.
const restored = ({ link }: Situation): EntraUser => ({
  objectId: link.entraObjectId ?? "",
  userPrincipalName: "",
  enabled: link.blocks.entra === "none",
  userType: "Member",
  onPremisesSynced: false,
  attributes: {},
});

function situationAfter(steps: readonly Step[], facts: LinkFacts, situation: Situation): Situation {
  const { drupal, now } = situation;
  const isBack = steps.some(({ operation }) => operation === "restore");
  const entra = isBack ? restored(situation) : situation.entra;
  const written = new Set(
    steps
      .filter(({ system }) => system === "entra")
      .flatMap(({ changes }) => changes.map(({ attribute }) => attribute)),
  );
  const hidden = Object.entries(situation.hidden).filter(([name]) => !written.has(name));
  const link = steps.reduce(
    (known, { operation, system, changes: [change] }) => {
      const role = change?.after ?? change?.before;
      return linkAfter(
        known,
        { operation, system, name: typeof role === "string" ? role : null },
        now,
      );
    },
    { ...situation.link, ...facts },
  );
  return {
    ...situation,
    drupal: drupal === null ? null : drupalAfter(drupal, steps),
    entra: entra === null ? null : entraAfter(entra, steps),
    isInBin: situation.isInBin && !isBack,
    link,
    hidden: Object.fromEntries(hidden),
    uncertain: new Set(),
    patience: PATIENCE.person,
    byOperator: false,
    notifiedAt: null,
  };
}

const roleOf = ({ before, after }: Change) => after ?? before;

function isWrittenBy(next: Step, { system, resource }: Step, change: Change | null): boolean {
  if (next.system !== system) return false;
  if (next.operation === "delete") return true;
  if (change === null) return next.operation === "disable";
  return next.changes.some((one) =>
    resource === "role"
      ? next.resource === "role" && roleOf(one) === roleOf(change)
      : one.attribute === change.attribute,
  );
}

/** The changes, and the steps without one, that the next look would write over. */
export function writtenAgain(
  steps: readonly Step[],
  facts: LinkFacts,
  situation: Situation,
): ReadonlySet<Change | Step> {
  if (steps.length === 0) return new Set();
  const next = decide(situationAfter(steps, facts, situation)).steps;
  const isAgain = (step: Step, change: Change | null) =>
    next.some((one) => isWrittenBy(one, step, change));
  return new Set(
    steps.flatMap((step): readonly (Change | Step)[] =>
      step.changes.length > 0
        ? step.changes.filter((change) => isAgain(step, change))
        : isAgain(step, null)
          ? [step]
          : [],
    ),
  );
}
