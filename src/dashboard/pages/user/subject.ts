// Whom the orders of a user's page name, and whom a join is offered with.
import type { PersonAnswer, UserAnswer } from "../../ask/contract.ts";
import type { Subject } from "./provision.ts";

/** An Entra user whom no Drupal account belongs to yet is named by their object id. */
export function subjectOf(answer: UserAnswer, id: string): Subject {
  const { explanation, link } = answer;
  const drupalUuid = explanation?.import.drupal?.uuid ?? link?.drupalUuid;
  if (drupalUuid !== undefined) return { system: "drupal", id: drupalUuid };
  return { system: "entra", id: explanation?.entraObjectId ?? id };
}

/** Whether two accounts are joined. */
export const isLinked = ({ link }: UserAnswer): boolean => link !== null && link.linkedAt !== null;

/** The Entra account that a key led to and that is not joined, as a person of the search; null where there is none. */
export function candidateOf({ explanation }: UserAnswer): PersonAnswer | null {
  if (explanation === null || explanation.matching.linkedAt !== null) return null;
  const { drupal, entra } = explanation.import;
  if (drupal === null || entra === null) return null;
  const { displayName, mail } = entra.attributes;
  return {
    name: typeof displayName === "string" ? displayName : entra.userPrincipalName,
    drupalName: null,
    mail: typeof mail === "string" ? mail : null,
    drupalUuid: null,
    entraObjectId: entra.objectId,
    userPrincipalName: entra.userPrincipalName,
    isEnabled: { drupal: null, entra: entra.enabled },
    linked: false,
  };
}
