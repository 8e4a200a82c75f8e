// The small buttons at the end of an item of a list: further up, further down, away. The focus stays with the item.
import { useRef } from "preact/hooks";
import { Icon } from "../../parts/icon.tsx";
import { type Json, moved } from "./json.ts";

/** The buttons of one item of `list`. */
export function ItemTools({
  list,
  index,
  what,
  isOrdered = false,
  put,
}: {
  readonly list: readonly Json[];
  readonly index: number;
  /** Such as "key 2". */
  readonly what: string;
  readonly isOrdered?: boolean;
  readonly put: (list: readonly Json[]) => void;
}) {
  const place = useRef<HTMLDivElement>(null);
  // The item's tools are drawn again elsewhere: where they were, and where they are, is told by their order in the list.
  const focusLater = (to: number, name: string) => {
    const items = place.current?.closest("[data-items]");
    const home = place.current?.closest("section, fieldset.stack");
    requestAnimationFrame(() => {
      const tools = items?.isConnected
        ? items.querySelectorAll<HTMLElement>(`:scope > * .tool-${name}`)
        : null;
      const found = tools?.[Math.min(to, tools.length - 1)];
      (found ?? home?.querySelector<HTMLElement>(".item-add"))?.focus();
    });
  };
  const move = (by: -1 | 1) => {
    put(moved(list, index, by));
    focusLater(index + by, by < 0 ? "up" : "down");
  };
  return (
    <div class="row-tools" ref={place}>
      {isOrdered ? (
        <>
          <button
            type="button"
            class="tool tool-up"
            aria-label={`Move ${what} up`}
            aria-disabled={index === 0}
            onClick={() => move(-1)}
          >
            <Icon name="up" />
          </button>
          <button
            type="button"
            class="tool tool-down"
            aria-label={`Move ${what} down`}
            aria-disabled={index === list.length - 1}
            onClick={() => move(1)}
          >
            <Icon name="down" />
          </button>
        </>
      ) : null}
      <button
        type="button"
        class="tool tool-remove"
        aria-label={`Remove ${what}`}
        onClick={() => {
          put(list.toSpliced(index, 1));
          focusLater(index, "remove");
        }}
      >
        <Icon name="cross" />
      </button>
    </div>
  );
}
