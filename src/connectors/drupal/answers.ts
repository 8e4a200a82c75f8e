// What Drupal's refusals say: their errors, the field that each is about, and the name that the engine reacts to.
import { z } from "zod";
import {
  AccessError,
  AlreadyExistsError,
  NotFoundError,
  RejectedError,
  type SyncFailure,
  TransientError,
} from "../../rules/errors.ts";
import type { DrupalAnswer } from "./client.ts";

const errorDocument = z.object({
  errors: z
    .array(
      z.object({
        status: z.string(),
        detail: z.string().default(""),
        source: z.object({ pointer: z.string() }).optional(),
      }),
    )
    .min(1),
});

/** One error of an answer; `field` is the one that its pointer names. */
export interface DrupalFault {
  readonly status: string;
  /** Prose in the site's language, with values: chooses an attribute at most, and is never shown. */
  readonly detail: string;
  readonly pointer: string | null;
  readonly field: string | null;
}

/** The errors of a JSON:API document; none for anything else, such as a proxy's page. */
export function faultsIn(body: unknown): DrupalFault[] {
  const parsed = errorDocument.safeParse(body);
  if (!parsed.success) return [];
  return parsed.data.errors.map(({ status, detail, source }) => {
    const pointer = source?.pointer ?? null;
    // References are named below `attributes` too (contract/drupal-fields 041).
    const field = /^\/data\/(?:attributes|relationships)\/([^/]+)/.exec(pointer ?? "")?.[1] ?? null;
    return { status, detail, pointer, field };
  });
}

// JSON:API's own "no such resource" (contract/drupal 291); a proxy's or Drupal's routing 404 is HTML (277).
/** Whether the answer is JSON:API's own 404. */
export const isNotFound = ({ status, body }: DrupalAnswer): boolean =>
  status === 404 && faultsIn(body)[0]?.status === "404";

/** Something between us and Drupal has answered, or Drupal in a form that JSON:API does not have. */
export const unexpectedAnswer = (): TransientError =>
  new TransientError("Drupal's answer does not come from JSON:API", {
    system: "drupal",
    code: "drupalAnswerUnexpected",
  });

/** A write as far as its refusal needs it. */
export interface SentWrite {
  /** The fields that were sent, each with the text that an error might quote. */
  readonly sent: ReadonlyMap<string, readonly string[]>;
}

// Errors of dates, of unknown fields and of references name no pointer (contract/drupal-fields 027, 040, 049): the
// field is the one whose value, or else whose name, the error quotes.
function fieldQuoted(detail: string, { sent }: SentWrite): string | null {
  const fields = [...sent];
  const byValue = fields.filter(([, texts]) =>
    texts.some((text) => text.length > 3 && detail.includes(text)),
  );
  const byName = fields.filter(([name]) => new RegExp(`\\b${name}\\b`).test(detail));
  const [only, ...others] = byName.length > 0 ? byName : byValue;
  return only !== undefined && others.length === 0 ? only[0] : null;
}

const rejected = (code: string, message: string, attribute: string | null): RejectedError =>
  new RejectedError(message, { system: "drupal", code, attribute });

/** The name of a refused write. Whether a value is taken by another account is the caller's to find out. */
export function refusalOf(answer: DrupalAnswer, write: SentWrite): SyncFailure {
  const { status, body } = answer;
  const faults = faultsIn(body);
  const [first] = faults;
  const drupal = (code: string) => ({ system: "drupal", code }) as const;
  if (first === undefined) return unexpectedAnswer();
  if (status === 405) {
    const message =
      "JSON:API of this site only reads: choose 'Accept all JSON:API create, read, update, and delete operations' at /admin/config/services/jsonapi";
    return new AccessError(message, drupal("drupalReadOnly"));
  }
  const attribute =
    faults.find(({ field }) => field !== null)?.field ?? fieldQuoted(first.detail, write);
  const named = attribute === null ? "" : ` of ${attribute}`;
  if (status === 403) {
    const message = `the service account may not do this${attribute === null ? "" : ` to ${attribute}`} in Drupal: it needs 'administer users'`;
    return rejected("drupalForbidden", message, attribute);
  }
  if (status === 404) {
    // A 404 may be about a reference (contract/drupal-fields 040); that text is not translated.
    if (first.detail.includes("given as a relationship item"))
      return rejected("referenceUnknown", `Drupal does not have the target${named}`, attribute);
    return new NotFoundError("the account does not exist in Drupal", drupal("drupalUserNotFound"));
  }
  if (status === 409) {
    const message = "an account with this id exists in Drupal";
    return new AlreadyExistsError(message, { ...drupal("accountExists"), attribute: "uuid" });
  }
  const message =
    attribute === null
      ? `Drupal refuses the account with ${status}`
      : `Drupal refuses the value${named}`;
  return rejected("drupalRefused", message, attribute);
}
