// Every page as people meet it: wide and narrow, light and dark, without a fault that axe knows of, and within its window.
import { describe, expect, it } from "vitest";
import { eventually } from "../e2e/stack.ts";
import { withDashboard } from "./dashboard.ts";
import { BROWSER } from "./find-browser.ts";
import { LOOKS } from "./open-page.ts";
import { fillEveryPage } from "./stories.ts";

const PAGES = [
  ["overview", "/"],
  ["audit", "/audit"],
  ["users", "/users"],
  ["search", "/users?q=ada"],
  ["cycles", "/cycles"],
  ["mapping", "/mapping"],
  ["mapping-rules", "/mapping?view=rules"],
  ["mapping-json", "/mapping?view=json"],
  ["mapping-history", "/mapping?view=history"],
  ["escrow", "/escrow"],
  ["drift", "/drift"],
  ["nowhere", "/no-such-page"],
] as const;

describe.skipIf(BROWSER === null)("the pages", () => {
  let places: readonly (readonly [string, string])[];
  const at = withDashboard(12, async (stack) => {
    const { userId, cycleId } = await fillEveryPage(stack);
    places = [...PAGES, ["user", `/users/${userId}`], ["cycle", `/cycles/${cycleId}`]];
  });

  it.each(LOOKS)(
    "are free of axe's findings and fit their window: %o",
    async (look) => {
      const window = await at.open(look);
      const found: Record<string, readonly string[]> = {};
      const tooWide: string[] = [];
      for (const [name, path] of places) {
        await window.goTo(path);
        await window.picture(name);
        const violations = await window.axe();
        if (violations.length > 0) found[name] = violations;
        if ((await window.overflow()) > 0) tooWide.push(name);
      }
      expect({ found, tooWide }).toEqual({ found: {}, tooWide: [] });
      expect(await window.troubles()).toEqual([]);
      await window.close();
    },
    180_000,
  );

  it("can be gone through by keyboard: the link to the content first, then the rooms", async () => {
    const { page, goTo, close } = await at.open();
    await goTo("/");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toMatch(/Skip/);
    await page.getByRole("link", { name: "Audit", exact: true }).focus();
    await page.keyboard.press("Enter");
    await eventually("the heading of the page has the focus", () =>
      page.evaluate(() => document.activeElement?.textContent === "Audit"),
    );
    await close();
  });
});
