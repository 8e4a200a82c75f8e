// The long listings: news that moves nothing, a listing that goes on or starts over, and escrow from the refusal to the good news.
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { eventually } from "../e2e/stack.ts";
import { withDashboard } from "./dashboard.ts";
import { BROWSER } from "./find-browser.ts";

const escrowed = z.object({
  items: z.array(z.object({ drupalUuid: z.string(), nextAt: z.string() })),
});

const asJson = (body: object) => ({
  contentType: "application/json",
  body: JSON.stringify(body),
});

describe.skipIf(BROWSER === null)("a listing", () => {
  const at = withDashboard(12);

  it("tells of newer entries, moves nothing, and shows them when it is asked to", async () => {
    const { page, goTo, troubles, close } = await at.open();
    await goTo("/audit");
    const first = page.locator("tr.opens").first();
    const before = [await first.textContent(), await first.boundingBox()];
    await at.stack.createDrupalUser("latecomer");
    const news = page.getByRole("button", { name: /new entr/ });
    await news.waitFor();
    expect([await first.textContent(), await first.boundingBox()]).toEqual(before);
    await news.click();
    await page
      .getByRole("link", { name: /latecomer/ })
      .first()
      .waitFor();
    expect(await news.count()).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("audit-entries");
    expect(await troubles()).toEqual([]);
    await close();
  });

  it("leads from a guest who was left alone to the page of that guest", async () => {
    const { page, goTo, troubles, close } = await at.open();
    await goTo("/audit?status=skipped&direction=entraToDrupal");
    await page.locator("td.whom a").filter({ hasText: "#EXT#" }).first().click();
    await page.getByText("Left alone on purpose").waitFor();
    await page.getByRole("heading", { name: "History" }).waitFor();
    await page.locator(".timeline .event").first().waitFor();
    expect(await troubles()).toEqual([]);
    await close();
  });

  it("opens the one entry that a link names", async () => {
    const { page, goTo, close } = await at.open();
    await goTo("/audit");
    await page.locator("tr.opens button").first().press("Enter");
    await page.getByRole("link", { name: "Link to this entry" }).click();
    await page.waitForURL(/entry=/);
    await page.reload();
    await page.locator("tr.opened").waitFor();
    expect(await page.locator("tr.opens").count()).toBe(1);
    await close();
  });

  it("goes on by itself where the app found nothing yet", async () => {
    const { page, goTo, close } = await at.open();
    const [entry] = await at.stack.audit();
    await page.route(
      ({ pathname }) => pathname === "/api/audit",
      (route) => {
        const place = new URL(route.request().url()).searchParams.get("continuation");
        const next = { start: "far", far: "farther", farther: null }[place ?? "start"] ?? null;
        return route.fulfill(asJson({ items: next === null ? [entry] : [], continuation: next }));
      },
    );
    await goTo("/audit?operation=delete");
    await page.locator("tr.opens").waitFor();
    expect(await page.getByText("No entry fits").count()).toBe(0);
    await close();
  });

  it("offers to start over when there is a newer report", async () => {
    const { page, goTo, close } = await at.open();
    let isOlder = true;
    await page.route(
      ({ pathname }) => pathname === "/api/drift",
      async (route) => {
        const { searchParams } = new URL(route.request().url());
        if (searchParams.has("continuation") || !isOlder) return route.continue();
        const answer = await (await route.fetch()).json();
        // As one of an older report: the app itself refuses it.
        return route.fulfill(asJson({ ...answer, continuation: "WyJvbGQiLCIiLCIxIl0" }));
      },
    );
    await goTo("/drift");
    const startOver = page.getByRole("button", { name: "Start over" });
    await startOver.waitFor();
    isOlder = false;
    await startOver.click();
    await startOver.waitFor({ state: "detached" });
    expect(await page.locator("table.drift tbody tr").count()).toBeGreaterThan(0);
    await close();
  });

  it("of escrow tells the cause, replays one and all, and ends as good news", async () => {
    const fault = { method: "POST", path: "^/v1.0/users$", kind: "status", status: 400 };
    await at.stack.control("graph", { faults: [fault] });
    for (const name of ["refused.one", "refused.two"]) await at.stack.createDrupalUser(name);
    const { page, goTo, troubles, close } = await at.open();
    const waiting = page.locator("table.waiting tbody tr");
    await goTo("/escrow");
    await eventually("both wait", async () => (await waiting.count()) === 2);
    await page.getByRole("link", { name: "Entra refuses the user" }).click();
    await page.waitForURL(/code=entraRefused&system=entra/);
    // The one whose return is later: being refused again changes nothing of what is told of the cause.
    const { items } = escrowed.parse(await (await at.stack.api("/escrow")).json());
    const [, later] = items.toSorted((a, b) => a.nextAt.localeCompare(b.nextAt));
    await waiting
      .filter({ hasText: later?.drupalUuid ?? "nobody" })
      .getByRole("button")
      .click();
    await eventually("refused again", async () =>
      (await waiting.locator("td.amount").allTextContents()).includes("2"),
    );
    await at.stack.control("graph", { faults: [] });
    await page.getByRole("button", { name: "Replay all" }).click();
    await page.getByRole("button", { name: "Replay", exact: true }).last().click();
    await page.getByText("Nobody waits").first().waitFor();
    expect(await at.stack.entraUser("refused.two@contoso.example")).not.toBeNull();
    expect(await troubles()).toEqual([]);
    await close();
  });

  it("is saved as a file by the browser itself, under the app's name for it", async () => {
    const { page, goTo, close } = await at.open();
    await goTo("/audit");
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "CSV for Excel" }).click(),
    ]);
    expect(file.suggestedFilename()).toMatch(/^audit.*\.csv$/);
    expect(await file.failure()).toBe(null);
    await close();
  });
});
