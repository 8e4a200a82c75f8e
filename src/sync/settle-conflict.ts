// An operator settles an open conflict: the decision is kept in the link, for just the values that the operator saw, and the
// user is provisioned again by it.
import { isAbout } from "../rules/conflicts.ts";
import type { System } from "../rules/users.ts";
import { holdLink } from "./hold-link.ts";
import type { LinkStore, Surroundings } from "./ports.ts";

// An operator waits for the answer.
const PATIENCE_MS = 5000;

/** What the operator decided. */
export interface Decision {
  readonly drupalUuid: string;
  /** The row's key, or the name of one of its ends. */
  readonly attribute: string;
  readonly take: System;
  readonly actor: string;
  /** The conflict's `openedAt`, where the operator was shown one: another conflict of the row is not settled by it. */
  readonly openedAt?: string | undefined;
}

/** `unknown`: no such link or no open conflict; `moved`: the conflict is about other values now. */
export type Settled = { readonly kind: "settled" | "unknown" | "moved" };

/** Keeps the decision. Idempotent. ConcurrencyError while a worker holds the user. */
export async function settleConflict(
  decision: Decision,
  ports: Surroundings & { readonly links: LinkStore },
): Promise<Settled> {
  const { drupalUuid, attribute, take, actor, openedAt } = decision;
  if ((await ports.links.get(drupalUuid)) === null) return { kind: "unknown" };
  const held = await holdLink(drupalUuid, ports, PATIENCE_MS);
  const found = Object.entries(held.link.conflicts).find(([key, { drupal, entra }]) =>
    [key, drupal, entra].includes(attribute),
  );
  if (found === undefined || (openedAt !== undefined && found[1].openedAt !== openedAt)) {
    await held.release();
    return { kind: found === undefined ? "unknown" : "moved" };
  }
  const [key, { prints }] = found;
  const known = held.link.settled[key];
  if (known === undefined || known.take !== take || !isAbout(known, prints)) {
    const at = ports.now().toISOString();
    const settled = { ...held.link.settled, [key]: { take, prints, actor, at } };
    // What was counted as ping-pong before the decision does not count against it.
    held.note({ settled, flips: { ...held.link.flips, [key]: [] } });
  }
  await held.release();
  return { kind: "settled" };
}
