// The end of a listing: the next page comes when it is nearly seen, or at the press of a button.
import { useEffect, useRef } from "preact/hooks";
import type { Pages } from "../ask/use-pages.ts";
import { Icon } from "./icon.tsx";
import { Loading, RefusalNote } from "./states.tsx";

/** What stands below a listing. */
export function More<Body, Item>({ pages }: { readonly pages: Pages<Body, Item> }) {
  const end = useRef<HTMLDivElement>(null);
  const { hasMore, isLoading, refusal, more } = pages;
  useEffect(() => {
    const place = end.current;
    if (place === null || !hasMore || isLoading || refusal !== null) return;
    const watcher = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting === true) void more();
      },
      { rootMargin: "400px" },
    );
    watcher.observe(place);
    return () => watcher.disconnect();
  }, [hasMore, isLoading, refusal, more]);
  // The place where the reader stopped is one of a listing that is no more: going on would mix two.
  if (refusal?.code === "invalidContinuation")
    return (
      <div class="note warn" role="alert">
        <Icon name="warn" />
        <div>
          <p>There is a newer listing. What is shown above is the beginning of the older one.</p>
          <p>
            <button type="button" onClick={() => void pages.refresh()}>
              Start over
            </button>
          </p>
        </div>
      </div>
    );
  if (refusal !== null)
    return <RefusalNote refusal={refusal} retry={pages.items.length > 0 ? more : pages.refresh} />;
  if (isLoading) return <Loading lines={pages.items.length > 0 ? 2 : 6} />;
  if (!hasMore) return null;
  return (
    <div class="more" ref={end}>
      <button type="button" onClick={() => void more()}>
        Show more
      </button>
    </div>
  );
}
