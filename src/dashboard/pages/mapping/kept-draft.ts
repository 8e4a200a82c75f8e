// The draft outlives a look at another page, and a reload: it lies in this tab's own storage until it is saved or thrown away.

/** The text of a draft, and the version that it changes. */
export interface KeptDraft {
  readonly text: string;
  /** The ETag of the version; null: none was saved yet. */
  readonly base: string | null;
  /** What that version said: so that what someone else changes meanwhile can be told. */
  readonly baseText: string;
}

const NAMES = { text: "mapping-draft", base: "mapping-draft-base", baseText: "mapping-draft-of" };

/** The draft of this tab; null: none. */
export function keptDraft(): KeptDraft | null {
  const [text, base, baseText] = [NAMES.text, NAMES.base, NAMES.baseText].map((name) =>
    sessionStorage.getItem(name),
  );
  if (typeof text !== "string" || typeof baseText !== "string") return null;
  return { text, base: base || null, baseText };
}

/** Keeps the draft; null forgets it. */
export function keepDraft(draft: KeptDraft | null): void {
  if (draft === null) {
    for (const name of Object.values(NAMES)) sessionStorage.removeItem(name);
    return;
  }
  sessionStorage.setItem(NAMES.text, draft.text);
  sessionStorage.setItem(NAMES.base, draft.base ?? "");
  sessionStorage.setItem(NAMES.baseText, draft.baseText);
}
