// Pictures of a world: what Entra has, what Drupal shows, which files it holds, and what we keep.
import { ConcurrencyError, RejectedError } from "../../src/rules/errors.ts";
import { isJoined } from "../../src/rules/link.ts";
import type { PhotoRecord, PhotoSeen } from "../../src/rules/photo.ts";
import type {
  LinkedUsers,
  PhotoPorts,
  Picture,
  PictureLimits,
  StoredPhoto,
} from "../../src/sync/photo-ports.ts";
import { anId, type Call, type World } from "./world.ts";

interface DrupalFile {
  readonly id: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly createdAt: string;
  readonly isOurs: boolean;
}

/** A picture of so many pixels and bytes. */
export function aPicture(text: string, changes: Partial<Picture> = {}): Picture {
  const kind = { width: 240, height: 240, contentType: "image/jpeg", extension: "jpg" };
  return { ...kind, bytes: new TextEncoder().encode(text), ...changes };
}

export class PhotoWorld {
  readonly world: World;
  /** By Entra object id: the version, and the picture by size, 0 as it was uploaded. */
  readonly entra = new Map<string, { etag: string; sizes: Map<number, Picture | Error> }>();
  /** What Graph says instead. */
  readonly answers = new Map<string, PhotoSeen>();
  readonly files = new Map<string, DrupalFile>();
  /** The file that each Drupal account shows. */
  readonly shown = new Map<string, string>();
  readonly records = new Map<string, { record: PhotoRecord; version: string }>();
  readonly blobs = new Map<string, StoredPhoto>();
  limits: PictureLimits = { maxBytes: null, extensions: null, maxPixels: null };
  /** What the site refuses without having told. */
  refusesAbove = Number.POSITIVE_INFINITY;
  readonly downloads: string[] = [];
  readonly batches: number[] = [];
  #versions = 0;

  constructor(world: World) {
    this.world = world;
  }

  #version(): string {
    this.#versions += 1;
    return String(this.#versions);
  }

  /** A person chooses a picture in Entra. */
  choose(objectId: string, text: string, sizes: Record<number, Picture | Error> = {}): void {
    const all = Object.entries({ 240: aPicture(text), 0: aPicture(text), ...sizes });
    const bySize = new Map(all.map(([size, picture]) => [Number(size), picture]));
    this.entra.set(objectId, { etag: `"${this.#version()}"`, sizes: bySize });
  }

  /** A person uploads a picture of their own in Drupal. */
  uploadOwn(drupalUuid: string, text: string): string {
    return this.#store(drupalUuid, "me.png", new TextEncoder().encode(text), false);
  }

  #store(drupalUuid: string, name: string, bytes: Uint8Array, isOurs: boolean): string {
    const id = anId();
    const taken = [...this.files.values()].some((file) => file.name === name);
    const free = taken ? name.replace(/\.(\w+)$/, "_0.$1") : name;
    const createdAt = new Date(this.world.now).toISOString();
    this.files.set(id, { id, name: free, bytes, createdAt, isOurs });
    this.shown.set(drupalUuid, id);
    return id;
  }

  /** The text of the picture that Drupal shows; null: none. */
  shownText(drupalUuid: string): string | null {
    const file = this.files.get(this.shown.get(drupalUuid) ?? "");
    return file === undefined ? null : new TextDecoder().decode(file.bytes);
  }

  linked(call: Call): LinkedUsers {
    return {
      page: (position, limit) =>
        call("links.page", () => {
          const all = [...this.world.links.values()]
            .map(({ link }) => link)
            .filter(
              (link) => isJoined(link) && !link.isProtected && link.drupalUuid > (position ?? ""),
            )
            .toSorted((a, b) => (a.drupalUuid < b.drupalUuid ? -1 : 1));
          const users = all.slice(0, limit).map(({ drupalUuid, entraObjectId }) => ({
            drupalUuid,
            entraObjectId: entraObjectId ?? "",
            record: this.records.get(drupalUuid)?.record ?? null,
          }));
          const last = users.at(-1);
          return { users, next: all.length > limit ? (last?.drupalUuid ?? null) : null };
        }),
    };
  }

  ports(
    worker: Pick<PhotoPorts, "now" | "newId" | "links" | "configuration" | "audit">,
    call: Call,
  ) {
    const seenOf = (objectId: string): PhotoSeen => {
      const answer = this.answers.get(objectId);
      const known = this.entra.get(objectId);
      if (answer !== undefined) return answer;
      if (known === undefined) return { kind: "none" };
      const original = known.sizes.get(0);
      const width = original === undefined || original instanceof Error ? 240 : original.width;
      return { kind: "picture", etag: known.etag, width };
    };
    const photoPorts: PhotoPorts = {
      now: worker.now,
      newId: worker.newId,
      links: worker.links,
      configuration: worker.configuration,
      audit: worker.audit,
      entraPhotos: {
        seen: (ids) =>
          call("entraPhotos.seen", () => {
            this.batches.push(ids.length);
            return new Map(ids.map((id) => [id, seenOf(id)]));
          }),
        download: (objectId, size) =>
          call("entraPhotos.download", () => {
            this.downloads.push(`${objectId} ${size}`);
            const picture = this.entra.get(objectId)?.sizes.get(size ?? 0) ?? null;
            if (picture instanceof Error) throw picture;
            return picture;
          }),
      },
      drupalPhotos: {
        picture: (uuid) =>
          call("drupalPhotos.picture", () => {
            if (!this.world.drupal.has(uuid)) return undefined;
            const file = this.files.get(this.shown.get(uuid) ?? "");
            if (file === undefined) return null;
            return { fileId: file.id, filename: file.name, createdAt: file.createdAt };
          }),
        pictures: (uuids) =>
          call(
            "drupalPhotos.pictures",
            () => new Map(uuids.map((uuid) => [uuid, this.shown.get(uuid) ?? null])),
          ),
        limits: () => call("drupalPhotos.limits", () => this.limits),
        upload: (uuid, _field, name, bytes) =>
          call("drupalPhotos.upload", () => {
            if (bytes.length > this.refusesAbove)
              throw new RejectedError("too large", { system: "drupal", code: "photoTooLarge" });
            return this.#store(uuid, name, bytes, true);
          }),
        clear: (uuid) => call("drupalPhotos.clear", () => void this.shown.delete(uuid)),
        deleteFile: (id) =>
          call("drupalPhotos.deleteFile", () => {
            if (this.files.get(id)?.isOurs === false) throw new Error("not our file");
            this.files.delete(id);
          }),
      },
      photos: {
        record: (uuid) => call("photos.record", () => this.records.get(uuid) ?? null),
        save: (record, version) =>
          call("photos.save", () => {
            if ((this.records.get(record.drupalUuid)?.version ?? null) !== version)
              throw new ConcurrencyError("changed", { system: "storage", code: "rowChanged" });
            const next = this.#version();
            this.records.set(record.drupalUuid, { record, version: next });
            return next;
          }),
        put: (uuid, photo) => call("photos.put", () => void this.blobs.set(uuid, photo)),
        get: (uuid) => call("photos.get", () => this.blobs.get(uuid) ?? null),
        drop: (uuid) => call("photos.drop", () => void this.blobs.delete(uuid)),
      },
    };
    return photoPorts;
  }
}
