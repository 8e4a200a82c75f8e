// What is loaded when it is first asked for: once for all, but a failure is nobody's but the first.
import { expect, it } from "vitest";
import { loadedOnce } from "../../src/api/loaded-once.ts";

it("is loaded once for all who ask, and not before", async () => {
  let loads = 0;
  const ask = loadedOnce(async () => {
    loads += 1;
    return loads;
  });
  expect(loads).toBe(0);
  expect(await Promise.all([ask(), ask()])).toEqual([1, 1]);
  expect(await ask()).toBe(1);
});

it("is loaded again after a load that failed", async () => {
  let loads = 0;
  const ask = loadedOnce(async () => {
    loads += 1;
    if (loads === 1) throw new Error("the file system is away");
    return loads;
  });
  await expect(Promise.all([ask(), ask()])).rejects.toThrow("away");
  expect(loads).toBe(1);
  expect(await ask()).toBe(2);
  expect(await ask()).toBe(2);
});
