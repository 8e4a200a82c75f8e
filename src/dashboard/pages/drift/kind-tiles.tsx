// The kinds of drift as tiles: how many of each, and the way to see just those.
import type { DriftAnswer, DriftKind } from "../../ask/contract.ts";
import { number } from "../../parts/words.ts";
import { hrefOf } from "../../route.ts";

interface Kind {
  readonly name: string;
  readonly means: string;
  /** Said where there is none. */
  readonly nobody: string;
}

/** What each kind means. */
export const KINDS: Readonly<Record<DriftKind, Kind>> = {
  onlyInDrupal: {
    name: "Only in Drupal",
    means: "joined to no account in Entra",
    nobody: "Everyone in Drupal is in Entra too",
  },
  onlyInEntra: {
    name: "Only in Entra",
    means: "joined to no account in Drupal",
    nobody: "Everyone in Entra is in Drupal too",
  },
  differs: {
    name: "Differs",
    means: "joined, but not as last agreed",
    nobody: "Nobody differs from what both sides agreed on",
  },
  conflict: {
    name: "In conflict",
    means: "waits for an operator to decide",
    nobody: "No conflict waits for you",
  },
  escrowed: {
    name: "In escrow",
    means: "refused, and tried again",
    nobody: "Nobody waits in escrow",
  },
};

const ORDER = ["onlyInDrupal", "onlyInEntra", "differs", "conflict", "escrowed"] as const;

/** The kind that a text names, if any. */
export const kindOf = (text: string | null): DriftKind | null =>
  ORDER.find((kind) => kind === text) ?? null;

/** The tiles; the chosen one leads back to all. */
export function KindTiles({
  counts,
  chosen,
}: {
  readonly counts: DriftAnswer["counts"];
  readonly chosen: DriftKind | null;
}) {
  return (
    <ul class="tiles">
      {ORDER.map((kind) => {
        const count = counts[kind];
        const isThis = kind === chosen;
        return (
          <li key={kind}>
            <a
              class={count === 0 ? "tile is-none" : "tile"}
              href={hrefOf(isThis ? "/drift" : `/drift?kind=${kind}`)}
              aria-current={isThis ? "true" : undefined}
            >
              <span class="tile-name">{KINDS[kind].name}</span>
              <span class={count === null ? "tile-unknown" : "tile-count number"}>
                {count === null ? "not known yet" : number(count)}
              </span>
              <span class="tile-means">{KINDS[kind].means}</span>
            </a>
          </li>
        );
      })}
    </ul>
  );
}
