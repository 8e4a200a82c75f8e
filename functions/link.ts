// GET /api/links/{drupalUuid}: both sides as they are now, why, and what waits; reads only. The id may be the Entra object id.
import { app } from "@azure/functions";
import type { explainedLink } from "../src/api/answers/link.ts";
import { jsonOf } from "../src/api/json-of.ts";
import { shownEscrow, shownLink, shownPhoto } from "../src/api/link-answer.ts";
import { Problem } from "../src/api/problem.ts";
import { requireUuid } from "../src/api/provision-body.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";

app.http("link", {
  methods: ["GET"],
  authLevel: "anonymous", // admin access is checked in the handler
  route: "links/{drupalUuid}",
  handler: respond(async (request) => {
    const { authorize, links, escrow, photos, explain } = currentApp();
    await authorize(request, "Audit.Read");
    const id = requireUuid(request.params.drupalUuid);
    const drupalUuid = (await links.holderOf(id)) ?? id;
    const stored = await links.get(drupalUuid);
    const receivedAt = new Date().toISOString();
    // As the next look of the app's own would decide; an operator's may do more.
    const explainAs = async (whom: { drupalUuid: string } | { entraObjectId: string }) =>
      explain({ ...whom, cause: "cycle", attempt: 0, receivedAt });
    const asDrupal = await explainAs({ drupalUuid });
    // No link and no Drupal account has the id: it may be that of an Entra user who has neither yet.
    const isNobody =
      asDrupal.kind === "explained" && asDrupal.explanation.import.status !== "success";
    const explained =
      stored === null && isNobody ? await explainAs({ entraObjectId: id }) : asDrupal;
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
  }),
});
