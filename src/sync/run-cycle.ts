// A slice of a cycle: at most four minutes of reading a feed and serving the users that it nominates, then the next slice is
// queued. Whoever is killed on the way leaves a cycle that the next runner takes up where it was saved.
import { comparedConfigurations } from "../rules/compared-configurations.ts";
import type { Cycle } from "../rules/cycle.ts";
import { endEntry } from "../rules/cycle-end.ts";
import { ConcurrencyError, SyncFailure } from "../rules/errors.ts";
import { impactOf } from "../rules/impact.ts";
import { jobOf, quarantined } from "../rules/job.ts";
import type { Reason } from "../rules/plan.ts";
import { configurationPrint, restPrints } from "../rules/rest.ts";
import { closePass } from "./close-pass.ts";
import { closeReading } from "./close-reading.ts";
import { collectPlan } from "./collect-plan.ts";
import type { CyclePorts } from "./cycle-ports.ts";
import type { Slice, StepResult } from "./cycle-step.ts";
import { draftPorts } from "./draft-ports.ts";
import { createExpectedWrites } from "./expected-writes.ts";
import { type HeldCycle, holdCycle } from "./hold-cycle.ts";
import { isOvertaken, OVERTAKEN } from "./overtaken.ts";
import { nominatedIds, readEveryone } from "./read-everyone.ts";
import { readFeed, readOrWait } from "./read-feed.ts";
import { closePhotos, readPhotos } from "./read-photos.ts";
import { servePage, servesWhileReading } from "./serve-page.ts";
import { supersedePlans } from "./take-over-plans.ts";

// The host ends a function after ten minutes, and a shutdown leaves as many (facts: functions-host, functionTimeout).
const SLICE_MS = 4 * 60_000;
const HEARTBEAT_MS = 10_000;

/** What is read when it is first asked for, once. */
function lazily<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | null = null;
  return () => {
    reading ??= read();
    return reading;
  };
}

async function openSlice(held: HeldCycle, ports: CyclePorts): Promise<Slice> {
  const configuration = await ports.configuration.current();
  // Read by two configurations, or by one that is remembered for a moment: then the watermark stands for neither.
  const { cycle } = held;
  if (cycle.configuration !== "" && configurationPrint(configuration) !== cycle.configuration)
    await held.save({ configuration: MIXED });
  return {
    configuration,
    prints: restPrints(configuration),
    index: lazily(() => ports.index.all()),
    grants: lazily(() => ports.grants.current(configuration, true)),
    compared: lazily(async () =>
      comparedConfigurations(await ports.cycles.candidate(held.cycle.id)),
    ),
    nominated: lazily(() => nominatedIds(held, ports)),
    writes: createExpectedWrites(),
    endsAt: new Date(ports.now().getTime() + SLICE_MS),
  };
}

// No configuration has this print: the next cycle is an initial one.
const MIXED = "mixed";

const CANDIDATE_GONE: Reason = {
  code: "candidateGone",
  message: "the configuration that was to be compared is not there any more",
};

async function step(held: HeldCycle, slice: Slice, ports: CyclePorts): Promise<StepResult> {
  const { cycle } = held;
  if ((await ports.cycles.cancelAskedBy(cycle.id)) !== null)
    return { kind: "end", status: "cancelled", reason: null };
  if (await isOvertaken(cycle, ports))
    return { kind: "end", status: "cancelled", reason: OVERTAKEN };
  const isPreview = cycle.kind === "preview";
  const isOfPhotos = cycle.kind === "photos";
  if (isPreview && (await slice.compared()) === null)
    return { kind: "end", status: "incomplete", reason: CANDIDATE_GONE };
  const read = isPreview ? readEveryone : isOfPhotos ? readPhotos : readFeed;
  const close = isOfPhotos ? closePhotos : closeReading;
  switch (cycle.phase) {
    case "reading":
      // Groups are read at its end: a right that is lost there ends the reading too.
      if (cycle.reading.isDone) return readOrWait(held, ports, () => close(held, slice, ports));
      return servesWhileReading(cycle, ports.usersPerPage)
        ? servePage(held, slice, ports)
        : read(held, slice, ports);
    case "collecting":
      return collectPlan(held, ports);
    case "provisioning":
      return cycle.page < cycle.nominated.pages
        ? servePage(held, slice, ports)
        : closePass(held, slice, ports);
  }
}

function told(cycle: Cycle): string {
  const { kind, tally, reading } = cycle;
  if (kind === "preview") return impactOf(cycle).summary;
  const outcomes = Object.entries(tally.outcomes).map(([name, n]) => `${n} ${name}`);
  return [`${reading.users} read`, ...outcomes].join(", ");
}

const toldWhy = (cycle: Cycle): string =>
  cycle.reason === null ? told(cycle) : `${told(cycle)} (${cycle.reason.message})`;

// We are not let in: asked once a day, until it succeeds or an operator tries.
const ACCESS =
  /^(drupal(CredentialsRefused|RightsMissing|JsonApiMissing)|graph(TokenRefused|PermissionMissing))$/;

async function slowJob(cycle: Cycle, reason: Reason, ports: CyclePorts) {
  const { job, version } = await ports.jobs.get(jobOf(cycle));
  if (job.cycleId !== cycle.id) return;
  await ports.jobs.save({ ...job, quarantine: quarantined(job, reason, ports.now()) }, version);
}

async function end(
  held: HeldCycle,
  { status, reason: given }: Extract<StepResult, { kind: "end" }>,
  ports: CyclePorts,
): Promise<void> {
  const { cycle } = held;
  const asked = status === "cancelled" ? await ports.cycles.cancelAskedBy(cycle.id) : null;
  const by = status === "cancelled" ? `cancelled by ${asked ?? "an operator"}: ` : "";
  const reason = given ?? { code: status, message: `${by}${toldWhy(cycle)}` };
  if (status === "incomplete" && ACCESS.test(reason.code) && !cycle.isDryRun)
    await slowJob(cycle, reason, ports);
  const now = ports.now();
  await ports.audit.append(endEntry(cycle, status, reason, now));
  await held.release({ status, reason, endedAt: now.toISOString(), waitsFor: null });
}

/** Leaves the cycle as the step says; answers after how long it wants to go on, or null. */
async function leave(
  held: HeldCycle,
  result: StepResult,
  ports: CyclePorts,
): Promise<number | null> {
  switch (result.kind) {
    case "end":
      await end(held, result, ports);
      return null;
    case "approval": {
      const { plan } = held.cycle;
      const { reason } = result;
      await supersedePlans(held.cycle, ports);
      await held.release({ status: "waiting", waitsFor: { kind: "approval", plan }, reason });
      return null;
    }
    case "canary":
      await held.release({ status: "waiting", waitsFor: { kind: "canary" } });
      return null;
    case "wait": {
      const until = new Date(ports.now().getTime() + result.ms).toISOString();
      await held.release({ status: "waiting", waitsFor: { kind: "time", until } });
      return result.ms;
    }
    case "go":
      await held.release({ status: "queued" });
      return 0;
  }
}

const AGAIN_MS = 10_000;

// A host that died leaves its message behind, and it may come back while the cycle still counts as held: gone for good then, it
// would leave the cycle to the watch. Of each message there is one at any time, so they do not become more.
async function comeBack(cycleId: string, ports: CyclePorts): Promise<void> {
  const cycle = (await ports.cycles.get(cycleId))?.cycle;
  if (cycle?.status !== "running" || cycle.runner === null) return;
  const leftMs = Date.parse(cycle.runner.until) - ports.now().getTime();
  await ports.queue.send(cycleId, Math.max(1000, leftMs));
}

// The storage account is away: the message goes on by itself. Thrown, it would cost one of the host's five tries, and a minute
// without tables would end the cycle.
async function holdOrWait(cycleId: string, ports: CyclePorts): Promise<HeldCycle | null> {
  try {
    const held = await holdCycle(cycleId, ports);
    if (held === null) await comeBack(cycleId, ports);
    return held;
  } catch (error) {
    if (!(error instanceof SyncFailure)) throw error;
    await ports.queue.send(cycleId, AGAIN_MS);
    return null;
  }
}

/**
 * Runs a slice. Harmless to call at any time, and twice at once: a cycle that has ended, waits for an operator, or is being run
 * is left alone. Throws only what has no name, and failures of the queue.
 */
export async function runCycle(cycleId: string, ports: CyclePorts): Promise<void> {
  const held = await holdOrWait(cycleId, ports);
  if (held === null) return;
  await runSlice(held, held.cycle.kind === "preview" ? draftPorts(ports) : ports);
}

async function runSlice(held: HeldCycle, ports: CyclePorts): Promise<void> {
  const { id: cycleId } = held.cycle;
  // Reading a million links, or the members of large groups, takes longer than the lease.
  const rest = ports.every(HEARTBEAT_MS, () => held.save({}));
  try {
    // Before the configuration is read: one that is not valid must not keep a cycle from being cancelled.
    const isCancelled = (await ports.cycles.cancelAskedBy(cycleId)) !== null;
    if (isCancelled) {
      rest();
      return await end(held, { kind: "end", status: "cancelled", reason: null }, ports);
    }
    const slice = await openSlice(held, ports);
    let result: StepResult = { kind: "go" };
    while (result.kind === "go" && ports.now() < slice.endsAt)
      result = await step(held, slice, ports);
    rest();
    const goesOnInMs = await leave(held, result, ports);
    if (goesOnInMs !== null) await ports.queue.send(cycleId, goesOnInMs);
  } catch (error) {
    rest();
    // Someone else runs it now, or the storage account is away: the watch sees to that.
    if (error instanceof ConcurrencyError) return;
    // Also before a throw: the host's next try comes sooner than the lease ends, and would take the cycle for someone else's.
    const why =
      error instanceof SyncFailure ? { reason: { code: error.code, message: error.message } } : {};
    await held.release({ status: "queued", ...why }).catch(() => undefined);
    if (!(error instanceof SyncFailure)) throw error;
    await ports.queue.send(cycleId, AGAIN_MS);
  } finally {
    rest();
  }
}
