// Asks once more before something that is hard to take back; the answer is a promise.
import { render } from "preact";
import { MOVED } from "../route.ts";
import { ToastPlace } from "./toast.tsx";

interface Question {
  readonly title: string;
  /** What will happen, in whole sentences. */
  readonly text: string;
  /** On the button that does it. */
  readonly does: string;
  readonly isDanger?: boolean;
}

/** Shows the question as a modal dialog; true when the person says yes. */
export function confirmed({ title, text, does, isDanger = false }: Question): Promise<boolean> {
  return new Promise((resolve) => {
    const place = document.createElement("div");
    document.body.append(place);
    const close = (isYes: boolean) => {
      removeEventListener("popstate", leave);
      removeEventListener(MOVED, leave);
      // Closed before it is taken away: so the focus goes back to where it was.
      place.querySelector("dialog")?.close();
      render(null, place);
      place.remove();
      resolve(isYes);
    };
    // A question of a page that the reader has left is not to be answered any more.
    const leave = () => close(false);
    addEventListener("popstate", leave);
    addEventListener(MOVED, leave);
    render(
      <dialog
        class="dialog"
        aria-labelledby="question"
        ref={(dialog) => {
          if (dialog !== null && !dialog.open) dialog.showModal();
        }}
        onCancel={(event) => {
          event.preventDefault();
          close(false);
        }}
      >
        <h2 id="question">{title}</h2>
        <p>{text}</p>
        <p class="dialog-actions">
          <button type="button" onClick={() => close(false)}>
            Leave it
          </button>
          <button type="button" class={isDanger ? "danger" : "primary"} onClick={() => close(true)}>
            {does}
          </button>
        </p>
        <ToastPlace />
      </dialog>,
      place,
    );
  });
}
