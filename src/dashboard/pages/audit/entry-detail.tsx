// One entry of the audit log opened: who, what became of each attribute and why, and where to look further.

import { queryOf } from "../../ask/ask.ts";
import type { AuditEntry } from "../../ask/contract.ts";
import { codeWords } from "../../parts/code-words.ts";
import { leadingId } from "../../parts/leading-id.ts";
import { lengthOf } from "../../parts/time.tsx";
import { Told } from "../../parts/told.tsx";
import { Value } from "../../parts/value.tsx";
import { causeName, directionName, systemName } from "../../parts/words.ts";
import { hrefOf } from "../../route.ts";
import { whoDidThis } from "./entry-words.ts";

type Change = AuditEntry["changes"][number];

function Kept({ change, value }: { readonly change: Change; readonly value: Change["before"] }) {
  if (change.kept === "none") return <span class="none">not kept</span>;
  if (change.kept === "hash" && value !== null)
    return (
      <code class="soft value" title="AUDIT_VALUES keeps fingerprints, not values">
        {String(value)}
      </code>
    );
  return <Value value={value} />;
}

function Changes({ changes }: Pick<AuditEntry, "changes">) {
  return (
    <table class="entry-changes folds">
      <caption class="unseen">What became of each attribute</caption>
      <thead>
        <tr>
          <th scope="col">Attribute</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        {changes.map((change) => (
          <tr key={change.attribute}>
            <th scope="row">
              <code>{change.attribute}</code>
            </th>
            <td data-is="Before" class="was">
              <Kept change={change} value={change.before} />
            </td>
            <td data-is="After" class="is">
              <Kept change={change} value={change.after} />
            </td>
            <td data-is="Why" title={change.why}>
              {codeWords(change.why)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Id({ id, href }: { readonly id: string; readonly href?: string }) {
  return href === undefined ? (
    <code class="id">{id}</code>
  ) : (
    <a href={href}>
      <code>{id}</code>
    </a>
  );
}

function Facts({ entry }: { readonly entry: AuditEntry }) {
  const { id, at, system, direction, cause, cycleId, drupalUuid, entraId, actor } = entry;
  return (
    <dl class="pairs">
      <dt>At (UTC)</dt>
      <dd>
        <Id id={at} />
      </dd>
      {direction === undefined && system === undefined ? null : (
        <>
          <dt>Direction</dt>
          <dd>
            {direction === undefined
              ? `to ${systemName(system ?? "storage")}`
              : directionName(direction)}
          </dd>
        </>
      )}
      <dt>Cause</dt>
      <dd>{causeName(cause)}</dd>
      {actor === undefined ? null : (
        <>
          <dt>Ordered by</dt>
          <dd>
            <Id id={actor} />
          </dd>
        </>
      )}
      <dt>Took</dt>
      <dd class="number">{lengthOf(entry.durationMs)}</dd>
      {cycleId === undefined ? null : (
        <>
          <dt>Cycle</dt>
          <dd>
            <Id id={cycleId} href={hrefOf(`/cycles/${cycleId}`)} />
          </dd>
        </>
      )}
      {drupalUuid === undefined ? null : (
        <>
          <dt>Drupal UUID</dt>
          <dd>
            <Id id={drupalUuid} />
          </dd>
        </>
      )}
      {entraId === undefined ? null : (
        <>
          <dt>Entra object id</dt>
          <dd>
            <Id id={entraId} />
          </dd>
        </>
      )}
      <dt>Entry</dt>
      <dd>
        <Id id={id} />
      </dd>
    </dl>
  );
}

function Further({ entry }: { readonly entry: AuditEntry }) {
  const { id, at, cycleId } = entry;
  const user = entry.drupalUuid ?? entry.entraId;
  const page = leadingId(entry);
  const place = (query: Record<string, string | undefined>) => hrefOf(`/audit${queryOf(query)}`);
  return (
    <ul class="further">
      {user === undefined ? null : (
        <>
          <li>
            <a href={hrefOf(`/users/${page}`)}>This user</a>
          </li>
          <li>
            <a href={place({ user })}>All entries of this user</a>
          </li>
        </>
      )}
      {cycleId === undefined ? null : (
        <li>
          <a href={place({ cycle: cycleId })}>All of this cycle</a>
        </li>
      )}
      <li>
        <a href={place({ user, from: at, to: at, entry: id })}>Link to this entry</a>
      </li>
    </ul>
  );
}

/** What an opened row shows. */
export function EntryDetail({ entry }: { readonly entry: AuditEntry }) {
  const { reason } = entry;
  return (
    <div class="entry">
      <p class="entry-who">{whoDidThis(entry)}</p>
      {reason === undefined ? null : (
        <p class="entry-reason">
          <Told message={reason.message} /> <code class="code">{reason.code}</code>
        </p>
      )}
      <div class={entry.changes.length > 0 ? "entry-sides" : undefined}>
        {entry.changes.length > 0 ? <Changes changes={entry.changes} /> : null}
        <Facts entry={entry} />
      </div>
      <Further entry={entry} />
    </div>
  );
}
