// A sentence of the app with its moments in the reader's own zone, as everywhere else on the page.
import { Time } from "./time.tsx";

const MOMENT = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/;

/** The sentence. */
export function Moments({ text }: { readonly text: string }) {
  // A pattern with a group splits into texts and moments by turns.
  return (
    <span>
      {text
        .split(MOMENT)
        .map((part, index) => (index % 2 === 1 ? <Time key={index} at={part} /> : part))}
    </span>
  );
}
