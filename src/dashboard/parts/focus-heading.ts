// Where the reader goes on when what they had pressed is gone: at the head of the page.

/** Moves the focus to the page's heading, if it was lost: a button that is taken away leaves it nowhere. */
export function focusHeadingIfLost(): void {
  if (document.activeElement === document.body)
    document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
}
