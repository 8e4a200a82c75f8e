// A state in one word, told by colour, sign and text alike.
import { Icon } from "./icon.tsx";

type Tone = "good" | "bad" | "warn" | "busy" | "plain";

const TONES: Readonly<Record<string, Tone>> = {
  success: "good",
  complete: "good",
  ok: "good",
  written: "good",
  inSync: "good",
  failure: "bad",
  failed: "bad",
  warning: "warn",
  incomplete: "warn",
  waiting: "warn",
  held: "warn",
  moved: "warn",
  interrupted: "warn",
  conflict: "warn",
  running: "busy",
  queued: "busy",
  planned: "busy",
  deferred: "busy",
};

const WORDS: Readonly<Record<string, string>> = {
  inSync: "in sync",
  onlyInDrupal: "only in Drupal",
  onlyInEntra: "only in Entra",
  escrowed: "in escrow",
};

const SIGNS = { good: "check", bad: "cross", warn: "warn", busy: "cycle", plain: null } as const;

/** The tone of a word of the contract. */
export const toneOf = (word: string): Tone => TONES[word] ?? "plain";

/** The word as people read it. */
export const wordOf = (word: string): string => WORDS[word] ?? word;

/** One word of the contract: a status, an outcome, a kind. */
export function Badge({
  word,
  tone = toneOf(word),
}: {
  readonly word: string;
  readonly tone?: Tone;
}) {
  const sign = SIGNS[tone];
  return (
    <span class={`badge ${tone}`}>
      {sign === null ? null : <Icon name={sign} />}
      {wordOf(word)}
    </span>
  );
}
