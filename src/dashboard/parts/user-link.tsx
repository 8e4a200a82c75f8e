// A user as the tables name one: by the name that was read, else by an id, and always with the way to their page.
import { hrefOf } from "../route.ts";
import { leadingId, type UserIds } from "./leading-id.ts";

/** The link; nothing for what is about no user. `direction`: of whose users the row comes. */
export function UserLink({
  name,
  ...ids
}: UserIds & { readonly name?: string | null | undefined }) {
  const id = leadingId(ids);
  if (id === null) return name ? <span class="value">{name}</span> : null;
  return (
    <a class="value" href={hrefOf(`/users/${id}`)}>
      {name ? name : <code>{id}</code>}
    </a>
  );
}
