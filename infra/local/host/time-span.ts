// Reads .NET TimeSpan text, the notation of durations in host.json and in timer schedules.

const TIME_SPAN = /^(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?$/;

/** Milliseconds of `[d.]hh:mm[:ss[.fffffff]]`, or undefined when the text is not a TimeSpan. */
export function parseTimeSpan(text: string): number | undefined {
  const match = TIME_SPAN.exec(text);
  if (!match) return undefined;
  const [, days, hours, minutes, seconds, fraction] = match;
  const parts = [Number(hours), Number(minutes), Number(seconds ?? 0)];
  const [h = 0, m = 0, s = 0] = parts;
  if (h > 23 || m > 59 || s > 59) return undefined;
  const fractionMs = fraction === undefined ? 0 : Number(`0.${fraction}`) * 1000;
  return (((Number(days ?? 0) * 24 + h) * 60 + m) * 60 + s) * 1000 + Math.round(fractionMs);
}
