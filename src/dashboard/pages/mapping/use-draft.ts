// The one draft that all views of the mapping edit: a text, what it says as a document, and the version that it changes.
import { useCallback, useMemo, useState } from "preact/hooks";
import { isObject, isSame, type JsonObject, pretty } from "./json.ts";
import { type KeptDraft, keepDraft, keptDraft } from "./kept-draft.ts";
import { type ParseFault, parsedText } from "./parse-fault.ts";

/** The draft. Without edits it says what the saved configuration says. */
export interface Draft {
  readonly text: string;
  /** Null while the text is not a JSON object. */
  readonly document: JsonObject | null;
  readonly fault: ParseFault | null;
  readonly isDirty: boolean;
  /** The ETag of the version that it changes; null: the first one. */
  readonly base: string | null;
  /** What that version said. */
  readonly baseText: string;
  /** Someone has saved another version since this draft was begun. */
  readonly isBehind: boolean;
  setText(text: string): void;
  setDocument(document: JsonObject): void;
  /** Also after a save: from now on the draft is what is saved. */
  throwAway(): void;
  /** Goes on with this document as a change of the version that is saved now. */
  goOnWith(document: JsonObject): void;
}

const NO_OBJECT: ParseFault = { message: "the configuration is an object: { … }", line: 1 };

function readText(text: string): Pick<Draft, "document" | "fault"> {
  const { value, fault } = parsedText(text);
  if (fault !== null) return { document: null, fault };
  return isObject(value) ? { document: value, fault: null } : { document: null, fault: NO_OBJECT };
}

/** The draft over what is saved. */
export function useDraft(saved: JsonObject, etag: string | null): Draft {
  const [kept, setKept] = useState<KeptDraft | null>(keptDraft);
  const put = useCallback((next: KeptDraft | null) => {
    keepDraft(next);
    setKept(next);
  }, []);
  const savedText = useMemo(() => pretty(saved), [saved]);
  const { text, base, baseText } = kept ?? { text: savedText, base: etag, baseText: savedText };
  const read = useMemo(() => readText(text), [text]);
  const isDirty = kept !== null && (read.document === null || !isSame(read.document, saved));
  const isBehind = isDirty && base !== etag;
  const setText = useCallback(
    (next: string) => put(next === savedText && !isBehind ? null : { text: next, base, baseText }),
    [put, savedText, base, baseText, isBehind],
  );
  return {
    text,
    ...read,
    isDirty,
    base,
    baseText,
    isBehind,
    setText,
    setDocument: (document) => setText(isSame(document, saved) ? savedText : pretty(document)),
    throwAway: () => put(null),
    goOnWith: (document) => put({ text: pretty(document), base: etag, baseText: savedText }),
  };
}
