// Writes Drupal users: one request each, never repeated here, and every refusal by its name.
import { z } from "zod";
import { AlreadyExistsError, type SyncFailure, TransientError } from "../../rules/errors.ts";
import type { Attributes, DrupalUser } from "../../rules/users.ts";
import { folded } from "../../rules/values.ts";
import type { DrupalFields, DrupalReader, DrupalWriter } from "../../sync/ports.ts";
import { faultsIn, isNotFound, refusalOf, unexpectedAnswer } from "./answers.ts";
import type { DrupalAnswer, DrupalClient } from "./client.ts";
import { createRoleWrites } from "./roles.ts";
import { createTerms } from "./terms.ts";
import { toUserDocument, type UserDocument } from "./user-document.ts";

const USERS = "/jsonapi/user/user";
const UNIQUE = ["name", "mail"] as const;
const anyUser = z.object({ data: z.object({ id: z.string() }) });

const userPath = (uuid: string): string => `${USERS}/${encodeURIComponent(uuid.toLowerCase())}`;

const taken = (attribute: string): AlreadyExistsError =>
  new AlreadyExistsError(`another account in Drupal has this ${attribute}`, {
    system: "drupal",
    code: "valueTaken",
    attribute,
  });

/** The writer over one site's client; `reads` tells whether a refused name or address is another account's. */
export function createUserWrites(
  client: DrupalClient,
  reads: Pick<DrupalReader, "findUsers">,
  now: () => Date,
): DrupalWriter {
  const terms = createTerms(client, now);
  const roles = createRoleWrites(client, now);

  const holdersOf = async (attribute: string, values: Attributes): Promise<DrupalUser[]> => {
    const value = values[attribute];
    if (typeof value !== "string") return [];
    return reads.findUsers({ attribute, value: folded(value) }, {});
  };

  // A refused name is taken or not a name: both have the same pointer, and only prose tells them apart (contract/drupal
  // 012, 026). So Drupal is asked who holds it.
  const clashOf = async (
    uuid: string,
    values: Attributes,
    attributes: readonly string[],
  ): Promise<AlreadyExistsError | null> => {
    for (const attribute of attributes) {
      const holders = await holdersOf(attribute, values);
      // Name and address are refused before the id is looked at: it is the account that we made before
      // (contract/drupal-fields 103).
      if (holders.some((user) => user.uuid === uuid.toLowerCase())) {
        const options = { system: "drupal", code: "accountExists", attribute: "uuid" } as const;
        return new AlreadyExistsError("an account with this id exists in Drupal", options);
      }
      if (holders.length > 0) return taken(attribute);
    }
    return null;
  };

  const pointedAt = ({ status, body }: DrupalAnswer): string[] => {
    if (status !== 422) return [];
    const pointers = faultsIn(body).map(({ pointer }) => pointer);
    return UNIQUE.filter((name) => pointers.includes(`/data/attributes/${name}`));
  };

  const failureOf = (
    answer: DrupalAnswer,
    document: UserDocument,
    values: Attributes,
    fields: DrupalFields,
  ): SyncFailure => {
    const failure = refusalOf(answer, document);
    if (failure.code !== "referenceUnknown") return failure;
    for (const [name, { vocabulary }] of Object.entries(fields)) {
      const value = values[name];
      const labels = typeof value === "string" ? [value] : Array.isArray(value) ? value : [];
      if (vocabulary !== undefined) for (const label of labels) terms.forget(vocabulary, label);
    }
    return failure;
  };

  // A name that differs from another in the case of letters beyond ASCII passes the validation and breaks in the
  // database, with a 500 for ever (contract/drupal-fields, surprise 6).
  const clashBehind = async (
    error: unknown,
    uuid: string,
    values: Attributes,
  ): Promise<AlreadyExistsError | null> => {
    const isServerError =
      error instanceof TransientError &&
      error.code === "drupalUnavailable" &&
      error.retryAfterMs === null;
    return isServerError ? clashOf(uuid, values, ["name"]).catch(() => null) : null;
  };

  return {
    createUser: async ({ uuid, name, values }, fields) => {
      const all = { ...values, name };
      const filled = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
      const document = await toUserDocument(uuid, filled, fields, terms);
      const isDone = ({ status, body }: DrupalAnswer) =>
        status === 201 && anyUser.safeParse(body).data?.data.id === uuid.toLowerCase();
      const request = { method: "POST", path: USERS, body: document.body } as const;
      let answer: DrupalAnswer;
      try {
        answer = await client.send(request, isDone);
      } catch (error) {
        throw (await clashBehind(error, uuid, all)) ?? error;
      }
      if (isDone(answer)) return;
      if (answer.status < 300) throw unexpectedAnswer();
      const clash = await clashOf(uuid, all, pointedAt(answer));
      throw clash ?? failureOf(answer, document, all, fields);
    },
    updateUser: async (uuid, values, fields) => {
      const document = await toUserDocument(uuid, values, fields, terms);
      const isDone = ({ status, body }: DrupalAnswer) =>
        status === 200 && anyUser.safeParse(body).data?.data.id === uuid.toLowerCase();
      const request = { method: "PATCH", path: userPath(uuid), body: document.body } as const;
      const answer = await client.send(request, isDone);
      if (isDone(answer)) return;
      if (answer.status < 300) throw unexpectedAnswer();
      for (const attribute of pointedAt(answer)) {
        const holders = await holdersOf(attribute, values);
        if (holders.some((user) => user.uuid !== uuid.toLowerCase())) throw taken(attribute);
      }
      throw failureOf(answer, document, values, fields);
    },
    assignRole: (uuid, role) => roles.change(uuid, role, true),
    removeRole: (uuid, role) => roles.change(uuid, role, false),
    deleteUser: async (uuid) => {
      const request = { method: "DELETE", path: userPath(uuid) } as const;
      const answer = await client.send(request, ({ status }) => status === 204);
      if (answer.status === 204 || isNotFound(answer)) return;
      throw refusalOf(answer, { sent: new Map() });
    },
  };
}
