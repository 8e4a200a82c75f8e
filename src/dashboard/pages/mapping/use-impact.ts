// The impact of the draft, asked until it is known; and whether it is still about the draft as it is.
import { useEffect, useRef, useState } from "preact/hooks";
import { Refusal, send } from "../../ask/ask.ts";
import type { Impact } from "../../ask/contract.ts";
import type { JsonObject } from "./json.ts";
import type { Fault } from "./mapping-context.ts";

// The app itself waits some seconds for the plan before it answers 202.
const PAUSE_MS = 1000;

/** What is known of the impact. */
export interface Preview {
  /** The text of the draft that this is about. */
  readonly text: string | null;
  readonly impact: Impact | null;
  readonly refusal: Refusal | null;
  readonly isBusy: boolean;
}

/** The header that says which version is changed; the first one must find none. */
export const preconditionOf = (etag: string | null): Record<string, string> =>
  etag === null ? { "If-None-Match": "*" } : { "If-Match": etag };

/** The faults of a refusal; none for a refusal of another kind. */
export const faultsOf = (refusal: Refusal | null): readonly Fault[] =>
  refusal?.code === "invalidConfiguration" ? refusal.faults : [];

const UNKNOWN: Preview = { text: null, impact: null, refusal: null, isBusy: false };

// What was found outlives a look at its users on another page: they are what one goes there for.
let kept: { readonly etag: string | null; readonly preview: Preview } | null = null;

/** The impact of what is asked about last. */
export function useImpact(etag: string | null): {
  readonly preview: Preview;
  /** Answers what the app refused it for; null when it did not. */
  look(text: string, document: JsonObject): Promise<Refusal | null>;
  forget(): void;
} {
  const [preview, setPreview] = useState<Preview>(
    kept !== null && kept.etag === etag ? kept.preview : UNKNOWN,
  );
  const turn = useRef(0);
  useEffect(
    () => () => {
      turn.current += 1;
    },
    [],
  );
  const forget = () => {
    turn.current += 1;
    kept = null;
    setPreview(UNKNOWN);
  };
  const look = async (text: string, document: JsonObject) => {
    turn.current += 1;
    const mine = turn.current;
    const isMine = () => mine === turn.current;
    kept = null;
    setPreview({ text, impact: null, refusal: null, isBusy: true });
    try {
      for (;;) {
        const { body: impact, status } = await send<Impact>(
          "PUT",
          "configuration?preview=true",
          document,
          preconditionOf(etag),
        );
        if (!isMine()) return null;
        const found = { text, impact, refusal: null, isBusy: status === 202 };
        setPreview(found);
        if (status !== 202) {
          kept = { etag, preview: found };
          return null;
        }
        await new Promise((later) => setTimeout(later, PAUSE_MS));
        if (!isMine()) return null;
      }
    } catch (error) {
      if (!isMine()) return null;
      const refusal =
        error instanceof Refusal ? error : new Refusal("The page could not read the answer.", {});
      setPreview({ text, impact: null, refusal, isBusy: false });
      return refusal;
    }
  };
  return { preview, look, forget };
}
