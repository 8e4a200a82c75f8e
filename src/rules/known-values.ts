// What Entra was last known to hold. A read may show an older value for some minutes (Microsoft: "Designing for eventual
// consistency for Microsoft Entra"): then what we wrote, or saw later, is the better knowledge.
import { entraPrint } from "./field-types.ts";
import type { Change } from "./plan.ts";
import type { EntraUser } from "./users.ts";

/** The last known value of one property, as fingerprints. */
export interface KnownValue {
  /** ISO 8601, when we wrote it or first saw it. */
  readonly at: string;
  /** ISO 8601, when a read first showed it; null for a write that no read has shown yet. */
  readonly seenAt: string | null;
  readonly print: string;
  /** Earlier values that a read may still show. */
  readonly before: readonly string[];
}

/** By property; `accountEnabled` included. */
export type KnownValues = Readonly<Record<string, KnownValue>>;

/** For how long a read may lag behind a write, or a new account be missing from reads. */
export const REPLICATION_WINDOW_MS = 10 * 60_000;
/** Once one read showed a value, all are taken to show it after this time. */
export const SEEN_WINDOW_MS = 60_000;
/** So soon after a value was first seen, another that was never seen may be one from between: it waits. */
export const NEWS_WINDOW_MS = 15_000;
const MAX_BEFORE = 8;

/** The time until which an earlier value counts as lag. */
function lagEndsAt({ at, seenAt }: KnownValue): number {
  const written = Date.parse(at) + REPLICATION_WINDOW_MS;
  return seenAt === null ? written : Math.min(written, Date.parse(seenAt) + SEEN_WINDOW_MS);
}

const newsFrom = ({ seenAt }: KnownValue): number =>
  seenAt === null ? 0 : Date.parse(seenAt) + NEWS_WINDOW_MS;

const earlier = (known: KnownValue | undefined, now: Date): readonly string[] => {
  if (known === undefined) return [];
  return lagEndsAt(known) > now.getTime() ? [...known.before, known.print] : [known.print];
};

const next = (
  known: KnownValue | undefined,
  print: string,
  before: readonly string[],
  seenAt: string | null,
  now: Date,
): KnownValue => ({
  at: now.toISOString(),
  seenAt,
  print,
  before: [...new Set([...earlier(known, now), ...before])]
    .filter((value) => value !== print)
    .slice(-MAX_BEFORE),
});

/** A write of one property, as fingerprints. */
export interface WrittenPrint {
  readonly attribute: string;
  readonly over: string;
  readonly after: string;
}

/** What is known once these writes were found to have been accepted by Entra. */
export function rememberPrints(
  known: KnownValues,
  writes: readonly WrittenPrint[],
  now: Date,
): KnownValues {
  const written = writes.map(
    ({ attribute, over, after }) =>
      [attribute, next(known[attribute], after, [over], null, now)] as const,
  );
  return { ...known, ...Object.fromEntries(written) };
}

/** What is known once these changes were accepted by Entra. */
export function rememberWrites(
  known: KnownValues,
  changes: readonly Change[],
  now: Date,
): KnownValues {
  const writes = changes.map(({ attribute, before, after }) => ({
    attribute,
    over: entraPrint(attribute, before),
    after: entraPrint(attribute, after),
  }));
  return rememberPrints(known, writes, now);
}

/** What a read of Entra shows and hides. */
export interface Look {
  readonly known: KnownValues;
  /** The properties of which the read shows an older value than is known, each with what is known. */
  readonly hidden: Readonly<Record<string, string>>;
  /** ISO 8601, when the last of the hidden values will be believed; null when nothing is hidden. */
  readonly believedAt: string | null;
}

/** Looks at a user as read: an older value than the known one is lag for a while; any other is news
 * that waits for as long as it may be older, too. `askedAt` is when the read was sent: what it shows is as old as that, however
 * long the answer took. */
export function lookAt(known: KnownValues, entra: EntraUser, now: Date, askedAt = now): Look {
  const shown = { ...entra.attributes, accountEnabled: entra.enabled };
  const sights = Object.entries(shown).map(
    ([attribute, value]) =>
      [attribute, sightOf(known[attribute], entraPrint(attribute, value), now, askedAt)] as const,
  );
  const hidden = sights.filter(([, { hiddenUntil }]) => hiddenUntil > 0);
  const believedMs = Math.max(0, ...hidden.map(([, { hiddenUntil }]) => hiddenUntil));
  return {
    known: { ...known, ...Object.fromEntries(sights.map(([name, { value }]) => [name, value])) },
    hidden: Object.fromEntries(hidden.map(([name, { value }]) => [name, value.print])),
    believedAt: believedMs === 0 ? null : new Date(believedMs).toISOString(),
  };
}

/** What is known after one property was seen as `print`; `hiddenUntil` is 0 where that is believed. */
function sightOf(
  last: KnownValue | undefined,
  print: string,
  now: Date,
  askedAt: Date,
): { readonly value: KnownValue; readonly hiddenUntil: number } {
  const at = now.toISOString();
  if (last === undefined) return { value: { at, seenAt: at, print, before: [] }, hiddenUntil: 0 };
  if (last.print === print)
    return { value: { ...last, seenAt: last.seenAt ?? at }, hiddenUntil: 0 };
  const endsAt = last.before.includes(print) ? lagEndsAt(last) : newsFrom(last);
  return endsAt > askedAt.getTime()
    ? { value: last, hiddenUntil: endsAt }
    : { value: next(last, print, [], at, now), hiddenUntil: 0 };
}
