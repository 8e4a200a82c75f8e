// Keys that sort newest first: tables and blobs are read in ascending order and no other way.

/** Time is counted down from here (15 digits until the year 33658). */
export const END_OF_TIME_MS = 999_999_999_999_999;

/** The moment as a text that sorts before those of earlier moments. */
export const descending = (ms: number): string => String(END_OF_TIME_MS - ms).padStart(15, "0");
