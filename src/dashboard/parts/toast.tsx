// Short words on what was just done, said to everyone: what went well is seen for a while, what did not until it is closed.
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./icon.tsx";

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly isBad: boolean;
}

const SAID = "page:said";
const SHOWN_MS = 6000;
let last = 0;

/** Says something; `isBad`: it did not work. */
export function say(text: string, { isBad = false }: { readonly isBad?: boolean } = {}): void {
  last += 1;
  dispatchEvent(new CustomEvent(SAID, { detail: { id: last, text, isBad } }));
}

/** Where the words appear. */
export function ToastPlace() {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const place = useRef<HTMLDivElement>(null);
  const close = (id: number) => setToasts((all) => all.filter((toast) => toast.id !== id));
  useEffect(() => {
    const said = (event: Event) => {
      if (!(event instanceof CustomEvent)) return;
      const toast: Toast = event.detail;
      // Shown anew each time: the last that is shown in the top layer lies above the dialogs that came before it.
      place.current?.hidePopover();
      place.current?.showPopover();
      setToasts((all) => [...all.filter(({ text }) => text !== toast.text), toast].slice(-3));
      if (!toast.isBad) setTimeout(() => close(toast.id), SHOWN_MS);
    };
    place.current?.showPopover();
    addEventListener(SAID, said);
    return () => removeEventListener(SAID, said);
  }, []);
  return (
    <div class="toasts" role="status" aria-live="polite" popover="manual" ref={place}>
      {toasts.map(({ id, text, isBad }) => (
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
