// The causes that users wait for: how many, since when, when the next is tried, and the order to try them all now.

import { queryOf } from "../../ask/ask.ts";
import type { EscrowGroup } from "../../ask/contract.ts";
import { OrderButton } from "../../parts/order-button.tsx";
import { Ago } from "../../parts/time.tsx";
import { Told } from "../../parts/told.tsx";
import { counted, number, systemName } from "../../parts/words.ts";
import { hrefOf } from "../../route.ts";
import { NextTry } from "./next-try.tsx";

/** The cause that the listing below is narrowed to. */
export interface Chosen {
  readonly code: string | null;
  readonly system: string | null;
}

const isChosen = (group: EscrowGroup, { code, system }: Chosen): boolean =>
  group.code === code && (system === null || group.system === system);

/** The table; `order` replays a group. */
export function GroupTable({
  groups,
  chosen,
  order,
}: {
  readonly groups: readonly EscrowGroup[];
  readonly chosen: Chosen;
  readonly order: (group: EscrowGroup) => Promise<string | null>;
}) {
  return (
    <section class="table-place" aria-label="Causes">
      <table class="folds causes">
        <caption class="unseen">What users in escrow wait for</caption>
        <thead>
          <tr>
            <th scope="col">Cause</th>
            <th scope="col">System</th>
            <th scope="col" class="amount">
              Users
            </th>
            <th scope="col">Waiting since</th>
            <th scope="col">Next try</th>
            <th scope="col">
              <span class="unseen">Order</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => {
            const { system, code, message, users, oldest, nextAt } = group;
            const isThis = isChosen(group, chosen);
            return (
              <tr key={`${system} ${code}`} class={isThis ? "is-open" : undefined}>
                <th scope="row" class="whom">
                  <span>
                    <a
                      href={hrefOf(isThis ? "/escrow" : `/escrow${queryOf({ code, system })}`)}
                      aria-current={isThis ? "true" : undefined}
                    >
                      <Told message={message} />
                    </a>{" "}
                    <code class="code soft">{code}</code>
                  </span>
                </th>
                <td data-is="System">{systemName(system)}</td>
                <td data-is="Users" class="amount">
                  {number(users)}
                </td>
                <td data-is="Waiting since">
                  <Ago at={oldest} />
                </td>
                <td data-is="Next try">
                  <NextTry at={nextAt} />
                </td>
                <td class="orders">
                  <OrderButton order={() => order(group)}>
                    Replay {users === 1 ? "this one" : counted(users, "user")}
                  </OrderButton>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
