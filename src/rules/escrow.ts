// Escrow: one user waiting to be retried, when that is due, and how many wait for the same cause.
import type { FailingSystem } from "./errors.ts";
import type { Reason } from "./plan.ts";

const HOUR_MS = 3_600_000;
// After 4 weeks a refusal is not going to change by itself (as in Entra's own provisioning).
const ENDS_AFTER_MS = 28 * 24 * HOUR_MS;
const DELAYS_MS = [HOUR_MS, 6 * HOUR_MS, 12 * HOUR_MS];

/** A user that waits to be retried. All times are ISO 8601 in UTC with milliseconds: they sort as texts. */
export interface EscrowEntry {
  /** The row's key: the Drupal UUID, or the one that an Entra user without link would get. */
  readonly drupalUuid: string;
  /** Whom the request named, where it named an Entra user without link. */
  readonly entraObjectId: string | null;
  readonly system: FailingSystem;
  readonly reason: Reason;
  /** How often the user was refused in a row, and since when. */
  readonly attempts: number;
  readonly since: string;
  /** The latest refusal: a return that carries another time is void. */
  readonly at: string;
  /** When the return is due; null: it ended after four weeks, and only an event or an operator looks again. */
  readonly nextAt: string | null;
}

/** What a listing of escrow is narrowed to. */
export interface EscrowFilter {
  readonly code?: string | undefined;
  readonly system?: FailingSystem | undefined;
}

/** Users who wait for the same cause. */
export interface EscrowGroup {
  readonly system: FailingSystem;
  readonly code: string;
  /** Of the latest refusal among them. */
  readonly message: string;
  readonly users: number;
  /** Since when the first of them waits. */
  readonly oldest: string;
  /** When the next of them returns; null when none does. */
  readonly nextAt: string | null;
}

/** How long a user waits who was refused at `at`, the `attempts`th time since `since`; null: no longer. */
export function returnDelayMs(attempts: number, since: string, at: string): number | null {
  if (Date.parse(at) - Date.parse(since) >= ENDS_AFTER_MS) return null;
  return DELAYS_MS[attempts - 1] ?? 24 * HOUR_MS;
}

const earlier = (a: string | null, b: string | null): string | null =>
  a === null || (b !== null && b < a) ? b : a;

type Counted = EscrowGroup & { readonly at: string };

function counted(known: Counted | undefined, entry: EscrowEntry): Counted {
  const { system, reason, since, at, nextAt } = entry;
  const { code, message } = reason;
  if (known === undefined) return { system, code, message, users: 1, oldest: since, nextAt, at };
  return {
    ...known,
    users: known.users + 1,
    oldest: since < known.oldest ? since : known.oldest,
    nextAt: earlier(known.nextAt, nextAt),
    ...(at > known.at ? { message, at } : {}),
  };
}

/** The entries by system and code, the most frequent cause first. */
export async function groupsOf(entries: AsyncIterable<EscrowEntry>): Promise<EscrowGroup[]> {
  const groups = new Map<string, Counted>();
  for await (const entry of entries) {
    const key = `${entry.system} ${entry.reason.code}`;
    groups.set(key, counted(groups.get(key), entry));
  }
  return [...groups.values()]
    .toSorted((a, b) => b.users - a.users || a.code.localeCompare(b.code))
    .map(({ at: _at, ...group }) => group);
}
