// An entry of the audit log in sentences: what it is about, and who or what brought it about.
import type { AuditEntry } from "../../ask/contract.ts";

type Operation = AuditEntry["operation"];
type ResourceType = AuditEntry["resourceType"];

/** What was to be done; for `none` nothing was. */
export const OPERATIONS: Readonly<Record<Operation, string>> = {
  create: "Create",
  update: "Update",
  disable: "Disable",
  enable: "Enable",
  delete: "Delete",
  restore: "Restore",
  link: "Link",
  unlink: "Unlink",
  assign: "Assign",
  remove: "Remove",
  none: "Nothing written",
};

/** What it was done to. */
export const RESOURCES: Readonly<Record<ResourceType, string>> = {
  user: "User",
  role: "Role",
  photo: "Picture",
  configuration: "Configuration",
  cycle: "Cycle",
};

/** Such as "Disable user". */
export function titleOf({
  operation,
  resourceType,
}: Pick<AuditEntry, "operation" | "resourceType">): string {
  if (operation !== "none")
    return `${OPERATIONS[operation]} ${RESOURCES[resourceType].toLowerCase()}`;
  return resourceType === "user" ? OPERATIONS.none : RESOURCES[resourceType];
}

const NAMES = { drupal: "Drupal", entra: "Entra" } as const;

const BEGAN: Readonly<Record<AuditEntry["cause"], string>> = {
  webhook: "An event from Drupal said that this user changed.",
  notification: "A notification from Graph said that this user changed.",
  cycle: "A scheduled cycle came to it.",
  onDemand: "An operator ordered it.",
  replay: "It came back from escrow when its time was up.",
  approval: "It was part of a plan that was approved.",
};

const began = ({ cause, actor, cycleId }: AuditEntry): string => {
  if (actor === undefined) return BEGAN[cause];
  if (cause === "replay") return `${actor} ordered a replay from escrow.`;
  if (cause === "approval") return `It was part of a plan that ${actor} approved.`;
  if (cycleId !== undefined) return `It was part of a cycle that ${actor} started or approved.`;
  return cause === "onDemand" ? `${actor} ordered it.` : BEGAN[cause];
};

const isWrite = ({ operation, resourceType }: AuditEntry): boolean =>
  !["none", "link", "unlink"].includes(operation) &&
  !["configuration", "cycle"].includes(resourceType);

function deed(entry: AuditEntry): string {
  const { system, direction, status, actor } = entry;
  if (!isWrite(entry) || system === undefined) return "";
  if (status === "failure") return ` The sync tried to write it to ${NAMES[system]}.`;
  if (status !== "success") return "";
  const written = ` The sync's own account wrote it to ${NAMES[system]}.`;
  if (actor !== undefined || direction === undefined) return written;
  const source = direction === "drupalToEntra" ? NAMES.drupal : NAMES.entra;
  return `${written} Who made the change in ${source} is told by ${source}'s own log.`;
}

/** Who did this, as far as the log knows. */
export function whoDidThis(entry: AuditEntry): string {
  const { actor, resourceType } = entry;
  if (resourceType === "configuration") return `${actor ?? "An operator"} saved a configuration.`;
  if (resourceType === "cycle")
    return actor === undefined
      ? "The schedule started this cycle."
      : `${actor} started or approved this cycle.`;
  return `${began(entry)}${deed(entry)}`;
}
