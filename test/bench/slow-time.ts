// Loaded into a host before anything else (`node --import`): its clock and its timers run at SLOW_TIME_PACE of the world's
// pace from SLOW_TIME_FROM (ms since 1970) on. So a small machine does in one slow second what a large one does in a real one.
import { createRequire, syncBuiltinESMExports } from "node:module";

const pace = Number(process.env.SLOW_TIME_PACE ?? "1");
const from = Number(process.env.SLOW_TIME_FROM ?? Date.now());
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const realNow = Date.now.bind(Date);
const slowNow = (): number => Math.floor(from + (realNow() - from) * pace);

const stretched = (ms: unknown): number =>
  Math.min(LONGEST_TIMER_MS, Math.max(0, Number(ms ?? 0)) / pace);

/** The function with one of its arguments, a time, stretched. */
const stretching = <T extends object>(timer: T, at: number): T =>
  new Proxy(timer, {
    apply: (target, self, given: unknown[]) =>
      Reflect.apply(
        target as (...all: unknown[]) => unknown,
        self,
        given.map((one, index) => (index === at ? stretched(one) : one)),
      ),
  });

if (pace !== 1) {
  const RealDate = Date;
  RealDate.now = slowNow;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, given, self) =>
      Reflect.construct(target, given.length === 0 ? [slowNow()] : given, self),
  });
  globalThis.setTimeout = stretching(globalThis.setTimeout, 1);
  globalThis.setInterval = stretching(globalThis.setInterval, 1);
  const require = createRequire(import.meta.url);
  const timers: typeof import("node:timers") = require("node:timers");
  const promises: typeof import("node:timers/promises") = require("node:timers/promises");
  timers.setTimeout = globalThis.setTimeout;
  timers.setInterval = globalThis.setInterval;
  promises.setTimeout = stretching(promises.setTimeout, 0);
  syncBuiltinESMExports();
}
