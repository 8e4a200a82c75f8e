// The page "Escrow": whom a system refuses, by cause and user by user, when each is tried again, and the order to do so now.
import { useEffect, useRef } from "preact/hooks";
import { queryOf } from "../ask/ask.ts";
import type { EscrowAnswer, EscrowEntry, EscrowGroup } from "../ask/contract.ts";
import { useAnswer } from "../ask/use-answer.ts";
import { usePages } from "../ask/use-pages.ts";
import { DownloadButton } from "../parts/download-button.tsx";
import { Icon } from "../parts/icon.tsx";
import { More } from "../parts/more.tsx";
import { OrderButton } from "../parts/order-button.tsx";
import { Page } from "../parts/page.tsx";
import { Empty } from "../parts/states.tsx";
import { counted } from "../parts/words.ts";
import { hrefOf, usePlace } from "../route.ts";
import { GroupTable } from "./escrow/group-table.tsx";
import { type ReplayOrder, replay } from "./escrow/replay.ts";
import { useOrdered } from "./escrow/use-ordered.ts";
import { WaitingTable } from "./escrow/waiting-table.tsx";

const LOOK_EVERY_MS = 4000;
const ORDERS_EVERY_MS = 2000;

const sumOf = (groups: readonly EscrowGroup[]): number =>
  groups.reduce((sum, { users }) => sum + users, 0);

/** The listing of a cause, or of all: read anew when the counts say that it moved. */
function useWaiting(filter: { readonly code: string | null; readonly system: string | null }) {
  const pages = usePages<EscrowAnswer, EscrowEntry>(`escrow${queryOf(filter)}`);
  const look = useAnswer<EscrowAnswer>("escrow?limit=1", { everyMs: LOOK_EVERY_MS });
  const groups = look.body?.groups ?? pages.first?.groups ?? null;
  const print = groups === null ? null : JSON.stringify(groups);
  const shown = useRef<string | null>(null);
  const { again } = pages;
  useEffect(() => {
    if (print === null || print === shown.current) return;
    if (shown.current !== null) void again();
    shown.current = print;
  }, [print, again]);
  return { pages, groups, look };
}

function Waiting({
  chosen,
  total,
}: {
  readonly chosen: EscrowGroup | undefined;
  readonly total: number;
}) {
  return (
    <div class="listing-head">
      <h2>
        {chosen === undefined
          ? `Everyone who waits (${total})`
          : `${counted(chosen.users, "user")} of this cause`}
      </h2>
      {chosen === undefined ? null : <a href={hrefOf("/escrow")}>Show all {total}</a>}
    </div>
  );
}

/** The page. */
export function EscrowPage() {
  const { query } = usePlace();
  const filter = { code: query.get("code"), system: query.get("system") };
  const { pages, groups, look } = useWaiting(filter);
  const { remember, isOrdered } = useOrdered();
  // A user who is refused again need not change the counts: what was ordered is looked after until it is over.
  const isUnderWay = pages.items.some(isOrdered);
  const { again } = pages;
  const readAgain = useRef(again);
  readAgain.current = again;
  useEffect(() => {
    if (!isUnderWay) return;
    const timer = setInterval(() => void readAgain.current(), ORDERS_EVERY_MS);
    return () => clearInterval(timer);
  }, [isUnderWay]);
  const total = sumOf(groups ?? []);
  const chosen = groups?.find(
    ({ code, system }) => code === filter.code && (filter.system ?? system) === system,
  );
  const order = async (
    what: ReplayOrder,
    users: number,
    isMeant: (entry: EscrowEntry) => boolean,
  ): Promise<string | null> => {
    const replayed = await replay(what, users);
    if (replayed === null) return null;
    remember(pages.items.filter(isMeant));
    await look.refresh();
    return `${counted(replayed, "user")} will be tried now. Who is refused again stays here.`;
  };
  const isFiltered = filter.code !== null || filter.system !== null;
  const isNobody = groups !== null && total === 0 && pages.items.length === 0;
  return (
    <Page
      title="Escrow"
      lead="Users whom a system refused. Everyone else goes on; these are tried again by themselves, ever more seldom, until it works or the cause is mended."
      actions={
        <>
          <DownloadButton
            path={`escrow${queryOf({ ...filter, format: "csv", bom: "true" })}`}
            name="escrow.csv"
            what="CSV for Excel"
          />
          <OrderButton
            tone="primary"
            isOff={total === 0}
            order={() => order({ all: true }, total, () => true)}
          >
            Replay all
          </OrderButton>
        </>
      }
    >
      {groups === null || groups.length === 0 ? null : (
        <GroupTable
          groups={groups}
          chosen={filter}
          order={({ code, system, users }) =>
            order(
              { code, system },
              users,
              (entry) => entry.reason.code === code && entry.system === system,
            )
          }
        />
      )}
      {isNobody ? (
        <p class="note good">
          <Icon name="check" />
          <span>Nobody waits. Every user could be written, and there is nothing to mend.</span>
        </p>
      ) : null}
      {total > 0 ? <Waiting chosen={chosen} total={total} /> : null}
      {pages.items.length > 0 ? (
        <WaitingTable
          entries={pages.items}
          withCause={chosen === undefined}
          isOrdered={isOrdered}
          order={(entry) =>
            order({ drupalUuid: entry.drupalUuid }, 1, (one) => one.drupalUuid === entry.drupalUuid)
          }
        />
      ) : null}
      {isFiltered && total > 0 && pages.items.length === 0 && !pages.isLoading && !pages.hasMore ? (
        <Empty title="Nobody waits for this cause any more">
          <a href={hrefOf("/escrow")}>Show everyone who waits</a>
        </Empty>
      ) : null}
      {isNobody && !pages.isLoading && pages.refusal === null ? null : <More pages={pages} />}
    </Page>
  );
}
