// Moments in the reader's own zone, with UTC for whoever hovers or asks; and lengths of time in words.
import { useEffect, useState } from "preact/hooks";

const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const dayOfYear = new Intl.DateTimeFormat(undefined, {
  day: "numeric",
  month: "short",
  year: "numeric",
});
const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

const STEPS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

/** Such as "3 minutes ago" or "in 2 hours". */
export function ago(at: number, now: number): string {
  const ms = at - now;
  for (const [unit, length] of STEPS)
    if (Math.abs(ms) >= length) return relative.format(Math.trunc(ms / length), unit);
  return ms > 1000 ? "in less than a minute" : "just now";
}

/** Such as "4 min 10 s". */
export function lengthOf(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const utc = (date: Date): string => `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;

function full(date: Date): string {
  const isThisYear = date.getFullYear() === new Date().getFullYear();
  return `${(isThisYear ? day : dayOfYear).format(date)}, ${clock.format(date)}`;
}

// One clock for all: a page with a hundred times does not want a hundred timers.
const TICK_MS = 20_000;
const listeners = new Set<(now: number) => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    listeners.add(setNow);
    timer ??= setInterval(() => {
      const moment = Date.now();
      for (const tell of listeners) tell(moment);
    }, TICK_MS);
    return () => {
      listeners.delete(setNow);
      if (listeners.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    };
  }, []);
  return now;
}

/** A moment, ISO 8601: day and time of the reader's zone. */
export function Time({ at }: { readonly at: string }) {
  const date = new Date(at);
  return (
    <time dateTime={at} title={utc(date)}>
      {full(date)}
    </time>
  );
}

/** A moment by its distance; the day and time on hover. */
export function Ago({ at }: { readonly at: string }) {
  const now = useNow();
  const date = new Date(at);
  return (
    <time dateTime={at} title={`${full(date)} (${utc(date)})`}>
      {ago(date.getTime(), now)}
    </time>
  );
}
