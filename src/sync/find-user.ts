// Finds the user that an admin names: by id, by name, by mail or user principal name. Reads only.
import { entraAttributesOf } from "../rules/attribute-mapping.ts";
import { isUuid } from "../rules/matching.ts";
import type { System } from "../rules/users.ts";
import { folded } from "../rules/values.ts";
import type { LookPorts } from "./ports.ts";

/** Whom an admin asks for. */
export interface NamedUser {
  readonly system: System;
  /** UUID, object id, user principal name, account name or mail. */
  readonly id: string;
}

/** The pointer that a request carries. */
export type Pointer = { readonly drupalUuid: string } | { readonly entraObjectId: string };

/** Who was found; several are named, and none of them is taken. */
export type FoundUser =
  | { readonly kind: "found"; readonly pointer: Pointer }
  | { readonly kind: "none" }
  | { readonly kind: "several"; readonly ids: readonly string[] };

function only(ids: readonly string[], pointerOf: (id: string) => Pointer): FoundUser {
  const distinct = [...new Set(ids)];
  const [first, ...others] = distinct;
  if (first === undefined) return { kind: "none" };
  if (others.length > 0) return { kind: "several", ids: distinct };
  return { kind: "found", pointer: pointerOf(first) };
}

/** Finds by id without asking anyone; by a name, the first key that finds anyone decides. */
export async function findUser(
  { system, id }: NamedUser,
  ports: Pick<LookPorts, "drupal" | "entra" | "configuration">,
): Promise<FoundUser> {
  const pointerOf = (found: string): Pointer =>
    system === "drupal" ? { drupalUuid: found } : { entraObjectId: found };
  if (isUuid(id)) return { kind: "found", pointer: pointerOf(id.toLowerCase()) };
  const configuration = await ports.configuration.current();
  const attributes = system === "drupal" ? ["name", "mail"] : ["userPrincipalName", "mail"];
  for (const attribute of attributes) {
    const key = { attribute, value: folded(id) };
    const users =
      system === "drupal"
        ? (await ports.drupal.findUsers(key, configuration.fields)).map(({ uuid }) => uuid)
        : (await ports.entra.findUsers(key, entraAttributesOf(configuration))).map(
            ({ objectId }) => objectId,
          );
    const found = only(users, pointerOf);
    if (found.kind !== "none") return found;
  }
  return { kind: "none" };
}
