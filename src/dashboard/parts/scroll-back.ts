// Takes the reader who comes back to where they were in a page that fills only little by little.

// After that whoever waited has gone on by themselves.
const TRIED_MS = 3000;

/** Scrolls to `y` as soon as the page is long enough; ends when the reader moves, or with the returned function. */
export function scrollBack(y: number): () => void {
  if (y === 0) return () => undefined;
  const end = () => {
    watcher.disconnect();
    clearTimeout(timer);
    for (const by of ["wheel", "touchmove", "keydown", "mousedown"]) removeEventListener(by, end);
  };
  const watcher = new ResizeObserver(() => {
    if (document.documentElement.scrollHeight < y + innerHeight) return;
    scrollTo(0, y);
    end();
  });
  const timer = setTimeout(end, TRIED_MS);
  for (const by of ["wheel", "touchmove", "keydown", "mousedown"])
    addEventListener(by, end, { passive: true });
  watcher.observe(document.body);
  return end;
}
