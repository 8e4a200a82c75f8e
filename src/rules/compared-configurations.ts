// What a preview compares: the configuration as it was when it was asked for, and the one that is to take its place. Both are
// kept with the cycle, so that every slice on every instance compares the same two.
import { z } from "zod";
import { parseSyncConfiguration, type SyncConfiguration } from "./configuration.ts";
import { configurationPrint } from "./rest.ts";

/** The two configurations. */
export interface ComparedConfigurations {
  readonly current: SyncConfiguration;
  readonly candidate: SyncConfiguration;
}

/** The two documents, as they are kept. */
export interface ComparedDocuments {
  readonly current: unknown;
  readonly candidate: unknown;
}

const kept = z.object({ current: z.unknown(), candidate: z.unknown() });

/** The configurations of what was kept; null where nothing was, or nothing that this release understands. */
export function comparedConfigurations(documents: unknown): ComparedConfigurations | null {
  const parsed = kept.safeParse(documents);
  if (!parsed.success) return null;
  const current = parseSyncConfiguration(parsed.data.current);
  const candidate = parseSyncConfiguration(parsed.data.candidate);
  if (!current.ok || !candidate.ok) return null;
  return { current: current.configuration, candidate: candidate.configuration };
}

/** Whether both decide the same about every user. */
export const decideAlike = (one: SyncConfiguration, other: SyncConfiguration): boolean =>
  configurationPrint(one) === configurationPrint(other);

/** Whether two previews compare the same. */
export const areSameComparison = (
  one: ComparedConfigurations,
  other: ComparedConfigurations,
): boolean =>
  decideAlike(one.current, other.current) && decideAlike(one.candidate, other.candidate);
