// How the person of the page is called, from whichever side knows it.
import type { PersonAnswer, UserAnswer } from "../../ask/contract.ts";

/** What stands at the head of the page. */
export interface Names {
  readonly name: string;
  /** The addresses, each once. */
  readonly addresses: readonly string[];
}

const text = (value: unknown): string | null =>
  typeof value === "string" && value !== "" ? value : null;

/** The names; `person` is what a search by the id found, where the sync cannot explain the user. */
export function namesOf(answer: UserAnswer | null, person: PersonAnswer | null, id: string): Names {
  const drupal = answer?.explanation?.import.drupal ?? null;
  const entra = answer?.explanation?.import.entra ?? null;
  const all = [
    entra?.userPrincipalName ?? person?.userPrincipalName,
    text(entra?.attributes.mail),
    drupal?.mail ?? person?.mail,
  ].filter((one) => one !== null && one !== undefined);
  const seen = new Map(all.map((one) => [one.toLowerCase(), one]));
  const name = text(entra?.attributes.displayName) ?? person?.name ?? drupal?.name ?? all[0];
  return { name: name ?? id, addresses: [...seen.values()] };
}

/** Two letters for whom there is no picture of. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s._@]+/u).filter((word) => /^\p{L}/u.test(word));
  const [first = "", last = ""] = [words[0], words.length > 1 ? words.at(-1) : ""];
  return `${[...first][0] ?? ""}${[...last][0] ?? ""}`.toUpperCase() || "?";
}
