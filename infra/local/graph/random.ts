// Seedable randomness, so that a run with faults can be repeated exactly.

/** A source of numbers in [0, 1). */
export interface Random {
  next(): number;
  seed(value: number): void;
}

/** Mulberry32 by Tommy Ettinger (public domain algorithm): small and good enough for fault rates. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
    },
    seed(value) {
      state = value >>> 0;
    },
  };
}
