// Takes people and secrets out of texts that we did not write ourselves: the messages and stacks of unexpected errors.
import { z } from "zod";
import { pseudonym } from "./pseudonym.ts";

const HIDDEN = "…";

// As it stands in an address, encoded once or more often (RFC 3986): `%3D`, `%253D`.
const encoded = (hex: string): string => `%(?:25)*${hex}`;
const EQUALS = `=|${encoded("3D")}`;
const SECRETS = "password|passwd|pwd|secret|token|key|sig|signature|assertion|cookie|authorization";
const SECRET = String.raw`"[^"\n]*"|'[^'\n]*'|(?:Bearer|Basic)\s+\S+|[^\s,;&"']+`;
const MAIL_PART = String.raw`[^\s"<>(),;:/\\@＠[\]{}]`;

// An order that matters: what is named as a secret goes whole, before its parts look like something else. Each begins where a
// word does: begun at every letter, a long word would be read as often as it has letters.
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // `AccountKey=…`, `password: …`, `"client_secret":"…"`, `sig%3D…`
  [
    new RegExp(
      String.raw`(?<![\w-])([\w-]*(?:${SECRETS}))(["']?\s*(?::|${encoded("3A")}|${EQUALS})\s*)(?:${SECRET})`,
      "gi",
    ),
    `$1$2${HIDDEN}`,
  ],
  // The code of a sign-in (RFC 6749, 4.1.2); with a colon it is an error's.
  [
    new RegExp(
      String.raw`(?:(?<![\w-])|(?<=${encoded("26")}))(code)(${EQUALS})(?:${SECRET})`,
      "gi",
    ),
    `$1$2${HIDDEN}`,
  ],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]+/gi, `$1 ${HIDDEN}`],
  // JSON Web Tokens begin with `{"`, which is `eyJ` in base64 (RFC 7519).
  [/\beyJ[\w-]*(?:\.[\w-]*)*/g, HIDDEN],
  // The query of an address holds filters, and so values.
  [
    new RegExp(String.raw`(?:\?|${encoded("3F")})[^\s"<>?]*?(?:${EQUALS})[^\s"<>]*`, "gi"),
    `?${HIDDEN}`,
  ],
  // Mails and UPNs, guests' with #EXT# too, and as they stand in an address. A path such as /@azure/ has nothing before.
  [
    new RegExp(`(?<!${MAIL_PART})${MAIL_PART}+(?:[@＠]|${encoded("40")})${MAIL_PART}+`, "gi"),
    HIDDEN,
  ],
];

const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi;
// Hex and base64url of 24 bytes or more; names in code seldom have digits at such a length. Standard base64 has slashes, as
// paths have: so only as a word of its own.
const LONG =
  /(?<![A-Za-z0-9+_-])(?=[A-Za-z+_-]*\d)[A-Za-z0-9+_-]{32,}={0,2}|(?<![\w+/.-])(?=[A-Za-z+/]*\d)[A-Za-z0-9+/]{40,}={0,2}(?![\w+/.-])/g;

const MOST_READ = 4000;

// A text may be a whole answer: half a mail at the cut would not be known for one.
function wholeWords(text: string): string {
  if (text.length <= MOST_READ) return text;
  let end = MOST_READ;
  while (end > 0 && !/\s/.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end).trimEnd();
}

/** The text without mails, UPNs, tokens, secrets and queries; ids of users become their pseudonyms. Of a text of more than 4,000
 * characters only the whole words within. Names of people in plain words cannot be told from other words: {@link maskedError}
 * leaves out what is quoted for that reason. */
export function maskText(text: string): string {
  const masked = PATTERNS.reduce(
    (rest, [pattern, by]) => rest.replace(pattern, by),
    wholeWords(text),
  );
  return masked.replace(UUID, (id) => pseudonym(id)).replace(LONG, HIDDEN);
}

const DOUBLE = '["“”„‟«»‹›「」『』＂]';
// Between letters it is an apostrophe.
const OPENING = String.raw`(?:^|[^\p{L}])[‘’‚‛]`;
const QUOTED: readonly RegExp[] = [
  // From the first to the last, as what is quoted may hold quotes.
  new RegExp(`(${DOUBLE}).*(${DOUBLE})`, "su"),
  new RegExp(`(${OPENING}).*([‘’‛])`, "su"),
  /((?:^|[^\p{L}])')[^\n]*?(')(?!\p{L})/gu,
  /(`)[^`\n]*(`)/g,
];
const LEFT_OPEN = new RegExp(`(${DOUBLE}|${OPENING}|(?:^|[^\\p{L}])'|\`).*`, "su");

// Errors quote what they choke on: JSON.parse the text itself. What is cut may have lost the end of what it quotes.
const withoutQuotes = (text: string): string =>
  text.length > MOST_READ
    ? wholeWords(text).replace(LEFT_OPEN, `$1${HIDDEN}`)
    : QUOTED.reduce((rest, pattern) => rest.replace(pattern, `$1${HIDDEN}$2`), text);

/** An error as the log may show it. */
export interface MaskedError {
  readonly name: string;
  /** The system's own code, such as `ECONNRESET`, where there is one. */
  readonly code?: string;
  readonly message: string;
  /** The innermost places in the code, ten at most. */
  readonly frames: readonly string[];
}

const WORD = /^[A-Za-z][\w.-]{0,59}$/;
const MOST_ISSUES = 50;

// A place in code, and not a line of a message that looks like one.
const FRAME = /^\s+at .*(?:\.[cm]?[jt]sx?|node:[\w/]+):\d+:\d+\)?$/;
const TITLE = /^[\w$.]{1,60}(?: \[\w{1,60}\])?/;
const MOST_OF_A_STACK = 20_000;
const MOST_FRAMES = 10;
const MOST_CHARACTERS = 300;
// Where the app is installed says nothing, and on a developer's machine says who they are.
const FOLDER = /(?:file:\/\/)?[^\s()]*?[/\\](?=(?:dist|node_modules|functions|src)[/\\])/;

function messageOf(error: Error): string {
  // A validation's message is a JSON text full of quotes; its paths and codes say the same.
  if (error instanceof z.ZodError)
    return error.issues
      .slice(0, MOST_ISSUES)
      .map(({ path, code }) => `${path.map(String).join(".") || "(whole)"}: ${code}`)
      .join("; ");
  return withoutQuotes(error.message);
}

// V8 writes the message into the stack when the error is made, and a message may look like frames: so who cannot tell where it
// ends, as it was changed since then, tells no frames.
function placesOf({ stack = "", message }: Error): string {
  const [title = ""] = TITLE.exec(stack) ?? [];
  const header = message === "" ? `${title}\n` : `${title}: ${message}\n`;
  return stack.startsWith(header)
    ? stack.slice(header.length, header.length + MOST_OF_A_STACK)
    : "";
}

const framesOf = (error: Error): string[] =>
  placesOf(error)
    .split("\n")
    .filter((line) => line.length <= MOST_CHARACTERS && FRAME.test(line))
    .slice(0, MOST_FRAMES)
    .map((line) => maskText(line.trim().replace(FOLDER, "")));

/** What may be told of an error that nobody expected. */
export function maskedError(error: unknown): MaskedError {
  if (!(error instanceof Error))
    return { name: "NotAnError", message: `a thrown ${typeof error}`, frames: [] };
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return {
    name: WORD.test(error.name) ? error.name : "Error",
    ...(WORD.test(code) ? { code } : {}),
    message: maskText(messageOf(error)).slice(0, MOST_CHARACTERS),
    frames: framesOf(error),
  };
}

/** The error for whoever logs errors whole, message and stack: a new one, of which only the name is the same. */
export function withoutSecrets(error: unknown): Error {
  const { name, message, frames } = maskedError(error);
  const safe = new Error(message);
  safe.name = name;
  safe.stack = [`${name}: ${message}`, ...frames.map((frame) => `    ${frame}`)].join("\n");
  return safe;
}
