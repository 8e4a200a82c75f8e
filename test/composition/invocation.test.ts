// What happens deep inside speaks for the invocation that it happens in, and for no other.
import { setTimeout } from "node:timers/promises";
import { expect, it } from "vitest";
import { duringInvocation, warn } from "../../src/composition/invocation.ts";

it("a warning goes to the invocation that it belongs to, whatever runs beside it", async () => {
  const lines: Record<string, string[]> = { one: [], other: [] };
  const run = (name: string, waitMs: number) =>
    duringInvocation({ warn: (line) => lines[name]?.push(line) }, async () => {
      await setTimeout(waitMs);
      warn({ event: "target.throttled", system: "entra", waitMs });
    });
  await Promise.all([run("one", 20), run("other", 1)]);
  expect(lines).toEqual({
    one: ['{"event":"target.throttled","system":"entra","waitMs":20}'],
    other: ['{"event":"target.throttled","system":"entra","waitMs":1}'],
  });
});

it("outside of an invocation it is heard by nobody, and does no harm", () => {
  expect(() => warn({ event: "target.throttled", system: "drupal" })).not.toThrow();
});
