// What a change of the configuration would do, before it is made: a preview is started, or one that compares the same is found,
// and waited for a while. Nothing is saved, and no feed's job is kept from its own cycles.
import {
  areSameComparison,
  type ComparedConfigurations,
  type ComparedDocuments,
  comparedConfigurations,
  decideAlike,
} from "../rules/compared-configurations.ts";
import { parseSyncConfiguration, type SyncConfiguration } from "../rules/configuration.ts";
import type { ConfigurationFault } from "../rules/configuration-faults.ts";
import { type Cycle, hasEnded, newCycle } from "../rules/cycle.ts";
import { TransientError } from "../rules/errors.ts";
import { type Impact, impactOf, NO_IMPACT } from "../rules/impact.ts";
import type { ConfigurationView } from "./change-configuration.ts";
import type { CyclePorts } from "./cycle-ports.ts";
import { isMet, type Precondition } from "./precondition.ts";

/** What an admin wants to know. */
export interface PreviewOrder {
  readonly document: unknown;
  /** null: whatever the current version is. */
  readonly precondition: Precondition | null;
  readonly actor: string;
}

/** What came of it. */
export type PreviewAnswer =
  | { readonly kind: "invalid"; readonly faults: readonly ConfigurationFault[] }
  /** Not the version that the precondition asks for. */
  | { readonly kind: "moved" }
  /** Someone else's preview of another change is under way. */
  | { readonly kind: "active"; readonly cycleId: string }
  /** As far as it is known when the wait is over. */
  | { readonly kind: "impact"; readonly impact: Impact; readonly hasEnded: boolean };

/** What previews need. */
export interface PreviewPorts
  extends Pick<CyclePorts, "cycles" | "queue" | "now" | "newId" | "sleep"> {
  /** The document as it is now, not as cached. */
  readonly configuration: { read(): Promise<ConfigurationView> };
  /** For how long an answer waits for the cycle. */
  readonly waitMs: number;
}

const LOOK_EVERY_MS = 500;

function currentOf(document: unknown): SyncConfiguration {
  const parsed = parseSyncConfiguration(document);
  if (parsed.ok) return parsed.configuration;
  // As for the sync itself: there is nothing to compare with.
  const options = { system: "storage", code: "configurationInvalid" } as const;
  throw new TransientError("the saved sync configuration is not valid", options);
}

/** A preview that is under way. */
interface OpenPreview {
  readonly cycle: Cycle;
  readonly isSame: boolean;
}

async function openPreviews(
  compared: ComparedConfigurations,
  { cycles }: PreviewPorts,
): Promise<OpenPreview[]> {
  const found: OpenPreview[] = [];
  for (const id of await cycles.open()) {
    const cycle = (await cycles.get(id))?.cycle;
    if (cycle?.kind !== "preview" || hasEnded(cycle)) continue;
    if ((await cycles.cancelAskedBy(id)) !== null) continue;
    const other = comparedConfigurations(await cycles.candidate(id));
    found.push({ cycle, isSame: other !== null && areSameComparison(compared, other) });
  }
  return found;
}

const byAge = ({ cycle: a }: OpenPreview, { cycle: b }: OpenPreview): number =>
  `${a.createdAt} ${a.id}` < `${b.createdAt} ${b.id}` ? -1 : 1;

type Started = { readonly kind: "cycle"; readonly cycle: Cycle } | { kind: "active"; cycle: Cycle };

const answerOf = ({ cycle, isSame }: OpenPreview): Started => ({
  kind: isSame ? "cycle" : "active",
  cycle,
});

// Two that ask at the same moment see each other, and the older one stays. At worst two run, which costs reads.
async function giveWay(
  own: Cycle,
  version: string,
  compared: ComparedConfigurations,
  ports: PreviewPorts,
): Promise<Started | null> {
  const oldest = (await openPreviews(compared, ports)).toSorted(byAge)[0];
  if (oldest === undefined || oldest.cycle.id === own.id) return null;
  const reason = {
    code: "superseded",
    message: `another preview was asked for at the same time: cycle ${oldest.cycle.id}`,
  };
  const ended = { status: "cancelled", endedAt: ports.now().toISOString(), reason } as const;
  await ports.cycles.save({ ...own, ...ended }, version);
  return answerOf(oldest);
}

async function start(
  documents: ComparedDocuments,
  compared: ComparedConfigurations,
  actor: string,
  ports: PreviewPorts,
): Promise<Started> {
  const { cycles, queue } = ports;
  const open = (await openPreviews(compared, ports)).toSorted(byAge);
  const same = open.find(({ isSame }) => isSame);
  if (same !== undefined) return answerOf(same);
  const foreign = open.find(({ cycle }) => cycle.actor !== actor);
  if (foreign !== undefined) return answerOf(foreign);
  // Whoever goes on editing does not wait for what the edit before would have done.
  for (const { cycle } of open) {
    await cycles.askCancel(cycle.id, actor);
    await queue.send(cycle.id);
  }
  const order = { id: ports.newId(), direction: "drupalToEntra", kind: "preview", actor } as const;
  const cycle = newCycle({ ...order, isDryRun: true, canary: null }, ports.now());
  await cycles.putCandidate(cycle.id, documents);
  const version = await cycles.save(cycle, null);
  const other = await giveWay(cycle, version, compared, ports);
  if (other !== null) return other;
  await queue.send(cycle.id);
  return { kind: "cycle", cycle };
}

async function awaited(cycle: Cycle, ports: PreviewPorts): Promise<Cycle> {
  const end = ports.now().getTime() + ports.waitMs;
  let seen = cycle;
  while (!hasEnded(seen) && ports.now().getTime() < end) {
    await ports.sleep(LOOK_EVERY_MS);
    seen = (await ports.cycles.get(cycle.id))?.cycle ?? seen;
  }
  return seen;
}

/** Tells what a change would do. Asked again while it plans, it goes on waiting for the same preview. */
export async function previewConfiguration(
  { document, precondition, actor }: PreviewOrder,
  ports: PreviewPorts,
): Promise<PreviewAnswer> {
  const parsed = parseSyncConfiguration(document);
  if (!parsed.ok) return { kind: "invalid", faults: parsed.faults };
  const before = await ports.configuration.read();
  if (precondition !== null && !isMet(precondition, before.etag)) return { kind: "moved" };
  const compared = { current: currentOf(before.document), candidate: parsed.configuration };
  if (decideAlike(compared.current, compared.candidate))
    return { kind: "impact", impact: NO_IMPACT, hasEnded: true };
  const documents = { current: before.document, candidate: document };
  const started = await start(documents, compared, actor, ports);
  if (started.kind === "active") return { kind: "active", cycleId: started.cycle.id };
  const cycle = await awaited(started.cycle, ports);
  return { kind: "impact", impact: impactOf(cycle), hasEnded: hasEnded(cycle) };
}
