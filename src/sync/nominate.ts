// Puts users on a cycle's pages. A page is durable before the cycle knows of it: a kill in between writes it once more.
import type { Cycle, Nomination } from "../rules/cycle.ts";
import type { CyclePorts } from "./cycle-ports.ts";
import type { HeldCycle } from "./hold-cycle.ts";
import { putPage } from "./put-page.ts";

const isSame = (one: Nomination, other: Nomination): boolean =>
  one.drupalUuid === other.drupalUuid && one.entraObjectId === other.entraObjectId;

/** What nominating changes in the cycle; to be saved by the caller. */
export type Nominated = Pick<Cycle, "buffer" | "nominated">;

/** Who of the buffer is written although they fill no page: nobody, those who were not tried yet, or all. */
export type Rest = "nobody" | "untried" | "all";

const isTried = ({ attempt = 0 }: Nomination): boolean => attempt > 0;

/** Whether so many wait for another try that the trouble is not theirs. */
export const areManyTried = ({ buffer }: Pick<Cycle, "buffer">, usersPerPage: number): boolean =>
  buffer.filter(isTried).length >= usersPerPage;

/** Adds users to the buffer, and writes full pages, and the `rest` on one more. Who stands in the buffer already is not added. */
export async function nominate(
  held: HeldCycle,
  users: readonly Nomination[],
  rest: Rest,
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
    // Who was tried waits for the end of the reading: pages follow each other too fast to be a wait.
    const untried = buffer.filter((known) => !isTried(known));
    if (untried.length < usersPerPage) continue;
    await write(untried);
    buffer = buffer.filter(isTried);
  }
  const written = buffer.filter((user) => rest === "all" || (rest === "untried" && !isTried(user)));
  if (written.length > 0) {
    await write(written);
    buffer = buffer.filter((user) => !written.includes(user));
  }
  return { buffer, nominated: { pages, users: cycle.nominated.users + added } };
}
