// Plays many histories and says which failed, with what it takes to see one of them again.
import type { HistoryResult } from "./history.ts";

/** How many histories `npm test` plays; `SIMULATION_HISTORIES=100000 npm test -- test/simulation` plays more. */
export const HISTORIES = Number(process.env.SIMULATION_HISTORIES ?? 1600);
/** One history with cycles takes as long as five others, and there is one for nine of those. One that is asked for by its seed is played in
 * both kinds. */
export const CYCLE_HISTORIES = Math.ceil(HISTORIES / 4);
/** The first seed; `SIMULATION_SEED=85 SIMULATION_HISTORIES=1` plays just that one again. */
export const FIRST_SEED = Number(process.env.SIMULATION_SEED ?? 1);

/** What some histories came to. */
export interface Played {
  readonly histories: number;
  readonly failures: readonly string[];
  readonly writes: number;
  readonly kills: number;
  readonly deliveries: number;
  readonly cycles: number;
}

/** Plays the seeds from `first` on, `step` apart, below `end`; stops at the first failure where `untilFailure`. */
export async function playHistories(
  seeds: { readonly first: number; readonly end: number; readonly step: number },
  play: (seed: number) => Promise<HistoryResult>,
  untilFailure = false,
): Promise<Played> {
  const failures: string[] = [];
  const sum = { histories: 0, writes: 0, kills: 0, deliveries: 0, cycles: 0 };
  for (let seed = seeds.first; seed < seeds.end; seed += seeds.step) {
    const { faults, writes, kills, deliveries, cycles } = await play(seed);
    sum.histories += 1;
    sum.writes += writes;
    sum.kills += kills;
    sum.deliveries += deliveries;
    sum.cycles += cycles;
    for (const fault of faults)
      failures.push(
        `${fault} (SIMULATION_SEED=${seed} SIMULATION_HISTORIES=1 npm test -- test/simulation)`,
      );
    if (untilFailure && failures.length > 0) break;
  }
  return { ...sum, failures };
}

/** What was played, in words. */
export const told = ({ histories, deliveries, cycles, writes, kills, failures }: Played): string =>
  [
    `${histories} histories: ${deliveries} deliveries`,
    ...(cycles > 0 ? [`${cycles} cycles`] : []),
    `${writes} writes`,
    `${kills} crashes`,
    `${failures.length} faults`,
  ].join(", ");
