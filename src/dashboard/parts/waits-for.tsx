// What a cycle waits for, in words.
import type { CycleAnswer } from "../ask/contract.ts";
import { Ago } from "./time.tsx";
import { counted } from "./words.ts";

/** What the plan takes away from people, such as "31 users would be disabled". */
export function harmText({ harm }: Pick<CycleAnswer, "harm">): string {
  const parts = [
    harm.disables > 0 ? `${counted(harm.disables, "user")} would be disabled` : null,
    harm.deletes > 0 ? `${counted(harm.deletes, "user")} would be deleted` : null,
    harm.roleRemovals > 0 ? `${counted(harm.roleRemovals, "user")} would lose a role` : null,
  ].filter((part) => part !== null);
  return parts.join(", ");
}

/** Until when someone's word is waited for, such as "expires in 6 days". */
export function Expires({ at }: { readonly at: string }) {
  return (
    <>
      expires <Ago at={at} />
    </>
  );
}

/** One line on what a waiting cycle waits for; nothing for others. */
export function WaitsFor({ cycle }: { readonly cycle: CycleAnswer }) {
  const { waitsFor } = cycle;
  switch (waitsFor?.kind) {
    case "approval":
      return (
        <>
          Waits for an approval: {harmText(cycle) || "its plan is to be looked at"};{" "}
          <Expires at={waitsFor.expiresAt} />.
        </>
      );
    case "canary":
      return (
        <>
          The first users are written. It goes on when someone has looked, and{" "}
          <Expires at={waitsFor.expiresAt} />.
        </>
      );
    case "time":
      return (
        <>
          Goes on by itself <Ago at={waitsFor.until} />.
        </>
      );
    default:
      return null;
  }
}
