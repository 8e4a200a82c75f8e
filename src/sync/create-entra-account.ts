// Makes an Entra account exactly once. POST /users is not idempotent, but a UPN is unique at once: so the UPN is
// announced before the POST, and a marker in the account tells ours from a namesake's after a crash or timeout.

import { entraAttributesOf } from "../rules/attribute-mapping.ts";
import {
  collisionCandidates,
  mailNicknameOf,
  userPrincipalNameLocalPart,
} from "../rules/entra-names.ts";
import { AlreadyExistsError, RejectedError, TransientError } from "../rules/errors.ts";
import { compileExpression } from "../rules/expressions.ts";
import type { AttributeFailure, Step } from "../rules/plan.ts";
import type { Attributes, DrupalUser, EntraUser } from "../rules/users.ts";
import { folded } from "../rules/values.ts";
import { type Announce, baseOfAdopted, type ExportJob, type Written } from "./export-job.ts";
import { valuesOf, without } from "./patch-accepted.ts";

async function domainFor({ configuration, ports }: ExportJob): Promise<string> {
  const verified = await ports.entra.verifiedDomains();
  const wanted = configuration.account.domain ?? verified[0];
  if (wanted !== undefined && verified.some((domain) => folded(domain) === folded(wanted)))
    return wanted;
  const message = `the domain ${wanted ?? "(none)"} is not verified in the tenant`;
  throw new RejectedError(message, { system: "entra", code: "domainNotVerified" });
}

function wantedName(user: DrupalUser, expression: string): unknown {
  const compiled = compileExpression(expression);
  try {
    return compiled.ok ? compiled.evaluate({ drupal: user.attributes }) : null;
  } catch (cause) {
    const options = { system: "entra", code: "expressionFailed", cause } as const;
    throw new RejectedError(
      "the expression for the account's name has no result for this user",
      options,
    );
  }
}

async function namesFor(user: DrupalUser, job: ExportJob): Promise<string[]> {
  const domain = await domainFor(job);
  const text = wantedName(user, job.configuration.account.userPrincipalName);
  const local = userPrincipalNameLocalPart(typeof text === "string" ? text : user.name, user.uuid);
  const names = collisionCandidates(local, user.uuid).map((candidate) => `${candidate}@${domain}`);
  // A create whose answer was lost used this name: it is settled before any other is tried.
  const announced =
    job.held.link.pending?.operation === "create" ? job.held.link.pending.name : null;
  return announced === null ? names : [announced, ...names.filter((name) => name !== announced)];
}

// The attribute that the account can do without. Not the marker, without which a repeat would make a second account.
function dispensable(error: RejectedError, values: Attributes, marker: string): string | null {
  const { attribute } = error;
  const needed = ["displayName", "accountEnabled", marker];
  return attribute !== null && attribute in values && !needed.includes(attribute)
    ? attribute
    : null;
}

// Someone in Entra holds this mail address, perhaps as an alias that no matching key sees: the same person, most
// likely. A second account for them would be worse than none.
const mailTaken = (cause: unknown) =>
  new RejectedError(
    "an Entra account holds the mail address already: link the two, or change one",
    {
      system: "entra",
      code: "mailTaken",
      attribute: "mail",
      cause,
    },
  );

const NOT_YET = {
  code: "notYetWritten",
  message: "the new account does not have it yet; the next look writes it",
};

type Attempt =
  | { readonly kind: "made"; readonly objectId: string; readonly failures: AttributeFailure[] }
  | { readonly kind: "found"; readonly account: EntraUser }
  | { readonly kind: "nameTaken" };

// The name is taken. By ourselves, when an earlier answer was lost; that cannot be told while Entra does not show it.
async function whoseNameIs(
  name: string,
  job: ExportJob,
  mayBeOurs: boolean,
  cause: unknown,
): Promise<EntraUser | null> {
  const { marker } = job.configuration.account;
  const attributes = entraAttributesOf(job.configuration);
  const holder = await job.ports.entra.getUserByPrincipalName(name, attributes);
  if (holder?.attributes[marker] === job.held.link.drupalUuid) return holder;
  if (holder === null && mayBeOurs) {
    const options = {
      system: "entra",
      code: "createUnconfirmed",
      retryAfterMs: 2000,
      cause,
    } as const;
    throw new TransientError("Entra does not show yet whose the announced name is", options);
  }
  return null;
}

async function resolveClash(
  error: AlreadyExistsError,
  name: string,
  job: ExportJob,
  mayBeOurs: boolean,
): Promise<Attempt> {
  if (error.attribute === "mail") throw mailTaken(error);
  const account = await whoseNameIs(name, job, mayBeOurs, error);
  return account === null ? { kind: "nameTaken" } : { kind: "found", account };
}

async function attempt(
  name: string,
  given: Attributes,
  job: ExportJob,
  mayBeOurs: boolean,
): Promise<Attempt> {
  const failures: AttributeFailure[] = [];
  let values = given;
  for (;;) {
    try {
      job.held.assertHeld();
      const user = { userPrincipalName: name, mailNickname: mailNicknameOf(name), values };
      const { objectId, unwritten } = await job.ports.entra.createUser(user);
      // The account is there without them: the next look writes them, and takes nothing for agreed.
      const left = unwritten.map((attribute) => ({ attribute, ...NOT_YET }));
      return { kind: "made", objectId, failures: [...failures, ...left] };
    } catch (error) {
      if (error instanceof AlreadyExistsError) return resolveClash(error, name, job, mayBeOurs);
      if (!(error instanceof RejectedError)) throw error;
      const culprit = dispensable(error, values, job.configuration.account.marker);
      if (culprit === null) throw error;
      failures.push({ attribute: culprit, code: error.code, message: error.message });
      values = without(values, culprit);
      await job.held.save({});
    }
  }
}

/** Creates the account of a `create` step and joins the ids. RejectedError when no name is free or valid. */
export async function createEntraAccount(
  step: Step,
  job: ExportJob,
  announce: Announce,
): Promise<Written> {
  const { held, drupal, ports } = job;
  if (drupal === null) throw new Error("a create step without a Drupal user");
  const values = valuesOf(step.changes);
  const announced = held.link.pending?.name ?? null;
  for (const name of await namesFor(drupal, job)) {
    await announce(name);
    const result = await attempt(name, values, job, name === announced);
    if (result.kind === "nameTaken") continue;
    const objectId = result.kind === "made" ? result.objectId : result.account.objectId;
    held.note({ entraObjectId: objectId });
    await ports.links.claim(objectId, held.link.drupalUuid);
    const added = [
      { attribute: "userPrincipalName", before: null, after: name, why: "notInEntra" },
    ];
    if (result.kind === "made") return { failures: result.failures, added };
    return { failures: [], added, adopted: baseOfAdopted(held, { entra: result.account }, job) };
  }
  const message = "every name that the expression allows is taken in Entra";
  throw new RejectedError(message, {
    system: "entra",
    code: "nameTaken",
    attribute: "userPrincipalName",
  });
}
