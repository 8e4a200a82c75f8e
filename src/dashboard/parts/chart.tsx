// Small charts of the last hours: bars by time, with a line where there are two figures; the numbers are a table for whoever
// cannot see them.
import { number } from "./words.ts";

/** One bar. `line`: a second figure of the same unit. */
export interface Bar {
  /** ISO 8601, when it begins. */
  readonly at: string;
  readonly bar: number;
  readonly line?: number | null;
}

const WIDTH = 480;
const HEIGHT = 96;

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

/** A round number at or above the value, for the axis. */
export function ceiling(value: number): number {
  if (value <= 1) return 1;
  const step = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map((one) => one * step).find((one) => one >= value) ?? value;
}

function linePath(
  bars: readonly Bar[],
  x: (index: number) => number,
  y: (value: number) => number,
) {
  const points = bars.flatMap(({ line }, index) =>
    line === undefined || line === null ? [] : [{ index, text: `${x(index)} ${y(line)}` }],
  );
  return points
    .map(({ index, text }, at) => `${points[at - 1]?.index === index - 1 ? "L" : "M"}${text}h0.01`)
    .join("");
}

/** A chart of one figure over time; `unit` as it is said after a number. */
export function Chart({
  label,
  bars,
  unit,
  barName,
  lineName,
}: {
  readonly label: string;
  readonly bars: readonly Bar[];
  readonly unit: string;
  readonly barName: string;
  readonly lineName?: string;
}) {
  const most = ceiling(Math.max(...bars.map(({ bar, line }) => Math.max(bar, line ?? 0)), 0));
  const step = WIDTH / Math.max(1, bars.length);
  const y = (value: number) => HEIGHT - (value / most) * HEIGHT;
  const x = (index: number) => (index + 0.5) * step;
  const filled = bars.filter(({ bar, line }) => bar > 0 || (line ?? 0) > 0);
  return (
    <figure class="chart">
      <svg
        viewBox={`0 -2 ${WIDTH} ${HEIGHT + 2}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${label}. The numbers follow as a table.`}
      >
        <line class="chart-axis" x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
        {bars.map(({ at, bar }, index) =>
          bar > 0 ? (
            <rect
              key={at}
              class="chart-bar"
              x={index * step + step * 0.15}
              y={Math.min(y(bar), HEIGHT - 2)}
              width={step * 0.7}
              height={Math.max(2, HEIGHT - y(bar))}
            >
              <title>{`${clock.format(new Date(at))}: ${number(bar)} ${unit}`}</title>
            </rect>
          ) : null,
        )}
        <path class="chart-line" d={linePath(bars, x, y)} />
      </svg>
      {filled.length === 0 ? null : (
        <span class="chart-most" aria-hidden="true">
          {number(most)} {unit}
        </span>
      )}
      <figcaption>
        <span>{bars[0] === undefined ? "" : clock.format(new Date(bars[0].at))}</span>
        <span class="chart-key">
          <i class="key-bar" /> {barName}
          {lineName === undefined ? null : (
            <>
              {" "}
              <i class="key-line" /> {lineName}
            </>
          )}
        </span>
        <span>now</span>
      </figcaption>
      <div class="unseen">
        <table>
          <caption>{label}</caption>
          <tbody>
            {filled.map(({ at, bar, line }) => (
              <tr key={at}>
                <th scope="row">{clock.format(new Date(at))}</th>
                <td>{`${barName}: ${number(bar)} ${unit}`}</td>
                <td>{lineName === undefined ? "" : `${lineName}: ${number(line ?? 0)} ${unit}`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}
