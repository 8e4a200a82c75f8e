// Orders that take something away: what is asked before, what is told after, and where one is then.
import { describe, expect, it } from "vitest";
import { eventually } from "../e2e/stack.ts";
import { withDashboard } from "./dashboard.ts";
import { BROWSER } from "./find-browser.ts";
import { waitForApproval } from "./stories.ts";

describe.skipIf(BROWSER === null)("an order that takes something away", () => {
  let story: Awaited<ReturnType<typeof waitForApproval>>;
  const at = withDashboard(8, async (stack) => {
    story = await waitForApproval(stack);
  });

  it("for one user asks first, and does nothing to whoever is left as they are", async () => {
    const [leaver] = story.leavers;
    const { page, goTo, troubles, close } = await at.open();
    await goTo(`/users/${leaver?.uuid}`);
    await page.getByRole("button", { name: "Sync now", exact: true }).click();
    await page.getByRole("heading", { name: "Disable the account in Entra now?" }).waitFor();
    await page.getByRole("button", { name: "Leave it" }).click();
    await page.getByRole("button", { name: "Preview", exact: true }).click();
    await page
      .getByText(/would be disabled/)
      .first()
      .waitFor();
    expect((await at.stack.entraUser(leaver?.entraObjectId ?? ""))?.accountEnabled).toBe(true);
    expect(await troubles()).toEqual([]);
    await close();
  });

  it("for many is approved once, counted once, and leaves the reader at the heading", async () => {
    const { page, goTo, troubles, close } = await at.open();
    const focused = () => page.evaluate(() => document.activeElement?.tagName);
    await goTo("/cycles");
    await page.getByRole("link", { name: /Waits for an approval/ }).click();
    await page.getByRole("heading", { level: 1, name: /^Cycle: / }).waitFor();
    expect(await focused()).toBe("H1");
    await page.getByRole("button", { name: "Approve the plan" }).click();
    const asked = await page.getByRole("dialog").textContent();
    const held = /(\d+) users of the plan are written: \1 users would be disabled\./.exec(
      asked ?? "",
    );
    const many = Number(held?.[1]);
    expect(many).toBeGreaterThan(1);
    await page.getByRole("button", { name: "Carry it out" }).click();
    await page.getByText("Approved: it is being carried out.").waitFor();
    await eventually("the reader is at the heading", async () => (await focused()) === "H1");
    await page.locator("h1 + .lead .badge", { hasText: "complete" }).waitFor();
    const counts = await page.locator(".pairs .counts").textContent();
    expect(counts).toContain(`${many} written`);
    expect(counts).not.toMatch(/held/);
    const tabs = page.getByRole("navigation", { name: "Users by outcome" });
    await tabs.getByRole("link", { name: `held, then approved ${many}` }).waitFor();
    const all = Number(/\d+/.exec((await tabs.getByRole("link").first().textContent()) ?? "")?.[0]);
    await eventually("everyone stands in the table once", async () => {
      const rows = await page.locator("table.plan tbody > tr").count();
      return rows === all;
    });
    expect(await troubles()).toEqual([]);
    await close();
  });

  it("of a mapping is looked at, and the look is still there on the way back", async () => {
    const { page, goTo, troubles, close } = await at.open();
    await goTo("/mapping?view=json");
    await page.getByRole("textbox", { name: "Configuration" }).fill(
      JSON.stringify({
        attributes: [{ kind: "direct", drupal: "field_department", entra: "jobTitle" }],
      }),
    );
    await page.getByRole("button", { name: /impact/i }).click();
    await page.getByRole("link", { name: "See the users" }).click({ timeout: 60_000 });
    await page.getByRole("heading", { level: 1, name: /^Cycle: Preview/ }).waitFor();
    await page.goBack();
    await page.getByRole("link", { name: "See the users" }).waitFor();
    await page.getByRole("button", { name: /^Save/ }).click();
    await eventually("it is saved, as its impact was seen", async () => {
      const saved = await (await at.stack.api("/configuration")).json();
      return JSON.stringify(saved).includes("jobTitle");
    });
    expect(await troubles()).toEqual([]);
    await close();
  }, 120_000);
});
