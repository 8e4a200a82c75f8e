// Makes a Drupal account exactly once: its UUID follows from the Entra object id, and Drupal refuses the same one twice.
import { drupalNameCandidates, drupalNameOf } from "../rules/drupal-names.ts";
import { AlreadyExistsError, RejectedError } from "../rules/errors.ts";
import { compileExpression } from "../rules/expressions.ts";
import { unlinked } from "../rules/link.ts";
import type { AttributeFailure, Step } from "../rules/plan.ts";
import type { Attributes, DrupalUser, EntraUser } from "../rules/users.ts";
import { type Announce, baseOfAdopted, type ExportJob, type Written } from "./export-job.ts";
import { valuesOf, without } from "./patch-accepted.ts";

function wantedName(entra: EntraUser, expression: string): string {
  const compiled = compileExpression(expression);
  const { userPrincipalName, attributes } = entra;
  try {
    const text = compiled.ok
      ? compiled.evaluate({ entra: { ...attributes, userPrincipalName } })
      : null;
    return typeof text === "string" ? text : userPrincipalName;
  } catch (cause) {
    const options = { system: "drupal", code: "expressionFailed", cause } as const;
    const message = "the expression for the account's name has no result for this user";
    throw new RejectedError(message, options);
  }
}

function namesFor(entra: EntraUser, job: ExportJob): string[] {
  const text = wantedName(entra, job.configuration.account.drupalName);
  const names = drupalNameCandidates(drupalNameOf(text, entra.objectId), entra.objectId);
  // A create whose answer was lost used this name: it is settled before any other is tried.
  const { pending } = job.held.link;
  const announced = pending?.operation === "create" ? pending.name : null;
  return announced === null ? names : [announced, ...names.filter((name) => name !== announced)];
}

const mailTaken = (cause: unknown) =>
  new RejectedError(
    "a Drupal account holds the mail address already: link the two, or change one",
    { system: "drupal", code: "mailTaken", attribute: "mail", cause },
  );

type Attempt =
  | { readonly kind: "made"; readonly failures: AttributeFailure[] }
  | { readonly kind: "found"; readonly account: DrupalUser }
  | { readonly kind: "nameTaken" };

// Someone holds the name or the mail. Ourselves, when an earlier answer was lost: Drupal names whatever clashes first
// (contract/drupal-fields).
async function resolveClash(error: AlreadyExistsError, job: ExportJob): Promise<Attempt> {
  const { drupalUuid } = job.held.link;
  const existing = await job.ports.drupal.getUser(drupalUuid, job.configuration.fields);
  if (existing !== null) return { kind: "found", account: existing };
  if (error.attribute === "mail") throw mailTaken(error);
  if (error.attribute === "name") return { kind: "nameTaken" };
  throw error;
}

/** The field that the account can do without; throws what cannot be helped. */
function dispensable(error: unknown, values: Attributes): AttributeFailure {
  if (!(error instanceof RejectedError)) throw error;
  const { attribute, code, message } = error;
  if (attribute === null || attribute === "status" || !(attribute in values)) throw error;
  return { attribute, code, message };
}

async function attempt(name: string, given: Attributes, job: ExportJob): Promise<Attempt> {
  const { held, ports, configuration } = job;
  const uuid = held.link.drupalUuid;
  const failures: AttributeFailure[] = [];
  let values = given;
  for (;;) {
    try {
      held.assertHeld();
      await ports.drupal.createUser({ uuid, name, values }, configuration.fields);
      return { kind: "made", failures };
    } catch (error) {
      if (error instanceof AlreadyExistsError) return resolveClash(error, job);
      const failure = dispensable(error, values);
      failures.push(failure);
      values = without(values, failure.attribute);
      await held.save({});
    }
  }
}

/** Creates the account of a `create` step. The Entra account is reserved for it first: nobody else can join it meanwhile.
 * RejectedError when no name is free or valid; the reservation is then given back. */
export async function createDrupalAccount(
  step: Step,
  job: ExportJob,
  announce: Announce,
): Promise<Written> {
  const { held, entra, ports } = job;
  if (entra === null) throw new Error("a create step without an Entra user");
  const { objectId } = entra;
  const values = valuesOf(step.changes);
  let isReserved = false;
  try {
    for (const name of namesFor(entra, job)) {
      await announce(name, { entraObjectId: objectId });
      if (!isReserved) await ports.links.claim(objectId, held.link.drupalUuid);
      isReserved = true;
      const result = await attempt(name, values, job);
      if (result.kind === "nameTaken") continue;
      const added = [{ attribute: "name", before: null, after: name, why: "notInDrupal" }];
      if (result.kind === "made") return { failures: result.failures, added };
      return { failures: [], added, adopted: baseOfAdopted(held, { drupal: result.account }, job) };
    }
    throw new RejectedError("every name that the expression allows is taken in Drupal", {
      system: "drupal",
      code: "nameTaken",
      attribute: "name",
    });
  } catch (error) {
    if (error instanceof RejectedError && held.link.linkedAt === null) {
      // The reservation first: one that no link names would keep the Entra user out for ever.
      await ports.links.release(objectId, held.link.drupalUuid);
      held.note(unlinked(held.link));
    }
    throw error;
  }
}
