// The orders about one user: to look only, to sync now, to join two accounts.
import { type Answer, send } from "../../ask/ask.ts";
import type { ProvisionAnswer } from "../../ask/contract.ts";

/** Whom an order is about. */
export interface Subject {
  readonly system: "drupal" | "entra";
  readonly id: string;
}

/** What came of an order, and of which. */
export interface Ordered {
  readonly answer: ProvisionAnswer;
  readonly kind: "preview" | "sync" | "join";
  /** Milliseconds of this page: which of two orders is the newer. */
  readonly askedAt: number;
  /** ISO 8601. */
  readonly at: string;
  /** ISO 8601: the app could not serve the user at once, and tries again then. Null: it is done. */
  readonly againAt: string | null;
}

const isoAfter = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();

/** Orders it. */
export async function provision(
  subject: Subject,
  more: { readonly dryRun?: boolean; readonly joins?: string } = {},
): Promise<Ordered> {
  const askedAt = performance.now();
  const { body, status, retryAfterSeconds }: Answer<ProvisionAnswer> = await send(
    "POST",
    "provision",
    {
      ...subject,
      ...more,
    },
  );
  const againAt = status === 202 ? isoAfter(retryAfterSeconds ?? 0) : null;
  const kind = more.dryRun === true ? "preview" : more.joins === undefined ? "sync" : "join";
  return { answer: body, kind, askedAt, at: isoAfter(0), againAt };
}
