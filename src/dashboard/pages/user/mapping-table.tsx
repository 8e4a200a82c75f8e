// The mapping, row by row: what each side holds, which way it goes, and why.
import { useRef } from "preact/hooks";
import type { Explanation, RowAnswer } from "../../ask/contract.ts";
import { Badge } from "../../parts/badge.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Card } from "../../parts/page.tsx";
import { Told } from "../../parts/told.tsx";
import { Changed, Value } from "../../parts/value.tsx";
import { Settle } from "./settle.tsx";

type Verdict = RowAnswer["verdict"];

const WORDS: Readonly<
  Record<
    Verdict,
    { readonly word: string; readonly tone: "good" | "bad" | "warn" | "busy" | "plain" }
  >
> = {
  equal: { word: "equal", tone: "good" },
  toEntra: { word: "to Entra", tone: "busy" },
  toDrupal: { word: "to Drupal", tone: "busy" },
  kept: { word: "kept", tone: "plain" },
  conflict: { word: "conflict", tone: "warn" },
  failed: { word: "cannot be written", tone: "bad" },
  unreadable: { word: "not readable", tone: "warn" },
  off: { word: "left alone", tone: "plain" },
};

// What needs a person comes first, what is settled last.
const ORDER: readonly Verdict[] = [
  "conflict",
  "failed",
  "unreadable",
  "toEntra",
  "toDrupal",
  "kept",
  "off",
  "equal",
];

const MOVED: Readonly<Record<NonNullable<RowAnswer["moved"]>, string | null>> = {
  neither: null,
  unknown: null,
  drupal: "Only Drupal's value moved since both last agreed.",
  entra: "Only Entra's value moved since both last agreed.",
  both: "Both values moved since both last agreed.",
  neverAgreed: "They have not agreed on this row yet.",
};

/** The sign between the two values, and what it says aloud. */
function Way({ verdict }: { readonly verdict: Verdict }) {
  const [sign, says] =
    verdict === "toEntra"
      ? (["right", "goes to Entra"] as const)
      : verdict === "toDrupal"
        ? (["left", "goes to Drupal"] as const)
        : verdict === "equal"
          ? ([null, "is the same"] as const)
          : ([null, "does not go over"] as const);
  return (
    <span class={`way ${verdict}`}>
      {sign === null ? (
        <span aria-hidden="true">
          {verdict === "equal" ? "=" : verdict === "conflict" ? "≠" : "·"}
        </span>
      ) : (
        <Icon name={sign} />
      )}
      <span class="unseen">{says}</span>
    </span>
  );
}

function End({
  name,
  row,
  side,
}: {
  readonly name: string | null;
  readonly row: RowAnswer;
  readonly side: "drupal" | "entra";
}) {
  const isTarget = row.verdict === (side === "drupal" ? "toDrupal" : "toEntra");
  const value = side === "drupal" ? row.drupalValue : row.entraValue;
  return (
    <div class="side-end">
      {name === null ? (
        <span class="soft">computed</span>
      ) : (
        <>
          <span class="row-name mono">{name}</span>
          {isTarget && row.change !== undefined ? (
            <Changed before={row.change.before} after={row.change.after} />
          ) : (
            <Value value={value} />
          )}
        </>
      )}
    </div>
  );
}

function MappingRow({
  row,
  conflict,
  drupalUuid,
  refresh,
}: {
  readonly row: RowAnswer;
  readonly conflict: Explanation["processing"]["conflicts"][number] | undefined;
  readonly drupalUuid: string;
  readonly refresh: () => Promise<void>;
}) {
  const { word, tone } = WORDS[row.verdict];
  // "The value changed in Drupal" says who moved already.
  const isSaid = row.moved === undefined || row.reason.code.startsWith("changed");
  const moved = isSaid ? null : MOVED[row.moved ?? "unknown"];
  return (
    <tr class={`mapping-row ${row.verdict}`}>
      <td data-is="Drupal">
        <End name={row.drupal} row={row} side="drupal" />
      </td>
      <td class="way-cell">
        <Way verdict={row.verdict} />
      </td>
      <td data-is="Entra">
        <End name={row.entra} row={row} side="entra" />
      </td>
      <td data-is="Decision">
        <div class="decision">
          {row.verdict === "equal" ? (
            <span class="soft">{word}</span>
          ) : (
            <Badge word={word} tone={tone} />
          )}
          {row.verdict === "equal" ? null : (
            <p>
              <Told message={row.reason.message} /> {moved}
            </p>
          )}
          {conflict === undefined ? null : (
            <Settle conflict={conflict} drupalUuid={drupalUuid} refresh={refresh} />
          )}
        </div>
      </td>
    </tr>
  );
}

const keyed = (rows: readonly RowAnswer[]): readonly RowAnswer[] =>
  rows.toSorted((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));

/** The card. */
export function MappingTable({
  explanation,
  refresh,
}: {
  readonly explanation: Explanation;
  readonly refresh: () => Promise<void>;
}) {
  const place = useRef<HTMLDivElement>(null);
  const { attributes, conflicts } = explanation.processing;
  if (attributes.length === 0) return null;
  // The pressed button goes with its conflict: the focus stays in the table.
  const refreshHere = async () => {
    await refresh();
    if (document.activeElement === document.body) place.current?.focus();
  };
  const differing = attributes.filter(({ verdict }) => verdict !== "equal").length;
  return (
    <Card
      title="Mapping"
      aside={
        differing === 0
          ? `all ${attributes.length} rows are equal`
          : `${attributes.length - differing} of ${attributes.length} rows are equal`
      }
    >
      <div class="table-place" ref={place} tabIndex={-1}>
        <table class="folds mapping">
          <caption class="unseen">
            Each row of the mapping with the values of both sides and the decision
          </caption>
          <thead>
            <tr>
              <th scope="col">Drupal</th>
              <th scope="col">
                <span class="unseen">Way</span>
              </th>
              <th scope="col">Entra</th>
              <th scope="col">Decision</th>
            </tr>
          </thead>
          <tbody>
            {keyed(attributes).map((row) => (
              <MappingRow
                key={row.key}
                row={row}
                conflict={conflicts.find(({ key }) => key === row.key)}
                drupalUuid={explanation.drupalUuid}
                refresh={refreshHere}
              />
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
