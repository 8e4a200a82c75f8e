// What the steps of a cycle's slice share: what is read once, and how a step tells what comes next.
import type { ComparedConfigurations } from "../rules/compared-configurations.ts";
import type { SyncConfiguration } from "../rules/configuration.ts";
import type { Reason } from "../rules/plan.ts";
import type { RestPrints } from "../rules/rest.ts";
import type { Grants } from "../rules/roles.ts";
import type { LinkIndex } from "./cycle-ports.ts";
import type { ExpectedWrites } from "./expected-writes.ts";

/** What a slice knows from its beginning on. */
export interface Slice {
  readonly configuration: SyncConfiguration;
  readonly prints: RestPrints;
  /** All links; read when first asked for, once in a slice. */
  readonly index: () => Promise<LinkIndex>;
  /** The groups and app roles of an Entra user; null where they are not known. */
  readonly grants: () => Promise<(entraObjectId: string) => Grants | null>;
  /** What a preview compares; null where it was removed. */
  readonly compared: () => Promise<ComparedConfigurations | null>;
  /** The ids under which the cycle has nominated users, those of this slice included. */
  readonly nominated: () => Promise<Set<string>>;
  /** What its users cost, as far as it has served some. */
  readonly writes: ExpectedWrites;
  /** When the slice has to end. */
  readonly endsAt: Date;
}

/** How a step ended. */
export type StepResult =
  | { readonly kind: "go" }
  /** Nothing can be done before. */
  | { readonly kind: "wait"; readonly ms: number }
  /** The first users are written: an operator must look. */
  | { readonly kind: "canary" }
  /** The plan passes a threshold: an operator must approve it. */
  | { readonly kind: "approval"; readonly reason: Reason }
  /** The cycle is to end now, and why. */
  | {
      readonly kind: "end";
      readonly status: "complete" | "incomplete" | "cancelled";
      readonly reason: Reason | null;
    };

/** There is more to do. */
export const GO: StepResult = { kind: "go" };
