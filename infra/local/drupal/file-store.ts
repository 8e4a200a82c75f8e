// Managed files by UUID and by URI: an upload asks for a free name, a download for a path.

/** A managed file. */
export interface StoredFile {
  readonly fid: number;
  readonly uuid: string;
  readonly filename: string;
  readonly uri: string;
  readonly mime: string;
  readonly bytes: Buffer;
  readonly width: number;
  readonly height: number;
  /** False until an entity refers to it (contract/drupal 214). */
  readonly permanent: boolean;
  readonly created: number;
  readonly changed: number;
  readonly owner: string | null;
}

/** The files of a site. */
export interface FileStore {
  readonly size: number;
  get(uuid: string): StoredFile | undefined;
  byUri(uri: string): StoredFile | undefined;
  takeFid(): number;
  put(file: StoredFile): void;
  remove(file: StoredFile): void;
}

/** No files yet. */
export function createFileStore(): FileStore {
  const files = new Map<string, StoredFile>();
  const uris = new Map<string, string>();
  let highest = 0;
  return {
    get size() {
      return files.size;
    },
    get: (uuid) => files.get(uuid.toLowerCase()),
    byUri: (uri) => files.get(uris.get(uri) ?? ""),
    takeFid() {
      highest += 1;
      return highest;
    },
    put(file) {
      files.set(file.uuid, file);
      uris.set(file.uri, file.uuid);
      highest = Math.max(highest, file.fid);
    },
    remove(file) {
      files.delete(file.uuid);
      uris.delete(file.uri);
    },
  };
}
