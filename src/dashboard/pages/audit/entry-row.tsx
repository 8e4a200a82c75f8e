// One entry as a row that opens: what was done to whom, how it went, and what changed and why in a line.
import type { AuditEntry } from "../../ask/contract.ts";
import { Badge } from "../../parts/badge.tsx";
import { codeWords } from "../../parts/code-words.ts";
import { Icon } from "../../parts/icon.tsx";
import { Time } from "../../parts/time.tsx";
import { Told } from "../../parts/told.tsx";
import { UserLink } from "../../parts/user-link.tsx";
import { Changed } from "../../parts/value.tsx";
import { directionName } from "../../parts/words.ts";
import { hrefOf } from "../../route.ts";
import { EntryDetail } from "./entry-detail.tsx";
import { titleOf } from "./entry-words.ts";

/** The columns of the table. */
export const COLUMNS = ["When", "What", "User", "Status", "Changes and why"] as const;

const NAMES_SHOWN = 4;

function Changes({ changes }: Pick<AuditEntry, "changes">) {
  const [first] = changes;
  if (first === undefined) return null;
  if (changes.length === 1 && first.kept === undefined)
    return (
      <div class="brief">
        <code>{first.attribute}</code> <Changed before={first.before} after={first.after} />
      </div>
    );
  const names = changes.slice(0, NAMES_SHOWN).map(({ attribute }) => attribute);
  const rest = changes.length - names.length;
  return (
    <div class="brief">
      <code>{names.join(", ")}</code>
      {rest > 0 ? <span class="soft"> and {rest} more</span> : null}
    </div>
  );
}

// A write that went well is explained by the rules behind its values; all else by what stood in the way.
function Why({ entry }: { readonly entry: AuditEntry }) {
  const { changes, reason, status } = entry;
  const rules = [...new Set(changes.map(({ why }) => codeWords(why)))];
  if (status === "success" && rules.length > 0) return <div class="soft">{rules.join(", ")}</div>;
  if (reason === undefined) return null;
  return (
    <div class={changes.length > 0 ? "soft" : undefined}>
      <Told message={reason.message} />
    </div>
  );
}

function Whom({ entry }: { readonly entry: AuditEntry }) {
  const { displayName, drupalUuid, entraId, direction, cycleId, resourceType } = entry;
  if (drupalUuid !== undefined || entraId !== undefined || displayName !== undefined)
    return <UserLink name={displayName} {...{ drupalUuid, entraId, direction }} />;
  if (resourceType === "cycle" && cycleId !== undefined)
    return (
      <a href={hrefOf(`/cycles/${cycleId}`)}>
        cycle <code>{cycleId.slice(0, 8)}</code>
      </a>
    );
  return <span class="soft">nobody</span>;
}

const isPressable = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest("a, button") !== null;

/** The row, and what it opens to. */
export function EntryRow({
  entry,
  isOpen,
  toggle,
}: {
  readonly entry: AuditEntry;
  readonly isOpen: boolean;
  readonly toggle: () => void;
}) {
  const detail = `entry-${entry.id}`;
  return (
    <>
      <tr
        class={isOpen ? "opens is-open" : "opens"}
        // The button does the same from the keyboard.
        onClick={({ target }) => {
          if (!isPressable(target) && String(getSelection()) === "") toggle();
        }}
      >
        <td class="when nowrap">
          <button
            type="button"
            class="plain-button disclose"
            aria-expanded={isOpen}
            aria-controls={isOpen ? detail : undefined}
            onClick={toggle}
          >
            <span class={isOpen ? "turn" : "turn sideways"}>
              <Icon name="down" />
            </span>
            <span class="unseen">Details of </span>
            <Time at={entry.at} />
          </button>
        </td>
        <td>
          <span class="what">
            {titleOf(entry)}
            {entry.direction === undefined ? null : (
              <span class="soft nowrap">{directionName(entry.direction)}</span>
            )}
          </span>
        </td>
        <td class="whom">
          <Whom entry={entry} />
        </td>
        <td class="state">
          <Badge word={entry.status} />
        </td>
        <td>
          <Changes changes={entry.changes} />
          <Why entry={entry} />
        </td>
      </tr>
      {isOpen ? (
        <tr class="opened" id={detail}>
          <td colSpan={COLUMNS.length}>
            <EntryDetail entry={entry} />
          </td>
        </tr>
      ) : null}
    </>
  );
}
