// A sentence of the app for people: its times in the reader's zone, and its ids as links to their users.
import { hrefOf } from "../route.ts";
import { Time } from "./time.tsx";
import { sentenceOf } from "./words.ts";

const PARTS =
  /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/i;

function Part({ text }: { readonly text: string }) {
  if (!PARTS.test(text)) return <>{text}</>;
  if (text.endsWith("Z")) return <Time at={text} />;
  return (
    <a class="mono told-id" href={hrefOf(`/users/${text.toLowerCase()}`)}>
      {text}
    </a>
  );
}

/** The sentence. */
export function Told({ message }: { readonly message: string }) {
  return (
    <>
      {sentenceOf(message)
        .split(PARTS)
        .map((text, index) => (
          <Part key={index} text={text} />
        ))}
    </>
  );
}
