// What an undo sets back on one side, part by part: values, state, roles, the account itself; and why the rest is left.
import type { KeptChange } from "./audit-entry.ts";
import { faultOfEntraValue } from "./entra-limits.ts";
import { drupalFieldOf, drupalPrint, entraPrint } from "./field-types.ts";
import { isJoined } from "./link.ts";
import {
  attributeWrites,
  existenceWrites,
  type PastWrite,
  roleWrites,
  stateWrites,
  takeBack,
} from "./past-writes.ts";
import type { AttributeFailure, Change, Step } from "./plan.ts";
import { roleStep } from "./roles.ts";
import { SYSTEM_NAME as NAME } from "./row-outcome.ts";
import { isEntraEnabled, type Situation } from "./situation.ts";
import { STATE_ATTRIBUTE, switchStep } from "./state-steps.ts";
import type { AttributeValue, System } from "./users.ts";

/** The reason of a write that sets back what was there before. */
export const UNDONE = "undoneWrite";

/** How failures call the account itself. */
export const ACCOUNT = "account";

/** What can be undone of something, and what cannot. */
export interface Part {
  readonly steps: readonly Step[];
  readonly failures: readonly AttributeFailure[];
}

const NOTHING: Part = { steps: [], failures: [] };
const failed = (attribute: string, code: string, message: string): Part => ({
  steps: [],
  failures: [{ attribute, code, message }],
});
/** Parts as one. */
export const together = (parts: readonly Part[]): Part => ({
  steps: parts.flatMap(({ steps }) => steps),
  failures: parts.flatMap(({ failures }) => failures),
});

// What counts as a side's value now: what is known of Entra counts more than a read that lags behind it. null: not read.
function nowOf(system: System, attribute: string, situation: Situation): string | null {
  const { drupal, entra, hidden, configuration } = situation;
  if (system === "drupal") {
    const value = drupal?.attributes[attribute];
    const field = drupalFieldOf(attribute, configuration.fields);
    return value === undefined ? null : drupalPrint(attribute, field, value);
  }
  const value = entra?.attributes[attribute];
  return value === undefined ? null : (hidden[attribute] ?? entraPrint(attribute, value));
}

function attributeBack(
  system: System,
  attribute: string,
  writes: readonly KeptChange[],
  situation: Situation,
): Change | AttributeFailure | null {
  const fault = (code: string, message: string) => ({ attribute, code, message });
  if (writes.some(({ why }) => why === "marksOwnAccount"))
    return fault("linkStays", "the mark belongs to the link, which an undo leaves");
  if (writes.some(({ kept }) => kept !== undefined))
    return fault("valueNotKept", "the audit log does not keep the value that was written over");
  const now = nowOf(system, attribute, situation);
  if (now === null)
    return fault(
      "unreadable",
      `${NAME[system]} does not show the value, or nothing maps it any more`,
    );
  const { fields } = situation.configuration;
  const print = (value: AttributeValue) =>
    system === "entra"
      ? entraPrint(attribute, value)
      : drupalPrint(attribute, drupalFieldOf(attribute, fields), value);
  const back = takeBack<AttributeValue>(
    writes,
    (value) => print(value) === now,
    (one, other) => print(one) === print(other),
  );
  if (back.kind === "alreadyBack") return null;
  if (back.kind === "changedSince")
    return fault("changedSince", `the value was changed in ${NAME[system]} since: it is left`);
  const refused = system === "entra" ? faultOfEntraValue(attribute, back.to) : null;
  if (refused !== null) return { attribute, ...refused };
  return { attribute, before: back.from, after: back.to, why: UNDONE };
}

function updateBack(system: System, writes: readonly PastWrite[], situation: Situation): Part {
  const results = [...attributeWrites(system, writes)].flatMap(
    ([name, changes]) => attributeBack(system, name, changes, situation) ?? [],
  );
  const changes = results.filter((one) => "why" in one);
  const failures = results.filter((one) => "code" in one);
  const update: Step = { operation: "update", system, resource: "user", changes };
  return { steps: changes.length > 0 ? [update] : [], failures };
}

function stateBack(system: System, writes: readonly PastWrite[], situation: Situation): Part {
  const { drupal, entra, link } = situation;
  const isOn =
    system === "drupal" ? drupal?.enabled : entra !== null && isEntraEnabled(entra, situation);
  const back = takeBack(
    stateWrites(system, writes),
    (state) => state === isOn,
    (one, other) => one === other,
  );
  if (back.kind !== "back") return NOTHING;
  if (back.to && link.blocks[system] !== "ours") {
    const message = `the account is disabled in ${NAME[system]}, and by others than the sync`;
    return failed(STATE_ATTRIBUTE[system], "blockNotOurs", message);
  }
  return { steps: [switchStep(system, back.to, UNDONE)], failures: [] };
}

function rolesBack(writes: readonly PastWrite[], { drupal, link, configuration }: Situation): Part {
  const parts = [...roleWrites(writes, configuration)].map(([role, moves]): Part => {
    if (role === null)
      return failed("roles", "valueNotKept", "the audit log does not keep which role it was");
    const held = drupal?.roles.includes(role) ?? false;
    const back = takeBack(
      moves,
      (isHeld) => isHeld === held,
      (one, other) => one === other,
    );
    if (back.kind !== "back") return NOTHING;
    if (!configuration.roles.map.some((row) => row.drupal === role))
      return failed("roles", "roleNotMapped", `the role ${role} is not mapped any more`);
    if (!back.to && !link.grantedRoles.includes(role))
      return failed("roles", "roleNotOurs", `others than the sync gave the role ${role} since`);
    return { steps: [roleStep(back.to ? "assign" : "remove", role, UNDONE)], failures: [] };
  });
  return together(parts);
}

const RESTORE: Step = { operation: "restore", system: "entra", resource: "user", changes: [] };

function goneBack(system: System, writes: readonly PastWrite[], situation: Situation): Part {
  const { isInBin, link } = situation;
  const came = existenceWrites(system, writes);
  const isOurs = came.at(-1) === "delete" && came[0] === "delete";
  if (!isOurs) return failed(ACCOUNT, "accountGone", `the account is gone in ${NAME[system]}`);
  if (system === "drupal")
    return failed(ACCOUNT, "deletedForGood", "Drupal keeps nothing of an account that it deleted");
  if (!isInBin)
    return failed(ACCOUNT, "purged", "the account is not among Entra's deleted ones any more");
  if (link.deletedByUs.entra === null)
    return failed(
      ACCOUNT,
      "changedSince",
      "the account was brought back and deleted by others since",
    );
  const rest = writes.some(({ operation }) => operation !== "delete");
  const message = "the account is brought back first: undo the cycle once more for the rest";
  return {
    steps: [RESTORE],
    failures: rest ? failed(ACCOUNT, "restoredFirst", message).failures : [],
  };
}

// Deleting is never part of an undo: it may take away what people did with the account meanwhile.
function cameBack(system: System, writes: readonly PastWrite[], { link }: Situation): Part {
  const [first] = existenceWrites(system, writes);
  const id = system === "entra" ? link.entraObjectId : link.drupalUuid;
  const message = `the ${NAME[system]} account ${id ?? "(unlinked)"}: to delete it is an operator's own decision`;
  if (first === "create") return failed(ACCOUNT, "createdAccount", `the cycle made ${message}`);
  if (first === "restore")
    return failed(ACCOUNT, "restoredAccount", `the cycle restored ${message}`);
  return NOTHING;
}

const JOINING = ["link", "create"];

/** Sets back what the writes did to one system. */
export function sideBack(system: System, all: readonly PastWrite[], situation: Situation): Part {
  const { drupal, entra, link } = situation;
  const writes = all.filter((write) => write.system === system);
  if (writes.length === 0) return NOTHING;
  const stays = writes.some(({ operation }) => operation === "link")
    ? failed("link", "linkStays", "an undo takes no link apart: DELETE links/{drupalUuid} does")
    : NOTHING;
  const rest = writes.filter(({ operation }) => !JOINING.includes(operation));
  const came = cameBack(system, writes, situation);
  const refused = (code: string, message: string): Part =>
    together([stays, came, rest.length > 0 ? failed(ACCOUNT, code, message) : NOTHING]);
  if (!isJoined(link)) return refused("unlinkedSince", "the two accounts were taken apart since");
  const isOther = ({ entraId }: PastWrite) =>
    system === "entra" && entraId !== undefined && entraId !== link.entraObjectId;
  if (rest.some(isOther))
    return refused("linkedToAnother", "the user was joined to another Entra account since");
  if (system === "entra" && entra?.onPremisesSynced === true)
    return refused(
      "onPremisesSynced",
      "the Entra account is mastered on-premises and refuses writes",
    );
  if ((system === "entra" ? entra : drupal) === null)
    return together([stays, rest.length > 0 ? goneBack(system, rest, situation) : came]);
  return together([
    stays,
    came,
    stateBack(system, rest, situation),
    updateBack(system, rest, situation),
    system === "drupal" ? rolesBack(rest, situation) : NOTHING,
  ]);
}
