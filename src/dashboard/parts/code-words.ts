// Codes of the contract as people read them: a code that nobody wrote a sentence for still says what it stands for.

const NAMES: Readonly<Record<string, string>> = {
  drupal: "Drupal",
  entra: "Entra",
  graph: "Graph",
  upn: "UPN",
};

/** "disabledInDrupal" as "disabled in Drupal". */
export const codeWords = (code: string): string =>
  code
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(" ")
    .map((word) => NAMES[word] ?? word)
    .join(" ");
