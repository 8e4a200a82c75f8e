// Reserves an Entra account for one Drupal user, or undoes the link that wanted it.
import { AlreadyExistsError } from "../rules/errors.ts";
import type { HeldLink } from "./hold-link.ts";
import type { LinkStore } from "./ports.ts";

/**
 * Claims the link's Entra account for its Drupal user. When another user holds it, the link is as if it had never been
 * joined, and AlreadyExistsError is thrown: read again, match again. Idempotent.
 */
export async function reserve(
  held: HeldLink,
  takesOverFrom: string | null,
  ports: { readonly links: LinkStore },
): Promise<void> {
  const { entraObjectId, drupalUuid } = held.link;
  if (entraObjectId === null) throw new Error("nothing to reserve");
  try {
    await ports.links.claim(entraObjectId, drupalUuid, takesOverFrom ?? undefined);
  } catch (error) {
    if (error instanceof AlreadyExistsError) {
      const unlinked = {
        entraObjectId: null,
        linkedAt: null,
        createdByUs: false,
        disabledByUs: false,
      };
      held.note({ ...unlinked, pending: null });
    }
    throw error;
  }
}
