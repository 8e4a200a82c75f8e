// What the export of one plan works on, shared by its parts.
import type { SyncConfiguration } from "../rules/configuration.ts";
import type { BasePair, Link } from "../rules/link.ts";
import { baseOfCreated } from "../rules/link-after.ts";
import type { AttributeFailure, Change, Plan, Reason } from "../rules/plan.ts";
import type { ProvisionRequest } from "../rules/provision-request.ts";
import { printsIn } from "../rules/settle-pending.ts";
import type { DrupalUser, EntraUser } from "../rules/users.ts";
import type { HeldLink } from "./hold-link.ts";
import type { ProvisionPorts } from "./ports.ts";

/** Records the intent of the step in the link; for a create with the name that is about to be used. */
export type Announce = (name: string | null, more?: Partial<Link>) => Promise<void>;

/** What the export works on. */
export interface ExportJob {
  readonly request: ProvisionRequest;
  readonly plan: Plan;
  readonly held: HeldLink;
  readonly drupal: DrupalUser | null;
  readonly entra: EntraUser | null;
  /** The tombstone that a link step takes over. */
  readonly predecessor: Link | null;
  readonly configuration: SyncConfiguration;
  readonly ports: ProvisionPorts;
}

/** How a step was written. */
export interface Written {
  readonly failures: readonly AttributeFailure[];
  /** What was written beside the step's own changes. */
  readonly added?: readonly Change[];
  /** The account was found to have been made by an earlier announcement: what it started with. */
  readonly adopted?: Readonly<Record<string, BasePair>>;
  /** Something that a person should know although the write was made. */
  readonly note?: Reason;
}

/** Nothing was refused. */
export const WRITTEN: Written = { failures: [] };

/** What an account that an earlier announcement made started with, as the link's pending create remembers it. */
export function baseOfAdopted(
  { link: { pending } }: HeldLink,
  found: { readonly drupal?: DrupalUser; readonly entra?: EntraUser },
  { configuration: { fields } }: ExportJob,
): Record<string, BasePair> {
  if (pending === null) return {};
  const seen = { drupal: found.drupal ?? null, entra: found.entra ?? null, fields };
  return baseOfCreated(pending, printsIn(pending, seen));
}
