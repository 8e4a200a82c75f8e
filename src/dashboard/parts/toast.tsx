// Short words on what was just done, said to everyone: what went well is seen for a while, what did not until it is closed.
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./icon.tsx";

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly isBad: boolean;
}

const SHOWN_MS = 6000;
const MOST = 3;

let last = 0;
let toasts: readonly Toast[] = [];
// The places that could show them, the uppermost last: what lies under a dialog can be neither pressed nor heard.
let places: readonly symbol[] = [];
const listeners = new Set<() => void>();

function tell(): void {
  for (const hear of listeners) hear();
}

function close(id: number): void {
  toasts = toasts.filter((toast) => toast.id !== id);
  tell();
}

/** Says something; `isBad`: it did not work. */
export function say(text: string, { isBad = false }: { readonly isBad?: boolean } = {}): void {
  last += 1;
  const toast = { id: last, text, isBad };
  toasts = [...toasts.filter((one) => one.text !== text), toast].slice(-MOST);
  tell();
  if (!isBad) setTimeout(() => close(toast.id), SHOWN_MS);
}

/** What this place shows: all of it where no other place lies above it. */
function useToasts(): readonly Toast[] {
  const [shown, setShown] = useState<readonly Toast[]>([]);
  useEffect(() => {
    const mine = Symbol("place");
    const hear = () => setShown(places.at(-1) === mine ? toasts : []);
    listeners.add(hear);
    places = [...places, mine];
    tell();
    return () => {
      listeners.delete(hear);
      places = places.filter((place) => place !== mine);
      tell();
    };
  }, []);
  return shown;
}

/** Where the words appear: in the frame of the page, and in each modal dialog. */
export function ToastPlace() {
  const shown = useToasts();
  const place = useRef<HTMLDivElement>(null);
  // Shown anew each time: the last that is shown in the top layer lies above the dialogs that came before it.
  useEffect(() => {
    place.current?.hidePopover();
    place.current?.showPopover();
  }, [shown]);
  return (
    <div class="toasts" role="status" aria-live="polite" popover="manual" ref={place}>
      {shown.map(({ id, text, isBad }) => (
        <p key={id} class={isBad ? "toast bad" : "toast"}>
          <span>{text}</span>
          {isBad ? (
            <button type="button" aria-label="Close the message" onClick={() => close(id)}>
              <Icon name="close" />
            </button>
          ) : null}
        </p>
      ))}
    </div>
  );
}
