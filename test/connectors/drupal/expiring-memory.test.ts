// What is remembered for a while is let go by its age, and only a memory that is really full begins anew.
import { expect, it } from "vitest";
import { createExpiringMemory } from "../../../src/connectors/drupal/expiring-memory.ts";

it("lets go of what is over, and of nothing else, however many things came before", () => {
  let time = 0;
  const memory = createExpiringMemory<true>(() => new Date(time), 600, 4);
  for (let count = 0; count < 40; count += 1) {
    memory.put(`old ${count}`, true);
    time += 240;
  }
  memory.put("kept", true);
  time += 240;
  memory.put("another", true);
  expect(memory.get("kept")).toBe(true);
  time += 400;
  expect(memory.get("kept")).toBeUndefined();
});

it("begins anew when more is remembered than there is room for", () => {
  const memory = createExpiringMemory<number>(() => new Date(0), 600, 3);
  for (let count = 0; count < 4; count += 1) memory.put(String(count), count);
  expect([0, 1, 2, 3].map((count) => memory.get(String(count)))).toEqual([
    undefined,
    undefined,
    undefined,
    3,
  ]);
});
