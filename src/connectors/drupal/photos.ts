// The pictures of Drupal accounts over JSON:API: which file an account shows, uploads, and files that are of no use any more.
import { z } from "zod";
import { RejectedError, TransientError } from "../../rules/errors.ts";
import type { DrupalPicture } from "../../rules/photo.ts";
import type { DrupalPhotos, PictureLimits } from "../../sync/photo-ports.ts";
import { faultsIn, isNotFound, refusalOf, unexpectedAnswer } from "./answers.ts";
import type { DrupalAnswer, DrupalClient } from "./client.ts";
import { proveRights } from "./whole-users.ts";
import { withQuery } from "./wire.ts";

// JSON:API's own maximum of a page (facts: drupal 15).
const PAGE = 50;
const LIMITS_LAST_MS = 10 * 60_000;
const NOTHING_SENT = { sent: new Map<string, readonly string[]>() };

// A file that was deleted under its user reads as `missing`.
const fileIdentifier = z.object({ id: z.string() }).nullable();
const relationships = z.looseObject({});
const user = z.object({ id: z.guid(), relationships });
const file = z.object({
  type: z.literal("file--file"),
  id: z.guid(),
  attributes: z.object({ filename: z.string(), created: z.string() }),
});
const userAnswer = z.object({ data: user, included: z.array(z.unknown()).default([]) });
const usersAnswer = z.object({ data: z.array(user) });
const uploadAnswer = z.object({ data: z.object({ type: z.literal("file--file"), id: z.guid() }) });

const userPath = (uuid: string): string => `/jsonapi/user/user/${encodeURIComponent(uuid)}`;

// undefined: there is no such field, or we may not see it.
function fileIdIn(given: z.infer<typeof relationships>, field: string): string | null | undefined {
  const data = z.object({ data: fileIdentifier }).safeParse(given[field]).data?.data;
  return data?.id === "missing" ? null : data === null ? null : data?.id;
}

const fieldMissing = (field: string) =>
  new RejectedError(`users of this site have no image field ${field} that we may see`, {
    system: "drupal",
    code: "photoFieldMissing",
    attribute: field,
  });

const shownUser = ({ status, body }: DrupalAnswer) =>
  status === 200 ? userAnswer.safeParse(body).data : undefined;

// "200 KB" (Drupal: Bytes::toNumber; powers of 1,024).
function bytesOf(text: string): number | null {
  const found = /^\s*([\d.]+)\s*([KMG]?)/i.exec(text);
  const power = ["", "K", "M", "G"].indexOf(found?.[2]?.toUpperCase() ?? "");
  const bytes = Number(found?.[1]) * 1024 ** power;
  return Number.isFinite(bytes) && bytes > 0 ? Math.floor(bytes) : null;
}

// Fields of other kinds have settings of other shapes (contract/drupal 222).
const fieldConfigs = z.object({
  data: z.array(
    z.object({ attributes: z.object({ field_name: z.string(), settings: z.unknown() }) }),
  ),
});
const imageSettings = z.object({
  file_extensions: z.string().default(""),
  max_filesize: z.string().default(""),
  max_resolution: z.string().default(""),
});
const NO_LIMITS: PictureLimits = { maxBytes: null, extensions: null, maxPixels: null };

function limitsIn(body: unknown, field: string): PictureLimits {
  const found = fieldConfigs
    .safeParse(body)
    .data?.data.find(({ attributes }) => attributes.field_name === field);
  const settings = imageSettings.safeParse(found?.attributes.settings).data;
  if (settings === undefined) return NO_LIMITS;
  const { file_extensions, max_filesize, max_resolution } = settings;
  const extensions = file_extensions
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean);
  const sides = max_resolution
    .split("x")
    .map(Number)
    .filter((side) => side > 0);
  return {
    maxBytes: bytesOf(max_filesize),
    extensions: extensions.length > 0 ? extensions : null,
    maxPixels: sides.length > 0 ? Math.min(...sides) : null,
  };
}

// In the site's language: what remains of the text in any of them is a size with its unit (contract/drupal 202).
const SIZES = /\d\s?(bytes|[KMG]i?B)\b.*\d\s?(bytes|[KMG]i?B)\b/i;

/** The pictures of one site's accounts. */
export function createDrupalPhotos(client: DrupalClient, now: () => Date): DrupalPhotos {
  let known: {
    readonly field: string;
    readonly limits: PictureLimits;
    readonly until: number;
  } | null = null;

  const clear: DrupalPhotos["clear"] = async (drupalUuid, field) => {
    const data = { type: "user--user", id: drupalUuid, relationships: { [field]: { data: null } } };
    const answer = await client.send(
      { method: "PATCH", path: userPath(drupalUuid), body: JSON.stringify({ data }) },
      ({ status }) => status === 200,
    );
    if (answer.status !== 200) throw refusalOf(answer, NOTHING_SENT);
  };

  return {
    clear,
    picture: async (drupalUuid, field): Promise<DrupalPicture | null | undefined> => {
      const path = withQuery(userPath(drupalUuid), [["include", field]]);
      const answer = await client.send(
        { method: "GET", path },
        (one) => shownUser(one) !== undefined,
      );
      const shown = shownUser(answer);
      if (shown === undefined) {
        // A field that does not exist is a 400 about `include` (contract/drupal 120).
        if (answer.status === 400) throw fieldMissing(field);
        await proveRights(client);
        if (isNotFound(answer)) return undefined;
        throw answer.status === 200 ? unexpectedAnswer() : refusalOf(answer, NOTHING_SENT);
      }
      const fileId = fileIdIn(shown.data.relationships, field);
      if (fileId === undefined) throw fieldMissing(field);
      if (fileId === null) return null;
      const found = shown.included
        .map((one) => file.safeParse(one).data)
        .find((one) => one?.id === fileId);
      // A file that we may not see is not ours: its name and age are not needed.
      const { filename, created } = found?.attributes ?? { filename: "", created: "" };
      const createdAt = Number.isNaN(Date.parse(created)) ? now() : new Date(created);
      return { fileId, filename, createdAt: createdAt.toISOString() };
    },
    pictures: async (drupalUuids, field) => {
      const files = new Map<string, string | null>();
      for (let start = 0; start < drupalUuids.length; start += PAGE) {
        const uuids = drupalUuids.slice(start, start + PAGE);
        // contract/drupal 100
        const path = withQuery("/jsonapi/user/user", [
          ["filter[id][operator]", "IN"],
          ...uuids.map((uuid): [string, string] => ["filter[id][value][]", uuid.toLowerCase()]),
          ["page[limit]", String(PAGE)],
        ]);
        const shown = ({ status, body }: DrupalAnswer) =>
          status === 200 ? usersAnswer.safeParse(body).data?.data : undefined;
        const answer = await client.send(
          { method: "GET", path },
          (one) => (shown(one) ?? []).length > 0,
        );
        const users = shown(answer);
        if (users === undefined) throw unexpectedAnswer();
        for (const { id, relationships: of } of users) {
          const fileId = fileIdIn(of, field);
          if (fileId !== undefined) files.set(id.toLowerCase(), fileId);
        }
        // One user without it is a matter of that user.
        if (users.length > 0 && files.size === 0) throw fieldMissing(field);
      }
      return files;
    },
    limits: async (field) => {
      if (known?.field === field && known.until > now().getTime()) return known.limits;
      // Empty for whom has no 'administer user fields' (contract/drupal 221): then the site tells by refusing.
      const path = withQuery("/jsonapi/field_config/field_config", [
        ["filter[entity_type]", "user"],
      ]);
      const answer = await client.send({ method: "GET", path }, ({ status }) => status === 200);
      const limits = answer.status === 200 ? limitsIn(answer.body, field) : NO_LIMITS;
      known = { field, limits, until: now().getTime() + LIMITS_LAST_MS };
      return limits;
    },
    upload: async (drupalUuid, field, name, bytes) => {
      const request = {
        method: "POST",
        path: `${userPath(drupalUuid)}/${field}`,
        headers: {
          "Content-Type": "application/octet-stream",
          "Content-Disposition": `file; filename="${name}"`,
        },
        body: new Uint8Array(bytes),
      } as const;
      const uploaded = ({ status, body }: DrupalAnswer) =>
        status === 200 ? uploadAnswer.safeParse(body).data?.data.id : undefined;
      const answer = await client.send(request, (one) => uploaded(one) !== undefined);
      const fileId = uploaded(answer);
      if (fileId !== undefined) return fileId;
      const [fault] = faultsIn(answer.body);
      if (answer.status === 404 && fault === undefined) throw fieldMissing(field);
      if (answer.status !== 422 || fault === undefined) throw refusalOf(answer, NOTHING_SENT);
      const isTooLarge = SIZES.test(fault.detail);
      const code = isTooLarge ? "photoTooLarge" : "photoRefusedByDrupal";
      const message = isTooLarge
        ? "the picture is larger than the site's field takes"
        : "Drupal refuses the picture: see which kinds of files its field takes";
      throw new RejectedError(message, { system: "drupal", code, attribute: field });
    },
    deleteFile: async (fileId) => {
      const path = `/jsonapi/file/file/${encodeURIComponent(fileId)}`;
      const answer = await client.send({ method: "DELETE", path }, ({ status }) => status === 204);
      if (answer.status === 204 || isNotFound(answer)) return;
      if (answer.status === 404)
        throw new TransientError("Drupal's answer is no JSON:API", {
          system: "drupal",
          code: "drupalAnswerUnexpected",
        });
      throw refusalOf(answer, NOTHING_SENT);
    },
  };
}
