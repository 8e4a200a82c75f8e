// The answer that explains one user: the link, both sides as they are now, why, and what waits; reads only.
import type { HttpResponseInit } from "@azure/functions";
import type { EscrowEntry } from "../rules/escrow.ts";
import type { Explained } from "../rules/explanation.ts";
import type { Link } from "../rules/link.ts";
import type { PhotoRecord } from "../rules/photo.ts";
import type { ProvisionRequest } from "../rules/provision-request.ts";
import type { explainedLink } from "./answers/link.ts";
import { jsonOf } from "./json-of.ts";
import { shownEscrow, shownLink, shownPhoto } from "./link-answer.ts";
import { Problem } from "./problem.ts";

/** What is asked of the app. */
export interface ExplainingApp {
  readonly links: { get(drupalUuid: string): Promise<{ readonly link: Link } | null> };
  readonly escrow: { find(key: string): Promise<EscrowEntry | null> };
  readonly photos: {
    record(drupalUuid: string): Promise<{ readonly record: PhotoRecord } | null>;
  };
  explain(request: ProvisionRequest): Promise<Explained>;
}

/**
 * Explains a Drupal user, or, where neither a link nor a Drupal account has the id, the Entra user with the id of `orEntra`.
 * A Problem 404 where there is nobody.
 */
export async function explainedLinkAnswer(
  drupalUuid: string,
  orEntra: string | null,
  { links, escrow, photos, explain }: ExplainingApp,
): Promise<HttpResponseInit> {
  const stored = await links.get(drupalUuid);
  const receivedAt = new Date().toISOString();
  // As the next look of the app's own would decide; an operator's may do more.
  const explainAs = async (whom: { drupalUuid: string } | { entraObjectId: string }) =>
    explain({ ...whom, cause: "cycle", attempt: 0, receivedAt });
  const asDrupal = await explainAs({ drupalUuid });
  const isNobody =
    asDrupal.kind === "explained" && asDrupal.explanation.import.status !== "success";
  const explained =
    stored === null && isNobody && orEntra !== null
      ? await explainAs({ entraObjectId: orEntra })
      : asDrupal;
  const isKnown =
    explained.kind === "unmatched" || explained.explanation.import.status === "success";
  if (stored === null && !isKnown)
    throw new Problem(404, "linkNotFound", "There is no such link, and no such user.");
  const explanation = explained.kind === "explained" ? explained.explanation : null;
  // Of an Entra user without a link: the UUID that they would get.
  const key = explanation?.drupalUuid ?? drupalUuid;
  const [entry, picture] = await Promise.all([escrow.find(key), photos.record(key)]);
  return jsonOf<typeof explainedLink>()(200, {
    link: stored === null ? null : shownLink(stored.link),
    reason: explained.reason,
    explanation,
    escrow: entry === null ? null : shownEscrow(entry),
    photo: picture === null ? null : shownPhoto(picture.record),
  });
}
