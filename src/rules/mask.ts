// Takes people and secrets out of texts that we did not write ourselves: the messages and stacks of unexpected errors.
import { z } from "zod";
import { pseudonym } from "./pseudonym.ts";

const HIDDEN = "…";

// An order that matters: what is named as a secret goes whole, before its parts look like something else.
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // `AccountKey=…`, `password: …`, `"client_secret":"…"`
  [
    /\b([\w-]*(?:password|passwd|pwd|secret|token|key|sig|signature|assertion|cookie|authorization))(["']?\s*[:=]\s*)("[^"\n]*"|'[^'\n]*'|(?:Bearer|Basic)\s+\S+|[^\s,;&"']+)/gi,
    `$1$2${HIDDEN}`,
  ],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]+/gi, `$1 ${HIDDEN}`],
  // JSON Web Tokens begin with `{"`, which is `eyJ` in base64 (RFC 7519).
  [/\beyJ[\w-]*(?:\.[\w-]*)*/g, HIDDEN],
  // The query of an address holds filters, and so values.
  [/\?[^\s"<>?]*=[^\s"<>]*/g, `?${HIDDEN}`],
  // Mails and UPNs, guests' with #EXT# too, and as they stand in an address (%40). A path such as /@azure/ has nothing before.
  [/[^\s"<>(),;:/\\@[\]{}]+(?:@|%40)[^\s"<>(),;:/\\@[\]{}]+/gi, HIDDEN],
];

const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi;
// Hex and base64url of 24 bytes or more; names in code seldom have digits at such a length. Standard base64 has slashes, as
// paths have: so only as a word of its own.
const LONG =
  /(?=[A-Za-z+_-]*\d)[A-Za-z0-9+_-]{32,}={0,2}|(?<![\w+/.-])(?=[A-Za-z+/]*\d)[A-Za-z0-9+/]{40,}={0,2}(?![\w+/.-])/g;

/** The text without mails, UPNs, tokens, secrets and queries; ids of users become their pseudonyms. Names of people in plain
 * words cannot be told from other words: {@link maskedError} leaves out what is quoted for that reason. */
export function maskText(text: string): string {
  const masked = PATTERNS.reduce((rest, [pattern, by]) => rest.replace(pattern, by), text);
  return masked.replace(UUID, (id) => pseudonym(id)).replace(LONG, HIDDEN);
}

// Errors quote what they choke on: JSON.parse the text itself. From the first double quote to the last, as what is quoted may
// hold quotes.
const withoutQuotes = (text: string): string =>
  text.replace(/".*"/s, `"${HIDDEN}"`).replace(/(^|[^A-Za-z])(['`])[^'`\n]*\2/g, `$1$2${HIDDEN}$2`);

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
const MOST_READ = 4000;

// A message may be a whole answer: half a mail at the cut would not be known for one.
const wholeWords = (text: string): string =>
  text.length <= MOST_READ ? text : text.slice(0, MOST_READ).replace(/\S*$/, "");

const FRAME = /^\s+at .*:\d+:\d+\)?$/;
const MOST_FRAMES = 10;
const MOST_CHARACTERS = 300;
// Where the app is installed says nothing, and on a developer's machine says who they are.
const FOLDER = /(?:file:\/\/)?[^\s()]*?[/\\](?=(?:dist|node_modules|functions|src)[/\\])/;

function messageOf(error: Error): string {
  // A validation's message is a JSON text full of quotes; its paths and codes say the same.
  if (error instanceof z.ZodError)
    return error.issues
      .map(({ path, code }) => `${path.join(".") || "(whole)"}: ${code}`)
      .join("; ");
  return withoutQuotes(wholeWords(error.message));
}

function framesOf(error: Error): string[] {
  const stack = error.stack ?? "";
  // A message may look like frames.
  const message = stack.indexOf(error.message);
  const places = message < 0 ? stack : stack.slice(message + error.message.length);
  return places
    .split("\n")
    .filter((line) => FRAME.test(line))
    .slice(0, MOST_FRAMES)
    .map((line) => maskText(line.trim().replace(FOLDER, "")));
}

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
