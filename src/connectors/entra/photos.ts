// Pictures of Entra: what Graph knows of them, twenty users in a request, and their bytes. They are Outlook's, with quotas of its
// own (facts: graph 4 and 5).
import { GraphError, ResponseType } from "@microsoft/microsoft-graph-client";
import { z } from "zod";
import { NotFoundError, RejectedError, TransientError } from "../../rules/errors.ts";
import type { PhotoSeen } from "../../rules/photo.ts";
import type { EntraPhotos } from "../../sync/photo-ports.ts";
import { type BatchAnswer, readBatch } from "./batch.ts";
import type { GraphClient } from "./client.ts";
import { checkedPicture } from "./picture-check.ts";

const metadata = z.object({ "@odata.mediaEtag": z.string(), width: z.number() });

const fault = z.object({ error: z.looseObject({ code: z.string().default("") }) });

// Users without a mailbox (microsoft-graph-docs#8877, msgraph-sdk-dotnet#688).
const NO_MAILBOX =
  /^(MailboxNotHostedInExchangeOnline|MailboxNotEnabledForRESTAPI|AuthenticationError)$/i;
const NO_PHOTO =
  /^(ImageNotFound|ErrorItemNotFound|ErrorEntityNotFound|ProfileNotFoundException|ConsumerPhotoIsNotSupported)$/i;

function seenIn({ status, body, retryAfterMs }: BatchAnswer): PhotoSeen {
  if (status === 200) {
    const known = metadata.safeParse(body).data;
    // A GIF of one pixel and no version stands for no picture (profilephoto-get).
    if (known === undefined) return { kind: "unavailable", retryAfterMs: null };
    if (known["@odata.mediaEtag"] === "" || known.width <= 1) return { kind: "none" };
    return { kind: "picture", etag: known["@odata.mediaEtag"], width: known.width };
  }
  const code = fault.safeParse(body).data?.error.code ?? "";
  if (NO_MAILBOX.test(code)) return { kind: "noMailbox" };
  if (status === 404 || NO_PHOTO.test(code)) return { kind: "none" };
  if (status === 429) return { kind: "throttled", retryAfterMs };
  if (status === 401 || status === 403) return { kind: "forbidden" };
  return { kind: "unavailable", retryAfterMs };
}

const isOfSize = (error: unknown): boolean => {
  if (error instanceof NotFoundError) return false;
  const { cause } = error instanceof RejectedError ? error : { cause: undefined };
  return !(cause instanceof GraphError && NO_PHOTO.test(cause.code ?? ""));
};

/** The pictures of a tenant over one Graph client. */
export function createEntraPhotos(graph: GraphClient): EntraPhotos {
  return {
    seen: async (objectIds) => {
      const paths = objectIds.map((id) => `/users/${encodeURIComponent(id)}/photo`);
      const answers = await readBatch(graph, paths);
      const seen = new Map<string, PhotoSeen>();
      for (const [at, objectId] of objectIds.entries()) {
        const answer = answers[at];
        if (answer !== undefined) seen.set(objectId, seenIn(answer));
      }
      return seen;
    },
    download: async (objectId, size) => {
      const user = `/users/${encodeURIComponent(objectId)}`;
      const path = size === null ? `${user}/photo` : `${user}/photos/${size}x${size}`;
      const request = graph.api(`${path}/$value`).responseType(ResponseType.ARRAYBUFFER);
      const work: Promise<unknown> = request.get();
      try {
        const answer = await graph.call(work);
        if (!(answer instanceof ArrayBuffer))
          throw new TransientError("Graph's answer is not what it documents", {
            system: "entra",
            code: "entraAnswerMalformed",
          });
        return checkedPicture(new Uint8Array(answer));
      } catch (error) {
        if (error instanceof RejectedError && error.code === "answerTooLarge")
          throw new RejectedError("the picture is larger than 8 MB", {
            system: "entra",
            code: "photoRefusedTooLarge",
          });
        if (isOfSize(error)) throw error;
        return null;
      }
    },
  };
}
