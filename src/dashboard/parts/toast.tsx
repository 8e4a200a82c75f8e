// Short words on what was just done, said to everyone: seen for a while, and read out.
import { useEffect, useState } from "preact/hooks";

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
  useEffect(() => {
    const said = (event: Event) => {
      if (!(event instanceof CustomEvent)) return;
      const toast: Toast = event.detail;
      setToasts((all) => [...all, toast].slice(-3));
      setTimeout(() => setToasts((all) => all.filter(({ id }) => id !== toast.id)), SHOWN_MS);
    };
    addEventListener(SAID, said);
    return () => removeEventListener(SAID, said);
  }, []);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.map(({ id, text, isBad }) => (
        <p key={id} class={isBad ? "toast bad" : "toast"}>
          {text}
        </p>
      ))}
    </div>
  );
}
