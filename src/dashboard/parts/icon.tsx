// The few signs of the page, drawn in one line weight; always beside a word, so they say nothing themselves.

const PATHS = {
  sync: "M4 9h14l-4-4M20 15H6l4 4",
  overview: "M4 13h6V4H4zM14 20h6v-9h-6zM4 20h6v-3H4zM14 7h6V4h-6z",
  audit: "M6 3h9l4 4v14H6zM9 12h7M9 16h7M9 8h3",
  user: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c1-5 4-7 8-7s7 2 8 7",
  cycle: "M20 12a8 8 0 1 1-3-6.2M20 3v4h-4",
  mapping: "M4 6h5l6 12h5M4 18h5l6-12h5",
  escrow: "M12 7v5l3 3M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
  drift: "M9 4a8 8 0 0 0 0 16M15 4a8 8 0 0 1 0 16M12 3v18",
  right: "M5 12h13l-5-5M18 12l-5 5",
  left: "M19 12H6l5-5M6 12l5 5",
  check: "M5 13l4 4L19 7",
  warn: "M12 4l9 16H3zM12 10v4M12 17v.5",
  cross: "M6 6l12 12M18 6L6 18",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5",
  down: "M6 9l6 6 6-6",
  up: "M6 15l6-6 6 6",
  plus: "M12 5v14M5 12h14",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  pair: "M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 6 6l1-1",
  close: "M7 7l10 10M17 7L7 17",
  file: "M12 3v12M7 11l5 5 5-5M5 21h14",
} as const;

/** The name of a sign. */
export type IconName = keyof typeof PATHS;

/** A sign; hidden from screen readers. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
