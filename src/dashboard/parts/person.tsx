// A person as they stand in a list: who they are, and how each side has them.
import type { PersonAnswer } from "../ask/contract.ts";
import { Badge } from "./badge.tsx";

/** The person's name, or what else they are called. */
export const nameOfPerson = (person: PersonAnswer): string =>
  person.name ?? person.drupalName ?? person.userPrincipalName ?? person.mail ?? "Without a name";

/** The id by which the person's page is found. */
export const idOfPerson = (person: PersonAnswer): string =>
  person.drupalUuid ?? person.entraObjectId ?? "";

// Each once: a UPN is mostly the mail, and an account name what stands before its @.
function addressesOf({ mail, userPrincipalName, drupalName }: PersonAnswer): string {
  const addresses = [userPrincipalName, mail].filter((one) => one !== null);
  const seen = new Map(addresses.map((one) => [one.toLowerCase(), one]));
  const isTold = [...seen.keys()].some((one) => one.startsWith(`${drupalName?.toLowerCase()}@`));
  const own = drupalName === null || drupalName === undefined || isTold ? [] : [drupalName];
  return [...seen.values(), ...own].join(" · ");
}

/** The state of an account in a word; null where there is none, or its side did not answer. */
function SideState({
  name,
  id,
  isEnabled,
}: {
  readonly name: string;
  readonly id: string | null;
  readonly isEnabled: boolean | null;
}) {
  const words = name === "Drupal" ? ["active", "blocked"] : ["enabled", "disabled"];
  const word = id === null ? "none" : isEnabled === null ? "not seen" : words[isEnabled ? 0 : 1];
  return (
    <span
      class={
        isEnabled === true
          ? "side-state"
          : isEnabled === false
            ? "side-state off"
            : "side-state soft"
      }
    >
      <span class="soft">{name}</span> {word}
    </span>
  );
}

/** What stands in a row about a person, inside of a link or button. */
export function Person({ person }: { readonly person: PersonAnswer }) {
  const { drupalUuid, entraObjectId, isEnabled, linked } = person;
  return (
    <>
      <span class="person-who">
        <span class="person-name">{nameOfPerson(person)}</span>{" "}
        <span class="soft person-address">{addressesOf(person)}</span>
      </span>
      <span class="person-sides">
        <SideState name="Drupal" id={drupalUuid} isEnabled={isEnabled.drupal} />{" "}
        <SideState name="Entra" id={entraObjectId} isEnabled={isEnabled.entra} />
      </span>
      <span class="person-link">
        {linked ? <Badge word="linked" tone="good" /> : <Badge word="not linked" />}
      </span>
    </>
  );
}
