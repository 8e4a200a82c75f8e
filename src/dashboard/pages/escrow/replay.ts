// Orders a replay of users in escrow, after a question where it is for many.
import { send } from "../../ask/ask.ts";
import { confirmed } from "../../parts/confirm.tsx";
import { counted } from "../../parts/words.ts";

/** What POST escrow/replay takes. */
export type ReplayOrder =
  | { readonly drupalUuid: string }
  | { readonly code: string; readonly system: string }
  | { readonly all: true };

/** Orders it; answers how many were asked for, or null where the person thought better of it. */
export async function replay(order: ReplayOrder, users: number): Promise<number | null> {
  const isForMany = !("drupalUuid" in order) && users > 1;
  const isAgreed =
    !isForMany ||
    (await confirmed({
      title: `Replay ${counted(users, "user")}?`,
      text:
        "Each of them is looked at and written again now. A look that would take something away from its user " +
        "writes nothing: the next cycle counts it, and asks where it must. Mend the cause first, or they come back here.",
      does: "Replay",
    }));
  if (!isAgreed) return null;
  const { body } = await send<{ readonly replayed: number }>("POST", "escrow/replay", order);
  return body.replayed;
}
