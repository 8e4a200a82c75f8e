// The reading of a preview: everyone of Drupal, then those of Entra whom Drupal has not shown. Nobody is passed over for being as
// last agreed: another configuration may want something else. Nothing of it is kept as a listing, and nobody is taken for gone.
import type { Nomination } from "../rules/cycle.ts";
import { TransientError } from "../rules/errors.ts";
import type { CyclePorts, FeedPage } from "./cycle-ports.ts";
import { GO, type Slice, type StepResult } from "./cycle-step.ts";
import type { HeldCycle } from "./hold-cycle.ts";
import { nominate } from "./nominate.ts";
import { idOf, nominationOf, readOrWait, sourceOf } from "./read-feed.ts";

const keyOf = ({ drupalUuid, entraObjectId }: Nomination): string =>
  (drupalUuid ?? entraObjectId ?? "").toLowerCase();

/** The ids under which a cycle has nominated users so far, read from its pages. */
export async function nominatedIds(
  { cycle }: HeldCycle,
  { cycles }: Pick<CyclePorts, "cycles">,
): Promise<Set<string>> {
  const ids = new Set(cycle.buffer.map(keyOf));
  for (let page = 0; page < cycle.nominated.pages; page += 1) {
    const nominations = await cycles.nominations(cycle.id, page);
    for (const one of nominations?.users ?? []) ids.add(keyOf(one));
  }
  return ids;
}

/** Who of a page was not nominated before, by their keys. */
async function newIn(
  page: FeedPage,
  held: HeldCycle,
  slice: Slice,
): Promise<ReadonlyMap<string, Nomination>> {
  const system = sourceOf(held.cycle.reading.feed);
  const index = await slice.index();
  const known = await slice.nominated();
  const ids = [...page.users.map(idOf), ...page.hints];
  return new Map(
    ids
      .map((id) => nominationOf(system, id, index))
      .map((one) => [keyOf(one), one] as const)
      .filter(([key]) => !known.has(key)),
  );
}

async function readPage(held: HeldCycle, slice: Slice, ports: CyclePorts): Promise<StepResult> {
  const { reading } = held.cycle;
  const feed = ports.feeds[reading.feed];
  const position = reading.position ?? (await feed.begin(null, slice.configuration));
  const page = await feed.page(position, slice.configuration);
  if (page === "expired") {
    // Whoever was nominated is known, and is not nominated again.
    await held.save({ reading: { ...reading, position: null } });
    const options = { system: sourceOf(reading.feed), code: "listingExpired" } as const;
    throw new TransientError("the listing was forgotten on its way: it is read again", options);
  }
  const fresh = await newIn(page, held, slice);
  const nominated = await nominate(held, [...fresh.values()], "nobody", ports);
  const isOver = page.next === null;
  const isLast = reading.feed !== held.cycle.direction;
  const other = held.cycle.direction === "drupalToEntra" ? "entraToDrupal" : "drupalToEntra";
  await held.save({
    ...nominated,
    reading: {
      ...reading,
      feed: isOver && !isLast ? other : reading.feed,
      position: page.next,
      isDone: isOver && isLast,
      pages: reading.pages + 1,
      users: reading.users + page.users.length,
      failures: 0,
    },
    phaseUsers: held.cycle.phaseUsers + page.users.length,
  });
  const known = await slice.nominated();
  for (const key of fresh.keys()) known.add(key);
  return GO;
}

/** Reads the next page of a preview. */
export const readEveryone = (
  held: HeldCycle,
  slice: Slice,
  ports: CyclePorts,
): Promise<StepResult> => readOrWait(held, ports, () => readPage(held, slice, ports));
