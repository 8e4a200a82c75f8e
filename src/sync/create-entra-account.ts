// Makes an Entra account exactly once. POST /users is not idempotent, but a UPN is unique at once: so the UPN is
// announced before the POST, and a marker in the account tells ours from a namesake's after a crash or timeout.

import {
  collisionCandidates,
  mailNicknameOf,
  userPrincipalNameLocalPart,
} from "../rules/entra-names.ts";
import { AlreadyExistsError, RejectedError, TransientError } from "../rules/errors.ts";
import { compileExpression } from "../rules/expressions.ts";
import type { AttributeFailure, Change, Step } from "../rules/plan.ts";
import type { Attributes, DrupalUser } from "../rules/users.ts";
import { folded } from "../rules/values.ts";
import type { Announce, ExportJob } from "./export-plan.ts";

/** What the account is called, and the attributes that Entra refused. */
export interface CreatedAccount {
  readonly failures: AttributeFailure[];
  readonly added: readonly Change[];
}

async function domainFor({ configuration, ports }: ExportJob): Promise<string> {
  const verified = await ports.entra.verifiedDomains();
  const wanted = configuration.account.domain ?? verified[0];
  if (wanted !== undefined && verified.some((domain) => folded(domain) === folded(wanted)))
    return wanted;
  const message = `the domain ${wanted ?? "(none)"} is not verified in the tenant`;
  throw new RejectedError(message, { system: "entra", code: "domainNotVerified" });
}

async function namesFor(user: DrupalUser, job: ExportJob): Promise<string[]> {
  const domain = await domainFor(job);
  const compiled = compileExpression(job.configuration.account.userPrincipalName);
  const text = compiled.ok ? compiled.evaluate({ drupal: user.attributes }) : user.name;
  const local = userPrincipalNameLocalPart(typeof text === "string" ? text : user.name, user.uuid);
  const names = collisionCandidates(local, user.uuid).map((candidate) => `${candidate}@${domain}`);
  // A create whose answer was lost used this name: it is settled before any other is tried.
  const announced =
    job.held.link.pending?.operation === "create" ? job.held.link.pending.userPrincipalName : null;
  return announced === null ? names : [announced, ...names.filter((name) => name !== announced)];
}

const withoutAttribute = (values: Attributes, attribute: string): Attributes =>
  Object.fromEntries(Object.entries(values).filter(([name]) => name !== attribute));

// Which of our attributes a refusal is about: a clash of proxyAddresses comes from the mail that we sent
// (facts: graph 1.2, docs-contrib#8421).
function culpritOf(error: AlreadyExistsError | RejectedError, values: Attributes): string | null {
  const attribute = error.attribute === "proxyAddresses" ? "mail" : error.attribute;
  return attribute !== null && attribute in values && attribute !== "displayName"
    ? attribute
    : null;
}

type Attempt =
  | { readonly kind: "made"; readonly objectId: string; readonly failures: AttributeFailure[] }
  | { readonly kind: "nameTaken" };

async function attempt(
  name: string,
  given: Attributes,
  job: ExportJob,
  mayBeOurs: boolean,
): Promise<Attempt> {
  const { ports, configuration, request } = job;
  const failures: AttributeFailure[] = [];
  let values = given;
  for (;;) {
    try {
      const user = { userPrincipalName: name, mailNickname: mailNicknameOf(name), values };
      const { objectId } = await ports.entra.createUser(user);
      return { kind: "made", objectId, failures };
    } catch (error) {
      if (!(error instanceof AlreadyExistsError || error instanceof RejectedError)) throw error;
      const culprit = culpritOf(error, values);
      if (culprit !== null) {
        failures.push({ attribute: culprit, code: error.code, message: error.message });
        values = withoutAttribute(values, culprit);
        continue;
      }
      if (!(error instanceof AlreadyExistsError)) throw error;
      const { marker } = configuration.account;
      const holder = await ports.entra.getUserByPrincipalName(name, [marker]);
      if (holder?.attributes[marker] === request.drupalUuid) {
        return { kind: "made", objectId: holder.objectId, failures };
      }
      if (holder === null && mayBeOurs) {
        const options = {
          system: "entra",
          code: "createUnconfirmed",
          retryAfterMs: 2000,
          cause: error,
        } as const;
        throw new TransientError("Entra does not show yet whose the announced name is", options);
      }
      return { kind: "nameTaken" };
    }
  }
}

/** Creates the account of a `create` step and joins the ids. RejectedError when no name is free or valid. */
export async function createEntraAccount(
  step: Step,
  job: ExportJob,
  announce: Announce,
): Promise<CreatedAccount> {
  const { held, drupal, ports, request } = job;
  if (drupal === null) throw new Error("a create step without a Drupal user");
  const values = Object.fromEntries(step.changes.map((change) => [change.attribute, change.after]));
  const announced = held.link.pending?.userPrincipalName ?? null;
  for (const name of await namesFor(drupal, job)) {
    await announce(name);
    const result = await attempt(name, values, job, name === announced);
    if (result.kind === "nameTaken") continue;
    held.note({
      entraObjectId: result.objectId,
      linkedAt: ports.now().toISOString(),
      createdByUs: true,
    });
    await ports.links.claim(result.objectId, request.drupalUuid);
    const added = [
      { attribute: "userPrincipalName", before: null, after: name, why: "notInEntra" },
    ];
    return { failures: result.failures, added };
  }
  const message = "every name that the expression allows is taken in Entra";
  throw new RejectedError(message, {
    system: "entra",
    code: "nameTaken",
    attribute: "userPrincipalName",
  });
}
