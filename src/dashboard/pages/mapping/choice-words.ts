// The choices of the configuration in words, by place: what is not named here is shown as the contract spells it.

const WORDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  states: { nothing: "Nothing", disable: "Disable", delete: "Delete later" },
  "roles.removal": {
    granted: "Roles the sync gave",
    mapped: "All mapped roles",
  },
  "photos.authority": {
    drupal: "The person's own",
    entra: "Entra's",
    newest: "The newest",
  },
  "photos.whenMissing": {
    keep: "Keep Drupal's picture",
    remove: "Remove ours",
  },
  operator: {
    equals: "is",
    notEquals: "is not",
    contains: "contains",
    startsWith: "begins with",
    endsWith: "ends with",
    in: "is one of",
    notIn: "is none of",
    matches: "matches (RE2)",
    notMatches: "does not match (RE2)",
    isEmpty: "is empty",
    isNotEmpty: "is not empty",
    greaterThan: "is greater than",
    lessThan: "is less than",
  },
};

/** A choice as people read it. `group` is a key of the words: a dotted place, or a family of places. */
export const choiceWord = (group: string, choice: string | number): string =>
  WORDS[group]?.[choice] ??
  (group === "photos.size" ? `${choice} × ${choice} pixels` : String(choice));
