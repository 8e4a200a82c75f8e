// A clock that tests may move and speed up, so that a week-old delta token needs no week.

/** The simulator's time in milliseconds since the epoch. */
export interface Clock {
  now(): number;
  set(change: {
    readonly offsetMs?: number | undefined;
    readonly scale?: number | undefined;
  }): void;
  /** How much faster than real time the clock runs. */
  scale(): number;
}

/** A clock that shows real time until it is set. */
export function createClock(): Clock {
  let anchorReal = Date.now();
  let anchorShown = anchorReal;
  let scale = 1;
  const now = (): number => anchorShown + (Date.now() - anchorReal) * scale;
  return {
    now,
    scale: () => scale,
    set(change) {
      // Anchoring first keeps what the old pace had already shown.
      const shown = now();
      anchorReal = Date.now();
      anchorShown = change.offsetMs === undefined ? shown : anchorReal + change.offsetMs;
      scale = change.scale ?? scale;
    },
  };
}
