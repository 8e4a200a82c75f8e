// Everything that was ever written of the user, newest first, as a time line.
import type { AuditEntry, AuditPageAnswer } from "../../ask/contract.ts";
import type { Pages } from "../../ask/use-pages.ts";
import { Badge } from "../../parts/badge.tsx";
import { More } from "../../parts/more.tsx";
import { Card } from "../../parts/page.tsx";
import { Empty } from "../../parts/states.tsx";
import { Time } from "../../parts/time.tsx";
import { Told } from "../../parts/told.tsx";
import { Changed, Value } from "../../parts/value.tsx";
import { causeName, systemName } from "../../parts/words.ts";
import { hrefOf } from "../../route.ts";
import { type FoldedEntry, foldLooks } from "./fold-looks.ts";

const WORDS: Readonly<Record<AuditEntry["operation"], string>> = {
  create: "Created",
  update: "Updated",
  disable: "Disabled",
  enable: "Enabled",
  delete: "Deleted",
  restore: "Restored",
  link: "Linked",
  unlink: "Unlinked",
  assign: "Role given",
  remove: "Role taken away",
  none: "Looked at",
};

const PICTURES: Readonly<Partial<Record<AuditEntry["operation"], string>>> = {
  create: "Picture added",
  update: "Picture replaced",
  delete: "Picture taken away",
  none: "Picture looked at",
};

const titleOf = ({ operation, resourceType, system }: AuditEntry): string => {
  const word = resourceType === "photo" ? (PICTURES[operation] ?? "Picture") : WORDS[operation];
  const isOfBoth = ["link", "unlink", "none"].includes(operation);
  return system === undefined || isOfBoth ? word : `${word} in ${systemName(system)}`;
};

function By({ entry }: { readonly entry: AuditEntry }) {
  const { cause, cycleId, actor } = entry;
  return (
    <span class="soft">
      by{" "}
      {cycleId === undefined ? (
        causeName(cause)
      ) : (
        <a href={hrefOf(`/cycles/${cycleId}`)}>{causeName(cause)}</a>
      )}
      {actor === undefined ? "" : ` (${actor})`}
    </span>
  );
}

// In a new account each value is new, and for the same reason.
function Change({
  change,
  isNew,
}: {
  readonly change: AuditEntry["changes"][number];
  readonly isNew: boolean;
}) {
  const { attribute, before, after, kept, why } = change;
  return (
    <li>
      <span class="mono">{attribute}</span>{" "}
      {kept === undefined ? (
        isNew ? (
          <Value value={after} />
        ) : (
          <Changed before={before} after={after} />
        )
      ) : (
        <span class="none">
          {kept === "hash" ? "changed; kept as a fingerprint" : "changed; the values are not kept"}
        </span>
      )}{" "}
      {isNew ? null : <span class="soft mono">{why}</span>}
    </li>
  );
}

function Event({ entry, looks, firstAt }: FoldedEntry) {
  const { operation, status, reason, changes } = entry;
  return (
    <li class={`event ${status}`}>
      <div class="event-head">
        <p>
          <b>{titleOf(entry)}</b> {looks === 1 ? null : <span class="number">{looks} times </span>}
          {status === "success" ? null : <Badge word={status} />} <By entry={entry} />
        </p>
        <p class="soft">
          <Time at={entry.at} />
        </p>
      </div>
      {reason === undefined || status === "success" ? null : (
        <p>
          <Told message={reason.message} /> <code class="code">{reason.code}</code>
          {looks === 1 ? null : (
            <span class="soft">
              {" "}
              since <Time at={firstAt} />
            </span>
          )}
        </p>
      )}
      {changes.length === 0 ? null : (
        <ul class="changes">
          {changes.map((change) => (
            <Change key={change.attribute} change={change} isNew={operation === "create"} />
          ))}
        </ul>
      )}
    </li>
  );
}

/** The card. */
export function History({
  id,
  audit,
}: {
  readonly id: string;
  readonly audit: Pages<AuditPageAnswer, AuditEntry>;
}) {
  const isNone = audit.first !== null && audit.items.length === 0 && !audit.hasMore;
  return (
    <Card title="History" aside={<a href={hrefOf(`/audit?user=${id}`)}>In the audit log</a>}>
      {isNone ? (
        <Empty title="Nothing was written yet">
          Each write to one of the two accounts, and each one that failed, will be told here.
        </Empty>
      ) : null}
      <ol class="timeline">
        {foldLooks(audit.items).map((folded) => (
          <Event key={folded.entry.id} {...folded} />
        ))}
      </ol>
      <More pages={audit} />
    </Card>
  );
}
