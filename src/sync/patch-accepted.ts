// Writes attributes so that one bad value does not hold the user back: what the target refuses by name is left out and the
// rest tried again.
import { AlreadyExistsError, ConcurrencyError, RejectedError } from "../rules/errors.ts";
import type { AttributeFailure, Change } from "../rules/plan.ts";
import type { Attributes } from "../rules/users.ts";
import type { HeldLink } from "./hold-link.ts";

/** The values of some changes by attribute. */
export const valuesOf = (changes: readonly Change[]): Attributes =>
  Object.fromEntries(changes.map((change) => [change.attribute, change.after]));

/** The values without one of them. */
export const without = (values: Attributes, attribute: string): Attributes =>
  Object.fromEntries(Object.entries(values).filter(([name]) => name !== attribute));

type Refusal = RejectedError | AlreadyExistsError;

const isRefusal = (error: unknown): error is Refusal =>
  error instanceof RejectedError || error instanceof AlreadyExistsError;

const failureOf = ({ attribute }: Change, { code, message }: Refusal): AttributeFailure => ({
  attribute,
  code,
  message,
});

// Refused without a name: each is tried alone. A refusal of every one is about the account, and none's own failure. Where the
// time runs out over it, the rest waits for the return from escrow: another look at once would come no further.
async function patchOneByOne(
  changes: readonly Change[],
  held: HeldLink,
  patch: (values: Attributes) => Promise<void>,
): Promise<AttributeFailure[]> {
  let isLate = false;
  const refusals: { readonly change: Change; readonly error: Refusal }[] = [];
  for (const change of changes) {
    try {
      await held.save({});
      held.assertHeld();
      await patch(valuesOf([change]));
    } catch (error) {
      isLate = error instanceof ConcurrencyError && refusals.length > 0;
      if (isLate) break;
      if (!isRefusal(error)) throw error;
      refusals.push({ change, error });
    }
  }
  const [first] = refusals;
  const isOver = first !== undefined && (isLate || refusals.length === changes.length);
  if (isOver) throw first.error;
  return refusals.map(({ change, error }) => failureOf(change, error));
}

/** Patches in one request, and again without each attribute that is refused; the lease is renewed before each repetition.
 * Answers what was refused. Throws the refusal when nothing at all is accepted and no attribute is named. */
export async function patchAccepted(
  changes: readonly Change[],
  held: HeldLink,
  patch: (values: Attributes) => Promise<void>,
): Promise<AttributeFailure[]> {
  const failures: AttributeFailure[] = [];
  let rest = [...changes];
  while (rest.length > 0) {
    try {
      held.assertHeld();
      await patch(valuesOf(rest));
      break;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const isCulprit = ({ attribute }: Change) =>
        attribute === error.attribute || rest.length === 1;
      const culprits = rest.filter(isCulprit);
      if (culprits.length === 0) return [...failures, ...(await patchOneByOne(rest, held, patch))];
      failures.push(...culprits.map((change) => failureOf(change, error)));
      rest = rest.filter((change) => !culprits.includes(change));
      if (rest.length > 0) await held.save({});
    }
  }
  return failures;
}
