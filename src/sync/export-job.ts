// What the export of one plan works on, shared by its parts.
import type { SyncConfiguration } from "../rules/configuration.ts";
import type { Link } from "../rules/link.ts";
import type { Plan } from "../rules/plan.ts";
import type { ProvisionRequest } from "../rules/provision-request.ts";
import type { DrupalUser, EntraUser } from "../rules/users.ts";
import type { HeldLink } from "./hold-link.ts";
import type { ProvisionPorts } from "./ports.ts";

/** Records the intent of the step in the link; for a create with the UPN that is about to be used. */
export type Announce = (userPrincipalName: string | null) => Promise<void>;

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
