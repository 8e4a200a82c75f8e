// One refresh for all who wait, and none that began before it was asked to be fresh.
import { describe, expect, it } from "vitest";
import { createSharedRefresh } from "../../../src/connectors/entra/shared-refresh.ts";

function setUp() {
  const started: { finish(): void; fail(): void }[] = [];
  let time = 0;
  const work = () =>
    new Promise<void>((resolve, reject) => {
      started.push({ finish: resolve, fail: () => reject(new Error("down")) });
    });
  const refresh = createSharedRefresh(work, () => new Date(time), 1000);
  const pass = (ms: number) => {
    time += ms;
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { started, refresh, pass, settle };
}

describe("a shared refresh", () => {
  it("runs once for all who ask while it runs, and lasts from when it began", async () => {
    const { started, refresh, pass } = setUp();
    const both = [refresh(false), refresh(false)];
    expect(started).toHaveLength(1);
    pass(900);
    started[0]?.finish();
    await Promise.all(both);
    await refresh(false);
    expect(started).toHaveLength(1);
    pass(100);
    void refresh(false);
    expect(started).toHaveLength(2);
  });

  it("that must be fresh begins after the call, once for all who wait meanwhile", async () => {
    const { started, refresh, settle } = setUp();
    const first = refresh(false);
    const fresh = [refresh(true), refresh(true)];
    expect(started).toHaveLength(1);
    started[0]?.finish();
    await first;
    await settle();
    expect(started).toHaveLength(2);
    started[1]?.finish();
    await Promise.all(fresh);
    void refresh(true);
    expect(started).toHaveLength(3);
  });

  it("that fails is tried again, and does not fail those who wait for the next", async () => {
    const { started, refresh, settle } = setUp();
    const first = refresh(false);
    const fresh = refresh(true);
    started[0]?.fail();
    await expect(first).rejects.toThrow("down");
    await settle();
    started[1]?.finish();
    await fresh;
    expect(started).toHaveLength(2);
  });
});
