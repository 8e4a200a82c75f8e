// What bringing pictures to Drupal needs from the outside world.

import type { DrupalPicture, PhotoRecord, PhotoSeen } from "../rules/photo.ts";
import type { PhotoRequest } from "../rules/photo-request.ts";
import type { AuditLog, ConfigurationSource, LinkStore, Surroundings } from "./ports.ts";

/** A picture that was checked: whole, of an allowed kind, and of sane dimensions. */
export interface Picture {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly contentType: string;
  /** Of its kind, whatever it was called: without a dot. */
  readonly extension: string;
}

/** Reads pictures of Entra. */
export interface EntraPhotos {
  /** What Graph says of each user's picture; one request for 20 of them, none is downloaded. Throws where the whole request
   * failed. */
  seen(objectIds: readonly string[]): Promise<ReadonlyMap<string, PhotoSeen>>;
  /** The picture in a size of Graph's, null: as it was uploaded. null where there is none of that size. RejectedError with
   * a code that begins with `photoRefused` for what is no picture that may go on. */
  download(objectId: string, size: number | null): Promise<Picture | null>;
}

/** What the image field takes; null where the site does not tell. */
export interface PictureLimits {
  readonly maxBytes: number | null;
  /** Lower case, without dots. */
  readonly extensions: readonly string[] | null;
  /** The smaller of the allowed width and height. */
  readonly maxPixels: number | null;
}

/** Reads and writes the pictures of Drupal accounts. */
export interface DrupalPhotos {
  /** null: the account has no picture; undefined: there is no such account. RejectedError `photoFieldMissing` where users
   * have no such field. */
  picture(drupalUuid: string, field: string): Promise<DrupalPicture | null | undefined>;
  /** The file ids by UUID; null for no picture. Who is not in the answer is not proven gone. */
  pictures(
    drupalUuids: readonly string[],
    field: string,
  ): Promise<ReadonlyMap<string, string | null>>;
  /** Known from an earlier answer for some minutes. */
  limits(field: string): Promise<PictureLimits>;
  /** Stores a file and shows it at once; answers its id. RejectedError `photoTooLarge`, or `photoRefusedByDrupal`. */
  upload(drupalUuid: string, field: string, name: string, bytes: Uint8Array): Promise<string>;
  /** Shows no picture any more; the file stays. */
  clear(drupalUuid: string, field: string): Promise<void>;
  /** One that is gone counts as deleted. RejectedError where the site does not let us. */
  deleteFile(fileId: string): Promise<void>;
}

/** A picture as kept. */
export interface StoredPhoto {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** SHA-256 in hex. */
  readonly hash: string;
}

/** What is remembered of a user's picture; `version` is what the next save must still find. */
export interface StoredPhotoRecord {
  readonly record: PhotoRecord;
  readonly version: string;
}

/** The pictures that are kept, and what is remembered of each. */
export interface PhotoStore {
  record(drupalUuid: string): Promise<StoredPhotoRecord | null>;
  /** `version` null inserts. Answers the new version. ConcurrencyError when someone else saved first. */
  save(record: PhotoRecord, version: string | null): Promise<string>;
  /** Replaces the picture that was kept. */
  put(drupalUuid: string, photo: StoredPhoto): Promise<void>;
  get(drupalUuid: string): Promise<StoredPhoto | null>;
  /** Removes the picture that is kept; harmless where there is none. */
  drop(drupalUuid: string): Promise<void>;
}

/** The photo queue. Durable when it resolves. */
export interface PhotoQueue {
  send(request: PhotoRequest, delayMs?: number): Promise<void>;
}

/** A user with a link, and what is remembered of their picture. */
export interface LinkedUser {
  readonly drupalUuid: string;
  readonly entraObjectId: string;
  readonly record: PhotoRecord | null;
}

/** Pages over everyone who has both accounts and is not protected. */
export interface LinkedUsers {
  /** `position` null: the first page. */
  page(
    position: string | null,
    limit: number,
  ): Promise<{ readonly users: readonly LinkedUser[]; readonly next: string | null }>;
}

/** What one user's picture needs. */
export interface PhotoPorts extends Pick<Surroundings, "now" | "newId"> {
  readonly links: Pick<LinkStore, "get" | "holderOf">;
  readonly configuration: ConfigurationSource;
  readonly entraPhotos: EntraPhotos;
  readonly drupalPhotos: DrupalPhotos;
  readonly photos: PhotoStore;
  readonly audit: AuditLog;
}
