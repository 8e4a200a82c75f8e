// What a person at the dashboard sees when something is wrong: the app away or slow, a system down, a sign-in that ended.
import type { Page, Route } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { eventually } from "../e2e/stack.ts";
import { withDashboard } from "./dashboard.ts";
import { BROWSER } from "./find-browser.ts";
import { runCycle, waitForApproval } from "./stories.ts";

const asJson =
  (body: object, status = 200) =>
  (route: Route) =>
    route.fulfill({ status, contentType: "application/json", body: JSON.stringify(body) });

const focused = (page: Page) => page.evaluate(() => document.activeElement?.id);

const listing = z.looseObject({ items: z.array(z.looseObject({ id: z.string() })) });

const NOTHING = "Nothing needs you";

describe.skipIf(BROWSER === null)("a person at the dashboard, when something is wrong,", () => {
  const at = withDashboard(6);

  it("is told on any page that the app has stopped to answer, and that it is back", async () => {
    const { page, goTo, close } = await at.open();
    await goTo("/");
    await page.getByText(NOTHING).waitFor();
    await page.context().setOffline(true);
    await page.getByText("The app has not answered since").waitFor();
    expect(await page.getByText(NOTHING).count()).toBe(0);
    // Once, and not in each of the page's parts.
    expect(await page.getByText("The app does not answer").count()).toBe(0);
    await page.getByRole("link", { name: "Users", exact: true }).click();
    await page.getByText("The app has not answered since").waitFor();
    await page.context().setOffline(false);
    await page.getByText("The app has not answered since").waitFor({ state: "detached" });
    await page.getByRole("link", { name: "Overview", exact: true }).click();
    await page.getByText(NOTHING).waitFor();
    await close();
  });

  it("sees which check fails, and what mends it, by a link that leads there", async () => {
    const message = "Drupal refuses the name and password. Mend DRUPAL_USERNAME.";
    const { page, goTo, close } = await at.open();
    const checks = [
      { name: "storage", status: "ok", message: "Answers." },
      { name: "drupal", status: "failed", code: "drupalUnauthorized", message },
    ];
    // As the app answers with a check that failed (test/e2e/contract.test.ts holds it to that).
    await page.route("**/api/health", asJson({ status: "failed", checks }, 503));
    await goTo("/");
    await page.locator("#health").getByText(message).waitFor();
    await page.getByRole("link", { name: "See the check" }).click();
    expect(await focused(page)).toBe("health");
    expect(await page.getByText(NOTHING).count()).toBe(0);
    await close();
  });

  it("gets an answer that takes longer than the page waits to ask again", async () => {
    const { page, goTo, close } = await at.open();
    await page.route("**/api/cycles?*", async (route) => {
      await new Promise((later) => setTimeout(later, 5000));
      await route.continue();
    });
    await goTo("/");
    await page.getByRole("heading", { name: "Drupal → Entra" }).waitFor({ timeout: 15_000 });
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await close();
  });

  it("is shown the way back in when the sign-in has ended", async () => {
    const { page, goTo, close } = await at.open();
    await goTo("/");
    await page.route(
      "**/api/session",
      asJson({
        auth: "easyauth",
        signedIn: false,
        actor: null,
        name: null,
        rights: [],
        signInUrl: "/.auth/login/aad",
        signOutUrl: null,
      }),
    );
    await page.route("**/api/cycles?*", asJson({ title: "Sign in.", code: "unauthorized" }, 401));
    await page.getByRole("link", { name: "Sign in with Microsoft" }).waitFor();
    await page.getByText("Your sign-in has ended.").waitFor();
    await close();
  });

  it("is shown it too where App Service sends every request of a stranger to the sign-in", async () => {
    const { page, goTo, close } = await at.open();
    await goTo("/");
    await page.route("**/api/{session,cycles*}", (route) =>
      route.fulfill({ status: 302, headers: { location: "https://login.example/authorize" } }),
    );
    await page.getByRole("button", { name: "Sign in again" }).waitFor();
    await close();
  });

  it("is told that a token is refused, and can give another one", async () => {
    const { page, goTo, close } = await at.open();
    const nobody = { actor: null, name: null, rights: [], signInUrl: null, signOutUrl: null };
    await page.route("**/api/session", asJson({ auth: "jwt", signedIn: false, ...nobody }));
    await goTo("/");
    expect(await page.getByRole("alert").count()).toBe(0);
    await page.getByLabel("Access token").fill("old");
    await page.getByRole("button", { name: "Use this token" }).click();
    await page.getByText("The app does not accept this token").waitFor();
    await close();
  });

  it("meets a page, not a blank, at an address that is none", async () => {
    const { page, goTo, close } = await at.open();
    await goTo("/users/%E0%A4%A");
    await page.getByRole("heading", { name: "There is no such page" }).waitFor();
    await close();
  });

  it("reads a refusal with its faults for as long as they want to", async () => {
    const { page, goTo, close } = await at.open();
    await page.route("**/api/cycles", (route) =>
      route.request().method() === "POST"
        ? asJson(
            { title: "No.", code: "no", faults: [{ path: "canary", message: "is too large" }] },
            400,
          )(route)
        : route.continue(),
    );
    await goTo("/");
    await page.getByRole("button", { name: "Sync now" }).first().click();
    await page.getByText("No. canary: is too large").waitFor();
    await page.getByRole("button", { name: "Close the message" }).click();
    await page.getByText("No. canary: is too large").waitFor({ state: "detached" });
    await close();
  });

  it("hears of a refusal in a dialog, can close the message there, and the dialog stays", async () => {
    await at.stack.createEntraUser("twin.told");
    const uuid = await at.stack.createDrupalUser("twin.told", { field_last_name: "Twin" });
    const { page, goTo, troubles, close } = await at.open();
    await goTo(`/users/${uuid}`);
    await page.getByRole("button", { name: /^Join/ }).click();
    const dialog = page.getByRole("dialog");
    await page.route("**/api/provision", asJson({ title: "Not now.", code: "no" }, 409));
    await dialog.getByRole("button", { name: "Join them" }).click();
    // What lies outside of a modal dialog is neither heard nor pressed.
    await dialog.getByRole("status").getByText("Not now.").waitFor();
    expect(await page.getByText("Not now.").count()).toBe(1);
    await dialog.getByRole("button", { name: "Close the message" }).click();
    await page.getByText("Not now.").waitFor({ state: "detached" });
    await dialog.getByRole("button", { name: "Join them" }).click();
    await page.getByText("Not now.").waitFor();
    await dialog.getByRole("button", { name: "Leave it" }).click();
    // It is still to be read, now on the page.
    await page.getByText("Not now.").waitFor();
    await page.getByRole("button", { name: "Close the message" }).click();
    await page.getByText("Not now.").waitFor({ state: "detached" });
    expect(await troubles()).toEqual([]);
    await close();
  });

  it("goes back to where they were: filter by filter, and as far down", async () => {
    const { page, goTo, close } = await at.open();
    await goTo("/audit");
    const all = page.url();
    await page.getByLabel("Status").selectOption("success");
    await page.waitForURL(/status=success/);
    await page.setViewportSize({ width: 1280, height: 400 });
    const down = await eventually("the listing is long", () =>
      page.evaluate(() => {
        scrollTo(0, document.documentElement.scrollHeight);
        return document.querySelector("tr.opens") !== null && scrollY;
      }),
    );
    // Not by the mouse: that would scroll to the link first.
    await page
      .locator("tr.opens a")
      .last()
      .evaluate((link) => {
        if (link instanceof HTMLElement) link.click();
      });
    await page.waitForURL(/\/users\//);
    // The listing is short again for a while: the browser alone would stay at its top.
    await page.route("**/api/audit?*", async (route) => {
      await new Promise((later) => setTimeout(later, 600));
      await route.continue();
    });
    await page.goBack();
    await page.waitForURL(/status=success/);
    await eventually("the page is as far down as it was", () =>
      page.evaluate((y) => scrollY === y, down),
    );
    await page.goBack();
    expect(page.url()).toBe(all);
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await close();
  });

  it("reaches the content by the link that skips the rooms", async () => {
    const { page, goTo, close } = await at.open();
    await goTo("/");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await focused(page)).toBe("main");
    await close();
  });

  describe("while a plan waits for them", () => {
    let cycleId: string;

    beforeAll(async () => {
      ({ cycleId } = await waitForApproval(at.stack));
    }, 60_000);

    it("sees that behind any later cycle", async () => {
      await runCycle(at.stack, { direction: "entraToDrupal", kind: "incremental" });
      const { page, goTo, close } = await at.open();
      await goTo("/");
      await page.locator(`.attention a[href$="/cycles/${cycleId}"]`).waitFor();
      await page.locator(".attention").getByText("expires in 6 days").waitFor();
      expect(await page.getByText(NOTHING).count()).toBe(0);
      await close();
    });

    it("has a question closed by the back button, and nothing is done", async () => {
      const { page, goTo, close } = await at.open();
      await goTo("/");
      await page.locator(`.attention a[href$="/cycles/${cycleId}"]`).click();
      await page.getByRole("button", { name: "Approve the plan" }).click();
      await page.getByRole("dialog").waitFor();
      await page.goBack();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      const cycle = await (await at.stack.api(`/cycles/${cycleId}`)).json();
      expect(cycle).toMatchObject({ status: "waiting" });
      await close();
    });

    it("sees what became of it on the page of all cycles, also behind more than that page asks for", async () => {
      const { page, goTo, troubles, close } = await at.open();
      await goTo("/cycles");
      const row = page.locator("table.cycles tr", { has: page.locator(`a[href$="${cycleId}"]`) });
      await row.locator(".badge", { hasText: "waiting" }).waitFor();
      // As if 30 newer ones had been started since.
      await page.route("**/api/cycles?limit=30", async (route) => {
        const response = await route.fetch();
        const { items, ...rest } = listing.parse(await response.json());
        const newer = items.filter(({ id }) => id !== cycleId);
        await route.fulfill({ response, json: { ...rest, items: newer } });
      });
      await at.stack.api(`/cycles/${cycleId}/cancel`, { method: "POST" });
      await row.locator(".badge", { hasText: "cancelled" }).waitFor({ timeout: 40_000 });
      expect(await troubles()).toEqual([]);
      await page.unrouteAll({ behavior: "ignoreErrors" });
      await close();
    }, 60_000);
  });
});
