// Changes the sync configuration: checked whole, saved over the version that the admin saw and no other, and recorded.
import { type AuditValues, auditable } from "../rules/audit-entry.ts";
import { parseSyncConfiguration } from "../rules/configuration.ts";
import { configurationChanges } from "../rules/configuration-changes.ts";
import type { ConfigurationFault } from "../rules/configuration-faults.ts";
import { ConcurrencyError, TransientError } from "../rules/errors.ts";
import { because } from "../rules/plan.ts";
import type { AuditLog, Surroundings } from "./ports.ts";
import { isMet, type Precondition } from "./precondition.ts";
import type { PreviewAnswer, PreviewOrder } from "./preview-configuration.ts";

/** The document as it lies there; `etag` null when nobody has saved one. */
export interface ConfigurationView {
  readonly document: unknown;
  readonly etag: string | null;
}

/** A saved version. */
export interface ConfigurationVersion {
  readonly id: string;
  /** ISO 8601 with milliseconds. */
  readonly at: string;
  readonly actor: string;
}

/** A page of versions, newest first; `continuation` null when there is nothing more. */
export interface ConfigurationVersions {
  readonly versions: readonly ConfigurationVersion[];
  readonly continuation: string | null;
}

/** What an admin asks for. */
export interface ConfigurationChange {
  readonly document: unknown;
  readonly precondition: Precondition;
  /** Goes into the audit log and the history. */
  readonly actor: string;
}

/** What came of it. */
export type ConfigurationAnswer =
  | { readonly kind: "saved"; readonly etag: string }
  | { readonly kind: "invalid"; readonly faults: readonly ConfigurationFault[] }
  /** Not the version that the precondition asks for. */
  | { readonly kind: "moved" };

/** What the functions may do with the configuration. */
export interface ConfigurationDoor {
  read(): Promise<ConfigurationView>;
  change(change: ConfigurationChange): Promise<ConfigurationAnswer>;
  /** What a change would do; nothing is saved. */
  preview(order: PreviewOrder): Promise<PreviewAnswer>;
  /** RejectedError `invalidContinuation` for a continuation of another listing. */
  history(limit: number, continuation?: string | null): Promise<ConfigurationVersions>;
  /** null where there is no version of that id. */
  version(id: string): Promise<(ConfigurationVersion & { readonly document: unknown }) | null>;
}

/** What a change needs: where the document is kept, and where changes are recorded. */
export interface ChangeConfigurationPorts extends Pick<Surroundings, "now" | "newId"> {
  readonly configuration: {
    read(): Promise<ConfigurationView>;
    /** Keeps the version in the history first. ConcurrencyError when the current one is not `ifMatch`; null: there is
     * none. */
    save(
      document: unknown,
      ifMatch: string | null,
      note: { readonly actor: string; readonly at: Date },
    ): Promise<{ readonly etag: string; readonly version: string }>;
  };
  readonly audit: AuditLog;
  readonly auditValues: AuditValues;
}

type Saved = { readonly etag: string; readonly version: string };

// Always over the very version that was compared, also for "any": or the audit log would tell what was never replaced.
async function save(
  change: ConfigurationChange,
  before: ConfigurationView,
  at: Date,
  { configuration }: ChangeConfigurationPorts,
): Promise<Saved | null> {
  try {
    return await configuration.save(change.document, before.etag, { actor: change.actor, at });
  } catch (error) {
    if (error instanceof ConcurrencyError) return null;
    throw error;
  }
}

/**
 * Saves a valid document where the precondition holds. Saving what is there already changes nothing and is no fault, so
 * that a request whose answer was lost can be repeated with the ETag it had (RFC 9110, 13.1.1 allows it).
 */
export async function changeConfiguration(
  change: ConfigurationChange,
  ports: ChangeConfigurationPorts,
): Promise<ConfigurationAnswer> {
  const { document, precondition, actor } = change;
  const parsed = parseSyncConfiguration(document);
  if (!parsed.ok) return { kind: "invalid", faults: parsed.faults };
  const before = await ports.configuration.read();
  const changes = configurationChanges(before.document, document);
  const isKnown = before.etag !== null && changes.length === 0;
  if (isKnown && precondition !== "absent") return { kind: "saved", etag: before.etag };
  if (!isMet(precondition, before.etag)) return { kind: "moved" };
  const at = ports.now();
  const saved = await save(change, before, at, ports);
  if (saved === null) return { kind: "moved" };
  const entry = {
    id: ports.newId(),
    at: at.toISOString(),
    operation: before.etag === null ? "create" : "update",
    resourceType: "configuration",
    status: "success",
    cause: "onDemand",
    // The history has the documents whole; here values follow the same setting as those of people (DESIGN, rule 12).
    changes: auditable(changes, ports.auditValues),
    reason: because("configurationSaved", `saved as version ${saved.version}`),
    actor,
    durationMs: ports.now().getTime() - at.getTime(),
  } as const;
  try {
    await ports.audit.append(entry);
  } catch (cause) {
    // Taking the change back would be a second change that can fail too, while other instances run by the first already.
    // So it stands, with who and when in its history, and whoever made it is told that the audit log misses it. An audit
    // row ahead of the save would be the greater evil: it could tell of a change that never was.
    throw new TransientError(
      `the configuration was saved as version ${saved.version}, but the audit log could not be written; the history has who saved it`,
      { system: "storage", code: "savedWithoutAudit", cause },
    );
  }
  return { kind: "saved", etag: saved.etag };
}
