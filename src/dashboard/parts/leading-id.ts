// Which of a user's two ids leads to their page: an Entra user who was left alone stands under the UUID that an account would get,
// and nobody has that one yet.
import type { Direction } from "../../rules/users.ts";

/** The ids of a user, as far as they are known. */
export interface UserIds {
  readonly drupalUuid?: string | null | undefined;
  readonly entraId?: string | null | undefined;
  /** Of whose users the look came: `entraToDrupal` are Entra's. */
  readonly direction?: Direction | undefined;
}

/** The id; null for nobody. */
export function leadingId({ drupalUuid, entraId, direction }: UserIds): string | null {
  const ids = direction === "entraToDrupal" ? [entraId, drupalUuid] : [drupalUuid, entraId];
  return ids.find((id) => typeof id === "string") ?? null;
}
