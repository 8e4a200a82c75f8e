// One page of a cycle's users, several at a time. Their outcomes are kept as they come; whoever must be tried again stands on a
// page of their own, at the end.
import { createHash } from "node:crypto";
import {
  type Cycle,
  type CycleUser,
  EMPTY_TALLY,
  mayServeWhileReading,
  mayWrite,
  type NominationPage,
} from "../rules/cycle.ts";
import { addTallies, tallyOf } from "../rules/cycle-progress.ts";
import type { CyclePorts } from "./cycle-ports.ts";
import type { Slice, StepResult } from "./cycle-step.ts";
import { GO } from "./cycle-step.ts";
import type { HeldCycle } from "./hold-cycle.ts";
import { areManyTried, type Nominated, nominate } from "./nominate.ts";
import { type Planner, plannerFor } from "./plan-nominee.ts";
import { putPage } from "./put-page.ts";
import { giveUp, type Retry, retryOf } from "./retry-page.ts";
import { serveNominee } from "./serve-nominee.ts";

const WORKERS = 24;
// Of pictures: as many as Graph lets an app ask of Outlook at once (throttling-limits), and never ahead of users.
const PHOTO_WORKERS = 4;
// Outcomes are kept at least so often: what a kill loses is looked at once more, and is found written.
const KEEP_EVERY_MS = 2000;
const WAIT_FOR_PACE_MS = 5000;
// A system that is closed for longer is not coming back by itself.
const LONGEST_WAIT_MS = 15 * 60_000;

/** What is done of a page. */
interface PageWork {
  readonly nominations: NominationPage;
  /** null: the users are written. */
  readonly planner: Planner | null;
  readonly users: (CycleUser | null)[];
  /** The version of the page of users that we wrote last. */
  version: string | null;
  /** Why the workers stop before the end of the page. */
  stop: StepResult | null;
  underWay: number;
  keptAt: number;
}

const isFinal = (user: CycleUser | null): user is CycleUser => user !== null;
// One that was refused may have been written in part.
const triedIn = (users: readonly (CycleUser | null)[]): number =>
  users.filter((user) => user?.outcome === "written" || user?.outcome === "failed").length;

// What a preview plans is never written: it is what there is to count.
const countedIn = ({ kind }: Cycle) => (kind === "preview" ? "planned" : "written");

async function putUsers(
  held: HeldCycle,
  work: PageWork,
  users: readonly (CycleUser | null)[],
  { cycles }: CyclePorts,
): Promise<void> {
  const { id, page } = held.cycle;
  const put = (replaces: string | null) => cycles.putUsers(id, page, users, replaces);
  work.version = await putPage(held, put, work.version);
}

async function keep(held: HeldCycle, work: PageWork, ports: CyclePorts): Promise<void> {
  const { cycle } = held;
  work.keptAt = ports.now().getTime();
  await putUsers(held, work, work.users, ports);
  const done = work.users.filter(isFinal).filter(({ outcome }) => outcome !== "deferred");
  await held.save({ current: tallyOf(done, countedIn(cycle)) });
}

// How many users a canary still lets through; those under way may all be written.
function isCanaryDone({ canary, tally }: Cycle, work: PageWork): boolean {
  if (canary === null) return false;
  const { written = 0, failed = 0 } = tally.outcomes;
  return written + failed + triedIn(work.users) + work.underWay >= canary;
}

/** Whether the workers go on; else `work.stop` says why. */
async function mayGoOn(
  held: HeldCycle,
  work: PageWork,
  slice: Slice,
  ports: CyclePorts,
): Promise<boolean> {
  if (work.stop !== null) return false;
  const { cycle } = held;
  if (ports.now() >= slice.endsAt) work.stop = GO;
  else if ((await ports.cycles.cancelAskedBy(cycle.id)) !== null)
    work.stop = { kind: "end", status: "cancelled", reason: null };
  return work.stop === null;
}

async function closedFor(ports: CyclePorts): Promise<StepResult | null> {
  const { quarantine } = ports;
  for (const system of ["drupal", "entra"] as const) {
    const closed = await quarantine.state(system);
    const until = closed?.until ?? (await quarantine.pausedUntil(system));
    if (until === null) continue;
    const ms = until.getTime() - ports.now().getTime();
    if (closed !== null && ms > LONGEST_WAIT_MS)
      return { kind: "end", status: "incomplete", reason: closed.reason };
    return { kind: "wait", ms: Math.min(LONGEST_WAIT_MS, Math.max(1000, ms)) };
  }
  return null;
}

// Pictures are read from Outlook and written to Drupal: neither has the quota that is kept.
const isPaced = (cycle: Cycle): boolean => mayWrite(cycle) && cycle.kind !== "photos";

/** Whether users are served before all of the feed is read: so a quota is used from the first page on. Pages of the feed and
 * of users take turns, and reading never stands still for long: page tokens must not grow old, and who is absent is told from
 * a listing of one time. */
export function servesWhileReading(cycle: Cycle, usersPerPage: number): boolean {
  const { page, nominated, reading } = cycle;
  if (!mayServeWhileReading(cycle) || areManyTried(cycle, usersPerPage)) return false;
  return page < Math.min(nominated.pages, reading.pages);
}

async function worker(
  next: () => number | null,
  held: HeldCycle,
  work: PageWork,
  slice: Slice,
  ports: CyclePorts,
): Promise<void> {
  while (await mayGoOn(held, work, slice, ports)) {
    const { perUser } = slice.writes;
    if (isPaced(held.cycle) && !(await ports.pace.ready(WAIT_FOR_PACE_MS, perUser))) continue;
    if (isCanaryDone(held.cycle, work)) return;
    const at = next();
    const nomination = at === null ? undefined : work.nominations.users[at];
    if (at === null || nomination === undefined) return;
    work.underWay += 1;
    try {
      const served = await serveNominee(held.cycle, nomination, work.planner, slice, ports);
      slice.writes.learn(served);
      work.users[at] = served;
    } finally {
      work.underWay -= 1;
    }
    if (work.users[at]?.outcome === "deferred") work.stop ??= await closedFor(ports);
    if (ports.now().getTime() - work.keptAt >= KEEP_EVERY_MS) await keep(held, work, ports);
  }
}

/** The plan's print with the page's planned and held users. */
function planWith(plan: string, users: readonly CycleUser[]): string {
  const prints = users.flatMap((user) => (user.plan === null ? [] : [user.plan]));
  if (prints.length === 0) return plan;
  return createHash("sha256")
    .update(JSON.stringify([plan, prints]))
    .digest("base64url")
    .slice(0, 22);
}

/** Puts those who are tried again where the cycle comes by later: while the feed is read behind its next users, who must not
 * wait for them; else on a page of their own. To be saved by the caller. */
async function standAgain(
  held: HeldCycle,
  { users, delayMs }: Retry,
  ports: CyclePorts,
): Promise<Nominated> {
  const { id, phase, buffer, nominated } = held.cycle;
  // They were counted when they were nominated.
  const counted = ({ pages }: Cycle["nominated"]) => ({ pages, users: nominated.users });
  if (phase === "reading") {
    const behind = await nominate(held, users, "nobody", ports);
    return { buffer: behind.buffer, nominated: counted(behind.nominated) };
  }
  const { pages } = nominated;
  const notBefore = new Date(ports.now().getTime() + delayMs).toISOString();
  await putPage(held, (replaces) =>
    ports.cycles.putNominations(id, pages, { users, notBefore }, replaces),
  );
  return { buffer, nominated: counted({ ...nominated, pages: pages + 1 }) };
}

async function finish(held: HeldCycle, work: PageWork, ports: CyclePorts): Promise<void> {
  const { cycle } = held;
  const nominations = work.nominations.users;
  const users = await giveUp(cycle, nominations, work.users.filter(isFinal), ports);
  const retry = retryOf(nominations, users, ports.random());
  await putUsers(held, work, users, ports);
  const again = retry === null ? {} : await standAgain(held, retry, ports);
  // Who stands on a page to come is counted there.
  const counted = retry === null ? users : users.filter((user) => user.outcome !== "deferred");
  await held.save({
    ...again,
    page: cycle.page + 1,
    tally: addTallies(cycle.tally, tallyOf(counted, countedIn(cycle))),
    current: EMPTY_TALLY,
    plan: planWith(cycle.plan, users),
    // While the feed is read, its users are what moves.
    phaseUsers: cycle.phaseUsers + (cycle.phase === "reading" ? 0 : counted.length),
  });
}

/** Serves the users of the cycle's page who are still to come. */
export async function servePage(
  held: HeldCycle,
  slice: Slice,
  ports: CyclePorts,
): Promise<StepResult> {
  const { id, page } = held.cycle;
  const nominations = await ports.cycles.nominations(id, page);
  if (nominations === null) throw new Error(`page ${page} of cycle ${id} is gone`);
  const { notBefore } = nominations;
  const waitMs = notBefore === null ? 0 : Date.parse(notBefore) - ports.now().getTime();
  if (waitMs > 0) return { kind: "wait", ms: waitMs };
  const known = (await ports.cycles.users(id, page)) ?? [];
  const users = nominations.users.map((_, at) => known[at] ?? null);
  const open = users.flatMap((user, at) => (user === null ? [at] : []));
  const toCome = open.flatMap((at) => nominations.users[at] ?? []);
  const work: PageWork = {
    nominations,
    planner: await plannerFor(held.cycle, toCome, slice, ports),
    users,
    version: null,
    stop: null,
    underWay: 0,
    keptAt: ports.now().getTime(),
  };
  const next = () => open.shift() ?? null;
  const most = held.cycle.kind === "photos" ? PHOTO_WORKERS : WORKERS;
  const workers = await Promise.allSettled(
    Array.from({ length: Math.min(most, open.length) }, () =>
      worker(next, held, work, slice, ports).catch((error: unknown) => {
        work.stop ??= GO;
        throw error;
      }),
    ),
  );
  for (const one of workers) if (one.status === "rejected") throw one.reason;
  if (users.every(isFinal)) {
    await finish(held, work, ports);
    return work.stop ?? GO;
  }
  await keep(held, work, ports);
  if (work.stop === null && isCanaryDone(held.cycle, work)) return { kind: "canary" };
  return work.stop ?? GO;
}
