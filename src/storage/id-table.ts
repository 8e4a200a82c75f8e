// A map from UUIDs to row numbers in typed arrays: 16 bytes for each row and 8 to 16 for its slots, where a Map of texts takes
// about 150. Open addressing with linear probing, at most half full (Knuth, TAOCP 6.4, algorithm L).

import { createWordRows } from "./word-rows.ts";

/** Row numbers by UUID. */
export interface IdTable {
  /** The row of the id, or -1. */
  find(id: string): number;
  /** Makes this the row of the id; throws where the id is not a UUID. */
  put(id: string, row: number): void;
  /** The id that was put with the row, in lower case. */
  idOf(row: number): string;
}

const FIRST_SLOTS = 1024;
const WORDS = 4;
const HYPHEN = 45;

const DIGITS = new Int8Array(128).fill(-1);
for (const digit of "0123456789abcdefABCDEF")
  DIGITS[digit.charCodeAt(0)] = Number.parseInt(digit, 16);

/** Reads an id's 128 bits; false where it is none. */
function parse(id: string, into: Uint32Array): boolean {
  let digits = 0;
  let word = 0;
  for (let index = 0; index < id.length; index += 1) {
    const code = id.charCodeAt(index);
    if (code === HYPHEN) continue;
    const digit = DIGITS[code] ?? -1;
    if (digit < 0 || digits === 32) return false;
    word = (word << 4) | digit;
    digits += 1;
    if (digits % 8 === 0) into[digits / 8 - 1] = word;
  }
  return digits === 32;
}

// Ids that people or sequences made share most of their bits: each bit counts, and the multiplications carry it upwards.
function hash(words: Uint32Array): number {
  let mixed = 0;
  for (const word of words) {
    mixed = Math.imul(mixed ^ word, 0x9e3779b1);
    mixed ^= mixed >>> 15;
  }
  return mixed >>> 0;
}

/** An empty table. */
export function createIdTable(): IdTable {
  const sought = new Uint32Array(WORDS);
  const ids = createWordRows(WORDS);
  let slots = new Int32Array(FIRST_SLOTS); // a row and 1; 0 is free
  let used = 0;

  const holds = (row: number): boolean => {
    for (let word = 0; word < WORDS; word += 1)
      if (ids.get(row, word) !== sought[word]) return false;
    return true;
  };
  // The slot of the sought id, or the free one where it would be.
  const slotOf = (): number => {
    const mask = slots.length - 1;
    let slot = hash(sought) & mask;
    for (let row = slots[slot] ?? 0; row !== 0 && !holds(row - 1); row = slots[slot] ?? 0)
      slot = (slot + 1) & mask;
    return slot;
  };
  const widen = () => {
    const narrow = slots;
    slots = new Int32Array(narrow.length * 2);
    for (const row of narrow) {
      if (row === 0) continue;
      for (let word = 0; word < WORDS; word += 1) sought[word] = ids.get(row - 1, word);
      slots[slotOf()] = row;
    }
  };

  return {
    find: (id) => (parse(id, sought) ? (slots[slotOf()] ?? 0) - 1 : -1),
    put: (id, row) => {
      if (!parse(id, sought)) throw new TypeError("not a UUID");
      for (let word = 0; word < WORDS; word += 1) ids.set(row, word, sought[word] ?? 0);
      const slot = slotOf();
      if (slots[slot] === 0) used += 1;
      slots[slot] = row + 1;
      if (used * 2 > slots.length) widen();
    },
    idOf: (row) => {
      let hex = "";
      for (let word = 0; word < WORDS; word += 1)
        hex += ids.get(row, word).toString(16).padStart(8, "0");
      return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    },
  };
}
