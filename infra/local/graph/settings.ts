// What the control route may change while the simulator runs, with the values it starts with.

/** Write quota and scale of all quotas; null in `Settings.quota` switches throttling off. */
export interface Quota {
  /** Writes per app and tenant in one window: 3,000 per 150 s (throttling-limits, 2026-02-06). */
  readonly writes: number;
  readonly windowSeconds: number;
  /** Multiplies the write quota and the resource units, to make a test's tenant smaller or larger. */
  readonly scale: number;
  /** Whether a 429 carries Retry-After; sources disagree for identity, so clients must cope with both. */
  readonly retryAfter: boolean;
}

/** Behaviour that tests and people turn on. */
export interface Settings {
  latencyMs: number;
  /** How long after POST a GET by id says 404; lists follow after twice that. */
  replicationMs: number;
  /** How long after PATCH readers still get the old values. */
  staleReadMs: number;
  /** Every delta token is refused: 400 syncStateNotFound, or 410 with Location. */
  deltaExpired: "syncStateNotFound" | "gone" | null;
  deltaPageSize: number;
  /** Chance per item that a delta round repeats it, and per page that an empty page or a bare id comes. */
  deltaNoise: number;
  quota: Quota | null;
  /** What GET /photo answers for a user without one: both occur (profilephoto-get; issues). */
  noPhotoMetadata: "404" | "1x1";
  /** Code of the 404 for a missing picture; it changed over the years. */
  photoNotFoundCode: string;
}

/** The settings a fresh simulator has. */
export function defaultSettings(latencyMs = 0): Settings {
  return {
    latencyMs,
    replicationMs: 0,
    staleReadMs: 0,
    deltaExpired: null,
    deltaPageSize: 200,
    deltaNoise: 0,
    quota: { writes: 3000, windowSeconds: 150, scale: 1, retryAfter: true },
    noPhotoMetadata: "404",
    photoNotFoundCode: "ImageNotFound",
  };
}
