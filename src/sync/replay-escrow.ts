// An operator has mended a cause: users in escrow are tried again now, one of them, those of one cause, or all.
import type { EscrowEntry, EscrowFilter } from "../rules/escrow.ts";
import type { ProvisionRequest } from "../rules/provision-request.ts";
import type { EscrowListing, EscrowStore, ProvisionQueue, Surroundings } from "./ports.ts";

const MAX_SENDS_UNDER_WAY = 16;

/** Who is tried again; an empty filter: everyone. */
export interface ReplayOrder {
  readonly whom: { readonly drupalUuid: string } | EscrowFilter;
  readonly actor: string;
}

/** What a replay needs of the outside world: nothing here can change a row. */
export type ReplayPorts = Pick<Surroundings, "now"> & {
  readonly escrow: Pick<EscrowStore, "find"> & EscrowListing;
  readonly queue: ProvisionQueue;
};

async function* entriesOf(
  whom: ReplayOrder["whom"],
  escrow: ReplayPorts["escrow"],
): AsyncIterable<EscrowEntry> {
  if (!("drupalUuid" in whom)) return yield* escrow.each(whom);
  const entry = await escrow.find(whom.drupalUuid);
  if (entry !== null) yield entry;
}

/**
 * Queues a look at each user now, and answers how many. No row is touched: the replay carries the row's own time, as the
 * delayed return does, so that whichever of them comes first clears the row or moves it on and makes the other one void. A
 * replay that dies half-way has lost nothing, and one that is ordered twice costs a read.
 */
export async function replayEscrow(order: ReplayOrder, ports: ReplayPorts): Promise<number> {
  const { whom, actor } = order;
  const receivedAt = ports.now().toISOString();
  const send = ({ drupalUuid, entraObjectId, at: escrowedAt }: EscrowEntry) => {
    const user = entraObjectId === null ? { drupalUuid } : { entraObjectId };
    const request: ProvisionRequest = {
      ...user,
      cause: "replay",
      // An order for many is no approval of what each of them would lose.
      ...("drupalUuid" in whom ? {} : { holdsHarm: true }),
      attempt: 0,
      receivedAt,
      escrowedAt,
      actor,
    };
    return ports.queue.send(request);
  };
  const entries = entriesOf(whom, ports.escrow)[Symbol.asyncIterator]();
  let replayed = 0;
  const sender = async (): Promise<void> => {
    for (let next = await entries.next(); !next.done; next = await entries.next()) {
      await send(next.value);
      replayed += 1;
    }
  };
  // A generator answers calls in their order: the senders share the listing.
  await Promise.all(Array.from({ length: MAX_SENDS_UNDER_WAY }, sender));
  return replayed;
}
