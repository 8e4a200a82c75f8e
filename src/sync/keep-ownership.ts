// Before an account is touched: is it still ours? The reservation decides, whatever the link remembers.
import { unlinked } from "../rules/link.ts";
import type { HeldLink } from "./hold-link.ts";
import type { LinkStore } from "./ports.ts";

/**
 * Makes link and reservation agree. `holder` is who holds the link's Entra account now. Nobody: a reservation that was
 * interrupted is made. Another: the account was taken over, and the link is as if it had never been joined; a link that
 * was itself about to take over from that other goes on. Answers whether the link still joins its account.
 */
export async function keepOwnership(
  held: HeldLink,
  holder: string | null,
  ports: { readonly links: LinkStore },
): Promise<boolean> {
  const { entraObjectId, drupalUuid, pending } = held.link;
  if (entraObjectId === null) return false;
  if (holder === drupalUuid) return true;
  const takesOver = pending?.operation === "link" && pending.takesOverFrom === holder;
  if (holder === null || takesOver) {
    await ports.links.claim(entraObjectId, drupalUuid, holder ?? undefined);
    return true;
  }
  held.note(unlinked(held.link));
  return false;
}
