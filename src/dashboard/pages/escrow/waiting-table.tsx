// Who waits in escrow, user by user, with the order to try one now.
import type { EscrowEntry } from "../../ask/contract.ts";
import { Badge } from "../../parts/badge.tsx";
import { OrderButton } from "../../parts/order-button.tsx";
import { Ago } from "../../parts/time.tsx";
import { Told } from "../../parts/told.tsx";
import { UserLink } from "../../parts/user-link.tsx";
import { number } from "../../parts/words.ts";
import { NextTry } from "./next-try.tsx";

/** The table. `isOrdered`: a replay of the row as it stands was ordered here, and nothing has come of it yet. */
export function WaitingTable({
  entries,
  withCause,
  isOrdered,
  order,
}: {
  readonly entries: readonly EscrowEntry[];
  /** The cause is told in each row, as they are not all of one. */
  readonly withCause: boolean;
  readonly isOrdered: (entry: EscrowEntry) => boolean;
  readonly order: (entry: EscrowEntry) => Promise<string | null>;
}) {
  return (
    <section class="table-place" aria-label="Users in escrow">
      <table class="folds waiting">
        <caption class="unseen">Users in escrow</caption>
        <thead>
          <tr>
            <th scope="col">User</th>
            {withCause ? <th scope="col">Cause</th> : null}
            <th scope="col" class="amount">
              Tries
            </th>
            <th scope="col">Waiting since</th>
            <th scope="col">Next try</th>
            <th scope="col">
              <span class="unseen">Order</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.drupalUuid}>
              <th scope="row" data-is="User" class="whom">
                {/* An Entra user without link stands under the UUID that an account would get: their own id leads to them. */}
                <UserLink drupalUuid={entry.entraObjectId ?? entry.drupalUuid} />
              </th>
              {withCause ? (
                <td data-is="Cause">
                  <Told message={entry.reason.message} />
                </td>
              ) : null}
              <td data-is="Tries" class="amount">
                {number(entry.attempts)}
              </td>
              <td data-is="Waiting since">
                <Ago at={entry.since} />
              </td>
              <td data-is="Next try">
                <span>
                  {isOrdered(entry) ? (
                    <Badge word="ordered" tone="busy" />
                  ) : (
                    <NextTry at={entry.nextAt} />
                  )}
                </span>
              </td>
              <td class="orders">
                <OrderButton order={() => order(entry)}>
                  Replay<span class="unseen"> {entry.entraObjectId ?? entry.drupalUuid}</span>
                </OrderButton>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
