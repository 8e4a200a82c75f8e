// Puts users on a cycle's pages. A page is durable before the cycle knows of it: a kill in between writes it once more.
import type { Cycle, Nomination } from "../rules/cycle.ts";
import type { CyclePorts } from "./cycle-ports.ts";
import type { HeldCycle } from "./hold-cycle.ts";
import { putPage } from "./put-page.ts";

const isSame = (one: Nomination, other: Nomination): boolean =>
  one.drupalUuid === other.drupalUuid && one.entraObjectId === other.entraObjectId;

/** What nominating changes in the cycle; to be saved by the caller. */
export type Nominated = Pick<Cycle, "buffer" | "nominated">;

/** Adds users to the buffer, and writes full pages; `isLast` also the rest. Who stands in the buffer already is not added. */
export async function nominate(
  held: HeldCycle,
  users: readonly Nomination[],
  isLast: boolean,
  { cycles, usersPerPage }: Pick<CyclePorts, "cycles" | "usersPerPage">,
): Promise<Nominated> {
  const { cycle } = held;
  let buffer = [...cycle.buffer];
  let { pages } = cycle.nominated;
  let added = 0;
  const write = async (page: readonly Nomination[]) => {
    const nominations = { users: page, notBefore: null };
    await putPage(held, (replaces) =>
      cycles.putNominations(cycle.id, pages, nominations, replaces),
    );
    pages += 1;
  };
  for (const user of users) {
    if (buffer.some((known) => isSame(known, user))) continue;
    buffer.push(user);
    added += 1;
    if (buffer.length < usersPerPage) continue;
    await write(buffer);
    buffer = [];
  }
  if (isLast && buffer.length > 0) {
    await write(buffer);
    buffer = [];
  }
  return { buffer, nominated: { pages, users: cycle.nominated.users + added } };
}
