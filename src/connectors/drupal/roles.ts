// Gives and takes roles by their machine names, with `administer users` alone.
import { z } from "zod";
import { RejectedError, TransientError } from "../../rules/errors.ts";
import { isUuid } from "../../rules/matching.ts";
import { faultsIn, refusalOf, unexpectedAnswer } from "./answers.ts";
import type { DrupalAnswer, DrupalClient } from "./client.ts";
import { createExpiringMemory } from "./expiring-memory.ts";
import { userDocument, withQuery } from "./wire.ts";

/** The writes of roles. */
export interface RoleWrites {
  /** Gives or takes one role; doing it again changes nothing. */
  change(uuid: string, role: string, isHeld: boolean): Promise<void>;
}

const ROLES_LAST_MS = 10 * 60_000;
const TYPE = "user_role--user_role";
const NOTHING = { sent: new Map<string, readonly string[]>() };

const roleList = z.object({
  data: z.array(
    z.object({ id: z.string(), attributes: z.object({ drupal_internal__id: z.string() }) }),
  ),
  meta: z
    .object({
      omitted: z.object({ links: z.record(z.string(), z.object({ href: z.string() })) }).optional(),
    })
    .optional(),
});

// Without `administer permissions` the list is empty, yet what is left out is linked: filtered by machine name that is
// one link, and its last part the role's UUID (contract/drupal-fields 088).
function uuidsIn(body: unknown, role: string): string[] | null {
  const parsed = roleList.safeParse(body);
  if (!parsed.success) return null;
  const { data, meta } = parsed.data;
  const shown = data.filter(({ attributes }) => attributes.drupal_internal__id === role);
  const links = Object.entries(meta?.omitted?.links ?? {}).filter(([name]) => name !== "help");
  const hidden = links.map(([, { href }]) => href.split(/[?#]/)[0]?.split("/").at(-1));
  return [...shown.map(({ id }) => id), ...hidden].filter(isUuid);
}

const rejected = (code: string, message: string) =>
  new RejectedError(message, { system: "drupal", code, attribute: "roles" });

/** The writes of roles over one site's client. */
export function createRoleWrites(client: DrupalClient, now: () => Date): RoleWrites {
  const known = createExpiringMemory<string>(now, ROLES_LAST_MS);

  const uuidOf = async (role: string): Promise<string> => {
    const remembered = known.get(role);
    if (remembered !== undefined) return remembered;
    const path = withQuery("/jsonapi/user_role/user_role", [["filter[drupal_internal__id]", role]]);
    const answer = await client.send(
      { method: "GET", path },
      ({ body }) => uuidsIn(body, role)?.length === 1,
    );
    const found = answer.status === 200 ? uuidsIn(answer.body, role) : null;
    const [only, ...others] = found ?? [];
    if (found === null || others.length > 0) {
      const message = `Drupal does not say which role is ${role}: grant the service account 'administer permissions'`;
      throw rejected("rolesUnreadable", message);
    }
    if (only === undefined) throw rejected("roleUnknown", `Drupal has no role ${role}`);
    known.put(role, only);
    return only;
  };

  // The relationship's own routes validate the whole account, also fields that have nothing to do with roles; the
  // account's route validates what it is sent (contract/drupal-fields 115, 116). It takes the full list: read just now.
  const writeWholeList = async (uuid: string, roleId: string, isHeld: boolean): Promise<void> => {
    const path = `/jsonapi/user/user/${encodeURIComponent(uuid)}`;
    const whole = ({ body }: DrupalAnswer) => userDocument.safeParse(body);
    const read = await client.send({ method: "GET", path }, (answer) => whole(answer).success);
    const user = whole(read).data?.data;
    if (read.status !== 200 || user === undefined) throw refusalOf(read, NOTHING);
    const others = user.relationships.roles.data.map(({ id }) => id).filter((id) => id !== roleId);
    const ids = isHeld ? [...others, roleId] : others;
    const roles = { data: ids.map((id) => ({ type: TYPE, id })) };
    const data = { type: "user--user", id: user.id, relationships: { roles } };
    const request = { method: "PATCH", path, body: JSON.stringify({ data }) } as const;
    const isDone = (answer: DrupalAnswer) => answer.status === 200 && whole(answer).success;
    const answer = await client.send(request, isDone);
    if (!isDone(answer)) throw refusalOf(answer, NOTHING);
  };

  return {
    change: async (uuid, role, isHeld) => {
      const id = await uuidOf(role);
      const request = {
        method: isHeld ? "POST" : "DELETE",
        path: `/jsonapi/user/user/${encodeURIComponent(uuid.toLowerCase())}/relationships/roles`,
        body: JSON.stringify({ data: [{ type: TYPE, id }] }),
      } as const;
      // 204 when the list is what was sent, 200 with the list when it holds more (contract/drupal-fields 092, 094).
      const isDone = ({ status, body }: DrupalAnswer) =>
        status === 204 ||
        (status === 200 && z.object({ data: z.array(z.unknown()) }).safeParse(body).success);
      const answer = await client.send(request, isDone);
      if (isDone(answer)) return;
      if (answer.status === 200) throw unexpectedAnswer();
      const faults = faultsIn(answer.body);
      if (answer.status === 422 && faults.every(({ field }) => field !== "roles"))
        return writeWholeList(uuid.toLowerCase(), id, isHeld);
      if (answer.status === 400 && faults.length > 0) {
        // The role was made anew under its name, and has another UUID now (contract/drupal 187).
        known.forget(role);
        const options = { system: "drupal", code: "roleReplaced" } as const;
        throw new TransientError(`the role ${role} is another one than some minutes ago`, options);
      }
      throw refusalOf(answer, NOTHING);
    },
  };
}
