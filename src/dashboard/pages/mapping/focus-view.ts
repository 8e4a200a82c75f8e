// Where one goes on in the mapping when what was pressed is gone: at the view that one is in.

/** Moves the focus to the tab of the view. */
export function focusView(): void {
  requestAnimationFrame(() =>
    document.querySelector<HTMLElement>(".views [aria-current]")?.focus({ preventScroll: true }),
  );
}
