// The index of links in memory: about 90 bytes for each, so that a million fit beside the rest of a small host.
import { drupalUuidFor } from "../rules/drupal-names.ts";
import type { Rested } from "../rules/link.ts";
import { GONE } from "../rules/rest.ts";
import type { System } from "../rules/users.ts";
import type { IndexedLink, LinkIndex } from "../sync/cycle-ports.ts";
import { createIdTable } from "./id-table.ts";
import type { IndexRow } from "./link-row.ts";
import { createWordRows } from "./word-rows.ts";

/** An index that is being filled. */
export interface CompactLinks extends LinkIndex {
  add(row: IndexRow): void;
}

const WORDS = 3;
const JOINED = 1;
// By system: the print is known, it has a part about the manager, and a listing showed the account.
const KNOWN = { drupal: 2, entra: 16 } as const;
const WITH_MANAGER = { drupal: 4, entra: 32 } as const;
const MARKED = { drupal: 8, entra: 64 } as const;
const RESTED = 128;
const IS_GONE = { drupal: 256, entra: 512 } as const;
const WORD = 2 ** 32;

// Decoded by hand: a Buffer for each of some million prints is garbage that outgrows the index.
const SIXES = new Int8Array(128).fill(-1);
for (const [six, char] of [
  ..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
].entries())
  SIXES[char.charCodeAt(0)] = six;

/** Decodes 32-bit words of base64url (RFC 4648 5) until `count` of them are there; false where there are not as many. */
function readWords(text: string, start: number, into: Uint32Array, at: number, count: number) {
  let bits = 0;
  let pending = 0;
  let word = 0;
  let bytes = 0;
  for (let index = start; index < text.length && bytes < count * 4; index += 1) {
    const six = SIXES[text.charCodeAt(index)] ?? -1;
    if (six < 0) return false;
    pending = ((pending << 6) | six) & 0xfff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    word = (word << 8) | ((pending >> bits) & 0xff);
    bytes += 1;
    if (bytes % 4 === 0) into[at + bytes / 4 - 1] = word;
  }
  return bytes === count * 4;
}

/** What is kept of a print: 64 bits, and 32 of the part about the manager; how many words of it are there: 0, 2 or 3. */
function readPrint(text: string | null, into: Uint32Array): number {
  if (text === null || !readWords(text, 0, into, 0, 2)) return 0;
  const dot = text.indexOf(".");
  return dot >= 0 && readWords(text, dot + 1, into, 2, 1) ? 3 : 2;
}

/** An empty index. */
export function createCompactLinks(): CompactLinks {
  const uuids = createIdTable();
  const objectIds = createIdTable();
  const prints = { drupal: createWordRows(WORDS), entra: createWordRows(WORDS) };
  const flags = createWordRows(1);
  // When a link came to rest, in milliseconds over two words, and the number of the reason's code.
  const rests = createWordRows(3);
  const codes: string[] = [];
  const seen = new Uint32Array(WORDS);
  let rows = 0;
  let joined = 0;

  const has = (row: number, flag: number): boolean => (flags.get(row, 0) & flag) !== 0;
  const set = (row: number, flag: number): void => {
    flags.set(row, 0, flags.get(row, 0) | flag);
  };

  const keepPrint = (row: number, system: System, text: string | null): void => {
    const length = readPrint(text, seen);
    if (length === 0) return;
    for (let word = 0; word < length; word += 1) prints[system].set(row, word, seen[word] ?? 0);
    set(row, KNOWN[system]);
    if (length === WORDS) set(row, WITH_MANAGER[system]);
  };
  const isAtRest = (row: number, system: System, text: string | null, isManagerKnown: boolean) => {
    const length = readPrint(text, seen);
    if (length === 0 || !has(row, KNOWN[system])) return false;
    const isSame = (word: number) => prints[system].get(row, word) === seen[word];
    if (!isSame(0) || !isSame(1)) return false;
    if (!isManagerKnown) return true;
    const isManagerPrinted = has(row, WITH_MANAGER[system]);
    return isManagerPrinted === (length === WORDS) && (!isManagerPrinted || isSame(2));
  };

  const keepRested = (row: number, rested: Rested | null): void => {
    if (rested === null) return;
    const at = Date.parse(rested.at);
    const known = codes.indexOf(rested.code);
    const code = known < 0 ? codes.push(rested.code) - 1 : known;
    rests.set(row, 0, Math.floor(at / WORD));
    rests.set(row, 1, at % WORD);
    rests.set(row, 2, code);
    set(row, RESTED);
  };
  const restedAt = (row: number): Rested | null => {
    const code = codes[rests.get(row, 2)];
    if (!has(row, RESTED) || code === undefined) return null;
    const at = new Date(rests.get(row, 0) * WORD + rests.get(row, 1));
    return { at: at.toISOString(), code };
  };

  const linkAt = (row: number): IndexedLink => ({
    get drupalUuid() {
      return uuids.idOf(row);
    },
    isJoined: has(row, JOINED),
    get rested() {
      return restedAt(row);
    },
    isAtRest: (system, print, isManagerKnown = true) =>
      isAtRest(row, system, print, isManagerKnown),
  });

  const ids = { drupal: uuids, entra: objectIds };
  return {
    add: ({ drupalUuid, entraObjectId, isJoined, rest, rested }) => {
      if (uuids.find(drupalUuid) >= 0) return;
      const row = rows;
      rows += 1;
      uuids.put(drupalUuid, row);
      keepPrint(row, "drupal", rest.drupal);
      keepPrint(row, "entra", rest.entra);
      if (rest.drupal === GONE) set(row, IS_GONE.drupal);
      if (rest.entra === GONE) set(row, IS_GONE.entra);
      keepRested(row, rested);
      if (isJoined) set(row, JOINED);
      if (isJoined) joined += 1;
      if (entraObjectId === null) return;
      // Two links name the same account after a takeover: the joined one is more likely its holder.
      const other = objectIds.find(entraObjectId);
      if (other < 0 || (isJoined && !has(other, JOINED))) objectIds.put(entraObjectId, row);
    },
    find: (system, id) => {
      const own = ids[system].find(id);
      const row = own < 0 && system === "entra" ? uuids.find(drupalUuidFor(id)) : own;
      return row < 0 ? null : linkAt(row);
    },
    get joined() {
      return joined;
    },
    mark: (system, id) => {
      const row = ids[system].find(id);
      if (row >= 0) set(row, MARKED[system]);
    },
    *unmarked(system) {
      for (let row = 0; row < rows; row += 1)
        if (has(row, JOINED) && !has(row, MARKED[system] | IS_GONE[system])) yield uuids.idOf(row);
    },
  };
}
