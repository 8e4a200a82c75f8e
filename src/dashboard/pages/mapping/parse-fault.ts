// Where a text stops being JSON, and on which line each place of a document stands.
import type { Json } from "./json.ts";

/** What is wrong with a text. */
export interface ParseFault {
  readonly message: string;
  /** From 1; null where the browser does not tell. */
  readonly line: number | null;
}

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split("\n").length;

// Chrome and Firefox name the line in the message, older ones the position, Safari neither.
function lineOf(message: string, text: string): number | null {
  const line = /line (\d+)/.exec(message)?.[1];
  if (line !== undefined) return Number(line);
  const position = /position (\d+)/.exec(message)?.[1];
  return position === undefined ? null : lineAt(text, Number(position));
}

const saidPlainly = (message: string): string =>
  message
    .replace(/^JSON\.parse: /, "")
    .replace(/ (in JSON )?at (position|line).*$/, "")
    .replace(/, "?\.{3}[\s\S]*$/, "");

/** The text as JSON, or what is wrong with it. */
export function parsedText(
  text: string,
):
  | { readonly value: Json; readonly fault: null }
  | { readonly value: null; readonly fault: ParseFault } {
  try {
    const value: Json = JSON.parse(text);
    return { value, fault: null };
  } catch (error) {
    const message = error instanceof Error ? error.message : "";
    return { value: null, fault: { message: saidPlainly(message), line: lineOf(message, text) } };
  }
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

interface Level {
  readonly isList: boolean;
  key: string | number;
}

/** The line (from 1) of each place of a JSON text, by its dotted path; the first of each place counts. */
export function linesOf(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const levels: Level[] = [];
  const path = () => levels.map(({ key }) => key).join(".");
  let [line, counted] = [1, 0];
  const remember = (offset: number) => {
    line += text.slice(counted, offset).split("\n").length - 1;
    counted = offset;
    if (!found.has(path())) found.set(path(), line);
  };
  let isName = false;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const level = levels.at(-1);
    if (token === ":") isName = false;
    else if (token === ",") {
      if (level?.isList === true) level.key = Number(level.key) + 1;
      isName = level?.isList === false;
    } else if (token === "}" || token === "]") {
      levels.pop();
      isName = false;
    } else if (isName && level !== undefined && token.startsWith('"')) {
      level.key = String(JSON.parse(token));
      remember(index);
    } else {
      remember(index);
      if (token === "{" || token === "[") levels.push({ isList: token === "[", key: 0 });
      isName = token === "{";
    }
  }
  return found;
}
