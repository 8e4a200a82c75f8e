// Applies a plan to the two users that it was made for, as values: what every write would leave behind if it were accepted.
import { lookAt, rememberWrites } from "../../src/rules/known-values.ts";
import type { Link } from "../../src/rules/link.ts";
import { linkAfter } from "../../src/rules/link-after.ts";
import { targetKey } from "../../src/rules/merge-rows.ts";
import { rememberFlip } from "../../src/rules/ping-pong.ts";
import type { Plan, Step } from "../../src/rules/plan.ts";
import type { Situation } from "../../src/rules/situation.ts";
import type { Attributes, DrupalUser, EntraUser } from "../../src/rules/users.ts";
import { aDrupalUser, anEntraUser } from "./world.ts";

const BLANK = {
  field_first_name: null,
  field_last_name: null,
  field_department: null,
  field_city: null,
};

const valuesOf = (step: Step): Attributes =>
  Object.fromEntries(step.changes.map(({ attribute, after }) => [attribute, after]));

function drupalAfter(step: Step, user: DrupalUser | null, uuid: string): DrupalUser | null {
  const [change] = step.changes;
  const { status, ...values } = valuesOf(step);
  switch (step.operation) {
    case "create":
      return aDrupalUser({
        uuid,
        name: "made",
        mail: null,
        enabled: true,
        attributes: { ...BLANK, ...values },
      });
    case "delete":
      return null;
    case "assign":
      return user && { ...user, roles: [...user.roles, String(change?.after)] };
    case "remove":
      return user && { ...user, roles: user.roles.filter((role) => role !== change?.before) };
    default:
      return (
        user && {
          ...user,
          enabled: typeof status === "boolean" ? status : user.enabled,
          attributes: { ...user.attributes, ...values },
        }
      );
  }
}

function entraAfter(step: Step, user: EntraUser | null): EntraUser | null {
  const { accountEnabled, ...values } = valuesOf(step);
  if (step.operation === "delete") return null;
  if (step.operation === "create") return anEntraUser({ enabled: true, attributes: values });
  return (
    user && {
      ...user,
      enabled: typeof accountEnabled === "boolean" ? accountEnabled : user.enabled,
      attributes: { ...user.attributes, ...values },
    }
  );
}

function linkWith(step: Step, plan: Plan, link: Link, entra: EntraUser | null, now: Date): Link {
  const learned = step.changes.flatMap(
    ({ attribute }) => plan.learned[targetKey(step.system, attribute)] ?? [],
  );
  const [change] = step.changes;
  const name = step.resource === "role" ? String(change?.after ?? change?.before) : null;
  const after = linkAfter(link, { operation: step.operation, system: step.system, name }, now);
  const bases = Object.fromEntries(learned.map(({ key, base }) => [key, base]));
  const flips = Object.fromEntries(
    learned.map(({ key, base, over }) => {
      const write = { system: step.system, before: over, after: base[step.system] };
      return [key, rememberFlip(link.flips[key] ?? [], write, now)];
    }),
  );
  const isJoining = ["link", "create"].includes(step.operation);
  // As the export step joins: an account that is disabled at the first meeting waits for an operator.
  const isParked = step.operation === "link" && entra?.enabled === false;
  const isWrite = step.system === "entra" && !isJoining;
  return {
    ...after,
    ...(isJoining
      ? {
          entraObjectId: entra?.objectId ?? link.entraObjectId,
          linkedAt: now.toISOString(),
          ...(isParked ? { blocks: { ...link.blocks, entra: "parked" as const } } : {}),
        }
      : {}),
    base: { ...link.base, ...bases },
    flips: { ...link.flips, ...flips },
    known: isWrite ? rememberWrites(link.known, step.changes, now) : link.known,
  };
}

/** The situation after the plan was applied, as a look a minute later finds it. */
export function applyPlan(plan: Plan, situation: Situation): Situation {
  const now = new Date(situation.now.getTime() + 60_000);
  let { drupal, entra, link, isInBin } = situation;
  entra ??= situation.match.kind === "one" ? situation.match.user : situation.nominee;
  link = { ...link, ...plan.facts };
  for (const step of plan.steps) {
    if (step.system === "drupal") drupal = drupalAfter(step, drupal, link.drupalUuid);
    else if (step.operation === "restore")
      entra = anEntraUser({ objectId: link.entraObjectId ?? "" });
    else if (step.operation !== "link") {
      isInBin = step.operation === "delete" ? true : isInBin;
      entra = entraAfter(step, entra);
    }
    link = linkWith(step, plan, link, entra, situation.now);
  }
  link = { ...link, base: { ...link.base, ...plan.agreed } };
  const isJoined = link.linkedAt !== null;
  const look = entra === null ? null : lookAt(link.known, entra, now);
  return {
    ...situation,
    drupal,
    entra: isJoined ? entra : null,
    isInBin,
    nominee: isJoined ? null : situation.nominee,
    match: isJoined ? { kind: "none" } : situation.match,
    predecessor: isJoined ? null : situation.predecessor,
    link: look === null ? link : { ...link, known: look.known },
    hidden: look?.hidden ?? {},
    uncertain: new Set(),
    now,
  };
}
