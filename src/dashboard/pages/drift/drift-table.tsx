// Who is not the same on both sides: how, why it is left so, and since when.
import type { DriftRow } from "../../ask/contract.ts";
import { Badge } from "../../parts/badge.tsx";
import { codeWords } from "../../parts/code-words.ts";
import { Ago } from "../../parts/time.tsx";
import { Told } from "../../parts/told.tsx";
import { UserLink } from "../../parts/user-link.tsx";

function Why({ reason }: Pick<DriftRow, "reason">) {
  if (reason === null) return <span class="none">no look has told yet</span>;
  return (
    <span>
      <span class="why">{codeWords(reason.code)}</span>{" "}
      <span class="soft">
        <Told message={reason.message} />
      </span>
    </span>
  );
}

function Attributes({ attributes }: Pick<DriftRow, "attributes">) {
  if (attributes.length === 0) return <span class="soft">–</span>;
  return (
    <span class="attributes">
      {attributes.map((attribute) => (
        <code key={attribute} class="code">
          {attribute}
        </code>
      ))}
    </span>
  );
}

const keyOf = ({ kind, drupalUuid, entraObjectId }: DriftRow): string =>
  `${kind} ${drupalUuid} ${entraObjectId}`;

/** The table. `withKind`: the rows are of several kinds. */
export function DriftTable({
  rows,
  withKind,
}: {
  readonly rows: readonly DriftRow[];
  readonly withKind: boolean;
}) {
  return (
    <section class="table-place" aria-label="Users who differ">
      <table class="folds drift">
        <caption class="unseen">Users who are not the same on both sides</caption>
        <thead>
          <tr>
            <th scope="col">User</th>
            {withKind ? <th scope="col">How</th> : null}
            <th scope="col">What differs</th>
            <th scope="col">Why it is left so</th>
            <th scope="col">Since</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              <th scope="row" data-is="User" class="whom">
                <UserLink name={row.name} drupalUuid={row.drupalUuid} entraId={row.entraObjectId} />
              </th>
              {withKind ? (
                <td data-is="How">
                  <span>
                    <Badge word={row.kind} />
                  </span>
                </td>
              ) : null}
              <td data-is="What differs">
                <Attributes attributes={row.attributes} />
              </td>
              <td data-is="Why">
                <Why reason={row.reason} />
              </td>
              <td data-is="Since" class="nowrap">
                {row.since === null ? <span class="soft">–</span> : <Ago at={row.since} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
