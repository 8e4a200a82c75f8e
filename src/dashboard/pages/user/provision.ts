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
  /** ISO 8601. */
  readonly at: string;
  /** The app could not serve the user at once: it is on the queue. */
  readonly isDeferred: boolean;
}

/** Orders it. */
export async function provision(
  subject: Subject,
  more: { readonly dryRun?: boolean; readonly joins?: string } = {},
): Promise<Ordered> {
  const { body, status }: Answer<ProvisionAnswer> = await send("POST", "provision", {
    ...subject,
    ...more,
  });
  const kind = more.dryRun === true ? "preview" : more.joins === undefined ? "sync" : "join";
  return { answer: body, kind, at: new Date().toISOString(), isDeferred: status === 202 };
}
