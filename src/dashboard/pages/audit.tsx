// The page "Audit": everything that was written, or was not, and why; newest first, by any filter, live, and as a file.
import { useCallback, useEffect, useState } from "preact/hooks";
import { queryOf } from "../ask/ask.ts";
import type { AuditEntry, AuditPageAnswer } from "../ask/contract.ts";
import { usePages } from "../ask/use-pages.ts";
import { DownloadButton } from "../parts/download-button.tsx";
import { More } from "../parts/more.tsx";
import { Page } from "../parts/page.tsx";
import { Empty } from "../parts/states.tsx";
import { counted } from "../parts/words.ts";
import { setQuery, usePlace } from "../route.ts";
import { auditQuery } from "./audit/audit-query.ts";
import { COLUMNS, EntryRow } from "./audit/entry-row.tsx";
import { clearFilters, Filters } from "./audit/filters.tsx";
import { QuickFilters } from "./audit/quick-filters.tsx";
import { NEWEST, useNewer } from "./audit/use-newer.ts";

const LISTING = "audit-entries";

/** The opened rows: those that were pressed, and the one that the address names. */
function useOpened(named: string | null) {
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback(
    (id: string) => {
      setOpened((all) => {
        const next = new Set(all);
        if (!next.delete(id) && id !== named) next.add(id);
        return next;
      });
      if (id === named) setQuery({ entry: null });
    },
    [named],
  );
  return { isOpen: (id: string) => id === named || opened.has(id), toggle };
}

function Entries({
  entries,
  named,
}: {
  readonly entries: readonly AuditEntry[];
  readonly named: string | null;
}) {
  const { isOpen, toggle } = useOpened(named);
  return (
    <section id={LISTING} class="table-place" tabIndex={-1} aria-label="Entries of the audit log">
      <table class="folds audit">
        <caption class="unseen">Entries of the audit log, newest first</caption>
        <thead>
          <tr>
            {COLUMNS.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <EntryRow
              key={entry.id}
              entry={entry}
              isOpen={isOpen(entry.id)}
              toggle={() => toggle(entry.id)}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function NoEntries({ isFiltered }: { readonly isFiltered: boolean }) {
  return isFiltered ? (
    <Empty title="No entry fits these filters">
      <button type="button" onClick={clearFilters}>
        Clear the filters
      </button>
    </Empty>
  ) : (
    <Empty title="Nothing has been written yet">
      Edit a user in Drupal, or start a cycle: each write is told here, and why it was made.
    </Empty>
  );
}

/** The page. */
export function AuditPage() {
  const { query } = usePlace();
  const filter = auditQuery(query);
  const path = `audit${queryOf(filter)}`;
  const pages = usePages<AuditPageAnswer, AuditEntry>(path);
  const { items, isLoading, hasMore, refusal, refresh } = pages;
  const newer = useNewer(path, items, { isOn: pages.first !== null, to: filter.to });
  // Nobody reads an empty page: what comes is shown at once.
  const isWanted = newer > 0 && items.length === 0 && !hasMore && !isLoading;
  useEffect(() => {
    if (isWanted) void refresh();
  }, [isWanted, refresh]);
  const file = (format: string, more = {}) => `audit${queryOf({ ...filter, format, ...more })}`;
  return (
    <Page
      title="Audit"
      lead="Everything that the sync wrote, tried to write or left alone on purpose, and why."
      actions={
        <>
          <DownloadButton
            path={file("csv", { bom: "true" })}
            name="audit.csv"
            what="CSV for Excel"
          />
          <DownloadButton path={file("ndjson")} name="audit.ndjson" what="NDJSON" />
        </>
      }
    >
      <Filters filter={filter}>
        <QuickFilters filter={filter} />
      </Filters>
      <div class="newer-place" role="status">
        {newer === 0 || isWanted ? null : (
          <button
            type="button"
            class="newer"
            onClick={() => {
              void refresh();
              scrollTo({ top: 0 });
              // The button goes with its news: whoever pressed it goes on at the listing.
              document.getElementById(LISTING)?.focus({ preventScroll: true });
            }}
          >
            {newer >= NEWEST
              ? `${NEWEST} or more new entries`
              : counted(newer, "new entry", "new entries")}
          </button>
        )}
      </div>
      {items.length > 0 ? <Entries entries={items} named={query.get("entry")} /> : null}
      {items.length === 0 && !isLoading && !hasMore && refusal === null ? (
        <NoEntries isFiltered={Object.keys(filter).length > 0} />
      ) : null}
      <More pages={pages} />
    </Page>
  );
}
