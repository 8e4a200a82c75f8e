// Rows of 32-bit words in pieces: growing copies nothing, and leaves no smaller arrays behind for the collector.

/** Rows of equally many words, all 0 until they are set. */
export interface WordRows {
  get(row: number, word: number): number;
  set(row: number, word: number, value: number): void;
}

const PIECE_BITS = 14;
const PIECE_ROWS = 1 << PIECE_BITS;

/** No rows yet. */
export function createWordRows(width: number): WordRows {
  const pieces: Uint32Array[] = [];
  const at = (row: number, word: number): number => (row & (PIECE_ROWS - 1)) * width + word;
  return {
    get: (row, word) => pieces[row >> PIECE_BITS]?.[at(row, word)] ?? 0,
    set: (row, word, value) => {
      const piece = row >> PIECE_BITS;
      pieces[piece] ??= new Uint32Array(PIECE_ROWS * width);
      pieces[piece][at(row, word)] = value;
    },
  };
}
