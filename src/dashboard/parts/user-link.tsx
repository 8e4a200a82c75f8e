// A user as the tables name one: by the name that was read, else by an id, and always with the way to their page.
import { hrefOf } from "../route.ts";

/** The link; nothing for what is about no user. */
export function UserLink({
  name,
  drupalUuid,
  entraId,
}: {
  readonly name?: string | null | undefined;
  readonly drupalUuid?: string | null | undefined;
  readonly entraId?: string | null | undefined;
}) {
  const id = drupalUuid ?? entraId;
  if (id === undefined || id === null) return name ? <span class="value">{name}</span> : null;
  return (
    <a class="value" href={hrefOf(`/users/${id}`)}>
      {name ? name : <code>{id}</code>}
    </a>
  );
}
