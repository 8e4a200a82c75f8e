// GET /api/links/{drupalUuid}/photo: the picture that the sync keeps of a user. The id may be the Entra object id, too.
import { app } from "@azure/functions";
import { photoAnswer } from "../src/api/photo-answer.ts";
import { requireUuid } from "../src/api/provision-body.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";

app.http("link-photo", {
  methods: ["GET"],
  authLevel: "anonymous", // admin access is checked in the handler
  route: "links/{drupalUuid}/photo",
  handler: respond(async (request) => {
    const { authorize, links, photos } = currentApp();
    await authorize(request, "Audit.Read");
    const id = requireUuid(request.params.drupalUuid);
    const photo = await photos.get((await links.holderOf(id)) ?? id);
    return photoAnswer(photo, request.headers.get("if-none-match"));
  }),
});
