// The reading of a cycle: page by page, users who are as last agreed are passed over from the page itself, the others are
// nominated. What a read fails to show proves nothing (rule 5).
import { mapRows, NO_REFERENCES } from "../rules/attribute-mapping.ts";
import { type CycleReading, mayServeWhileReading, type Nomination } from "../rules/cycle.ts";
import { AccessError, SyncFailure, TransientError } from "../rules/errors.ts";
import type { Reason } from "../rules/plan.ts";
import { configurationPrint } from "../rules/rest.ts";
import type { Direction, System } from "../rules/users.ts";
import type { CyclePorts, FeedPage, FeedUser, LinkIndex, ListedUser } from "./cycle-ports.ts";
import { GO, type Slice, type StepResult } from "./cycle-step.ts";
import type { HeldCycle } from "./hold-cycle.ts";
import { nominate } from "./nominate.ts";
import { backoffMs } from "./react-to-failure.ts";
import { keepMemberships } from "./watch-memberships.ts";

const MOST_FAILURES = 5;
// As for a target's pause (rules/budget): a Retry-After with a wrong date must not keep the feed for days.
const LONGEST_WAIT_MS = 3_600_000;

/** The system whose users a feed shows. */
export const sourceOf = (direction: Direction): System =>
  direction === "drupalToEntra" ? "drupal" : "entra";

/** The id of a user on their own side. */
export const idOf = (seen: FeedUser): string =>
  seen.system === "drupal" ? seen.user.uuid : seen.user.objectId;

async function printOf(seen: FeedUser, slice: Slice): Promise<string | null> {
  if (seen.system === "drupal") return slice.prints.drupal(seen.user);
  const grants = slice.prints.needsGrants
    ? (await slice.grants())(seen.user.objectId)
    : new Set<string>();
  return slice.prints.entra(seen.user, grants);
}

/** Who is nominated under an id: by their link where there is one. */
export function nominationOf(system: System, id: string, index: LinkIndex): Nomination {
  const known = index.find(system, id);
  if (system === "drupal" || known?.isJoined === true)
    return { drupalUuid: known?.drupalUuid ?? id };
  return { entraObjectId: id };
}

async function isAtRest(seen: FeedUser, index: LinkIndex, slice: Slice): Promise<boolean> {
  const print = await printOf(seen, slice);
  if (print === null) return false;
  const known = index.find(seen.system, idOf(seen));
  const isManagerKnown = seen.system === "drupal" || seen.isManagerKnown;
  return known?.isAtRest(seen.system, print, isManagerKnown) === true;
}

function rowsOf(seen: FeedUser, { configuration }: Slice): Record<string, string> {
  const sides =
    seen.system === "drupal"
      ? { drupal: seen.user, entra: null }
      : { drupal: null, entra: seen.user };
  const mapped = mapRows(sides, sides, configuration, NO_REFERENCES);
  return Object.fromEntries(
    mapped.flatMap(({ key, held }) => {
      const own = held[seen.system];
      return own.readable ? [[key, own.print] as const] : [];
    }),
  );
}

const listed = (seen: FeedUser, rests: boolean, slice: Slice): ListedUser => ({
  id: idOf(seen),
  name: seen.system === "drupal" ? seen.user.name : seen.user.userPrincipalName,
  isEnabled: seen.user.enabled,
  ...(rests ? {} : { rows: rowsOf(seen, slice) }),
});

// Whoever was served since the index was read is asked for once more before they are nominated.
async function stillMoved(
  seen: readonly FeedUser[],
  now: LinkIndex,
  slice: Slice,
): Promise<string[]> {
  const rests = await Promise.all(seen.map((one) => isAtRest(one, now, slice)));
  return seen.filter((_, at) => rests[at] !== true).map(idOf);
}

async function takePage(
  held: HeldCycle,
  page: FeedPage,
  slice: Slice,
  ports: CyclePorts,
): Promise<void> {
  const { cycle } = held;
  const { reading, direction } = cycle;
  const system = sourceOf(direction);
  const ids = [...page.users.map(idOf), ...page.hints];
  const isInitial = cycle.kind === "initial";
  const index = isInitial ? await slice.index() : await ports.index.of(system, ids);
  const rests = await Promise.all(page.users.map((seen) => isAtRest(seen, index, slice)));
  if (isInitial) {
    const shown = page.users.map((seen, at) => listed(seen, rests[at] === true, slice));
    await ports.listings.append(cycle.id, reading.pages, shown);
  }
  const seen = page.users.filter((_, at) => rests[at] !== true);
  const known = isInitial ? await ports.index.of(system, seen.map(idOf)) : index;
  const moved = isInitial ? await stillMoved(seen, known, slice) : seen.map(idOf);
  const prints = new Map<string, string>();
  for (const one of isInitial ? [] : seen) {
    const print = one.system === "entra" ? await printOf(one, slice) : null;
    if (print !== null) prints.set(idOf(one), print);
  }
  const users = [...moved, ...page.hints].map((id) => {
    const print = prints.get(id);
    const nomination = nominationOf(system, id, known);
    return print === undefined ? nomination : { ...nomination, seen: print };
  });
  // Where the feed is quiet, those of a page that is not full do not wait for its end; who must be tried again does.
  const isQuiet = users.length === 0 && mayServeWhileReading(cycle);
  const nominated = await nominate(held, users, isQuiet ? "untried" : "nobody", ports);
  await held.save({
    ...nominated,
    reading: {
      ...reading,
      position: page.next,
      isDone: page.next === null,
      pages: reading.pages + 1,
      users: reading.users + page.users.length,
      unchanged: reading.unchanged + page.users.length - moved.length,
      failures: 0,
      watermark: page.watermark ?? reading.watermark,
    },
    phaseUsers: cycle.phaseUsers + page.users.length,
  });
}

// The watermark is of no use any more: everyone is looked through, and nobody is taken for gone because of that.
async function startOver(held: HeldCycle, reason: Reason): Promise<StepResult> {
  const known = { ...held.cycle.reading, users: 0, unchanged: 0 };
  const reading: CycleReading = { ...known, position: null, failures: 0 };
  await held.save({ kind: "initial", ignoresAbsence: true, reading, reason });
  return GO;
}

const EXPIRED: Reason = {
  code: "watermarkExpired",
  message:
    "the change query has forgotten where it was: everyone is read, and nobody deleted for it",
};
const MOVED: Reason = {
  code: "configurationChanged",
  message: "the configuration was changed since the watermark: everyone is read",
};

// An undo has no feed: the audit log names whom the cycle wrote.
async function readWritten(held: HeldCycle, ports: CyclePorts): Promise<StepResult> {
  const { cycle } = held;
  const users = await ports.writtenBy(cycle.undoes ?? "");
  const nominations = users.map((drupalUuid) => ({ drupalUuid }));
  const nominated = await nominate(held, nominations, "nobody", ports);
  const reading = { ...cycle.reading, isDone: true, pages: 1, users: users.length };
  await held.save({ ...nominated, reading });
  return GO;
}

async function readPage(held: HeldCycle, slice: Slice, ports: CyclePorts): Promise<StepResult> {
  const { cycle } = held;
  const { configuration } = slice;
  const feed = ports.feeds[cycle.direction];
  let { position } = cycle.reading;
  if (position === null) {
    let watermark: string | null = null;
    if (cycle.kind === "incremental") {
      const known = (await ports.jobs.get(cycle.direction)).job.watermark;
      if (known?.configuration !== configurationPrint(configuration)) return startOver(held, MOVED);
      watermark = known.position;
    }
    position = await feed.begin(watermark, configuration);
    // Before the first page: who comes into a group while everyone is read is seen by the next cycle.
    if (cycle.kind === "initial" && (await keepMemberships(cycle, slice, ports)) !== null)
      await held.save({ reading: { ...cycle.reading, position, memberships: cycle.id } });
  }
  const page = await feed.page(position, configuration);
  if (page === "expired") return startOver(held, EXPIRED);
  await takePage(held, page, slice, ports);
  return GO;
}

// A read that fails is tried again from the same page; one that goes on failing ends the reading, not the cycle: who was
// nominated is served, and nothing is taken from anybody.
async function failed(error: SyncFailure, held: HeldCycle, ports: CyclePorts): Promise<StepResult> {
  const { reading } = held.cycle;
  const reason = { code: error.code, message: error.message };
  if (error instanceof AccessError) {
    await ports.quarantine.close(error.system, reason, ports.now());
    await held.save({ reading: { ...reading, failures: reading.failures + 1, fault: reason } });
    // Nobody can be served by a system that does not let us in: the next cycle takes all of them up.
    return { kind: "end", status: "incomplete", reason };
  }
  const failures = reading.failures + 1;
  // Its page tokens are forgotten: the listing begins anew, from its first page.
  const isForgotten = error.code === "listingExpired";
  const position = isForgotten ? null : reading.position;
  const again = isForgotten ? { position, users: 0, unchanged: 0 } : { position };
  const isTransient = error instanceof TransientError;
  if (isTransient && failures < MOST_FAILURES) {
    await held.save({ reading: { ...reading, ...again, failures } });
    const waitMs = backoffMs(failures, error.retryAfterMs, ports.random());
    return { kind: "wait", ms: Math.min(LONGEST_WAIT_MS, waitMs) };
  }
  await held.save({ reading: { ...reading, failures, isDone: true, fault: reason } });
  return GO;
}

/** Reads a page. A failed read becomes part of the cycle: waited for, or its end. */
export async function readOrWait(
  held: HeldCycle,
  ports: CyclePorts,
  page: () => Promise<StepResult>,
): Promise<StepResult> {
  try {
    return await page();
  } catch (error) {
    if (error instanceof SyncFailure && error.system !== "storage")
      return failed(error, held, ports);
    throw error;
  }
}

/** Reads the next page of the feed. */
export const readFeed = (held: HeldCycle, slice: Slice, ports: CyclePorts): Promise<StepResult> =>
  held.cycle.kind === "undo"
    ? readWritten(held, ports)
    : readOrWait(held, ports, () => readPage(held, slice, ports));
