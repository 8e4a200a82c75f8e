// The page "Drift": how the two systems differ, user by user, as of the last complete listings of both.
import { queryOf } from "../ask/ask.ts";
import type { DriftAnswer, DriftKind, DriftRow } from "../ask/contract.ts";
import { usePages } from "../ask/use-pages.ts";
import { DownloadButton } from "../parts/download-button.tsx";
import { Icon } from "../parts/icon.tsx";
import { More } from "../parts/more.tsx";
import { Page } from "../parts/page.tsx";
import { Empty } from "../parts/states.tsx";
import { hrefOf, usePlace } from "../route.ts";
import { AsOf } from "./drift/as-of.tsx";
import { DriftTable } from "./drift/drift-table.tsx";
import { KINDS, KindTiles, kindOf } from "./drift/kind-tiles.tsx";

function Nobody({
  answer,
  kind,
}: {
  readonly answer: DriftAnswer;
  readonly kind: DriftKind | null;
}) {
  if (kind !== null && answer.counts[kind] === null)
    return (
      <Empty title="Not known yet">
        A listing has to come to its end first: see above how to start one.
      </Empty>
    );
  if (kind !== null)
    return (
      <Empty title={KINDS[kind].nobody}>
        <a href={hrefOf("/drift")}>Show every kind</a>
      </Empty>
    );
  const { drupal, entra } = answer.asOf;
  return drupal === null || entra === null ? (
    <Empty title="Nothing is known to differ yet">
      That proves nothing while a side has not been read to its end.
    </Empty>
  ) : (
    <p class="note good">
      <Icon name="check" />
      <span>Both systems show the same users. Nobody differs, and nobody waits.</span>
    </p>
  );
}

/** The page. */
export function DriftPage() {
  const { query } = usePlace();
  const kind = kindOf(query.get("kind"));
  const pages = usePages<DriftAnswer, DriftRow>(`drift${queryOf({ kind })}`);
  const { first, items } = pages;
  const isNobody = items.length === 0 && !pages.isLoading && !pages.hasMore;
  return (
    <Page
      title="Drift"
      lead="Who is not the same in Drupal and in Entra, and why the sync leaves it so."
      actions={
        <DownloadButton
          path={`drift${queryOf({ kind, format: "csv", bom: "true" })}`}
          name="drift.csv"
          what="CSV for Excel"
        />
      }
    >
      {first === null ? null : (
        <>
          <AsOf asOf={first.asOf} />
          <KindTiles counts={first.counts} chosen={kind} />
        </>
      )}
      {items.length > 0 ? <DriftTable rows={items} withKind={kind === null} /> : null}
      {first !== null && isNobody && pages.refusal === null ? (
        <Nobody answer={first} kind={kind} />
      ) : null}
      <More pages={pages} />
    </Page>
  );
}
