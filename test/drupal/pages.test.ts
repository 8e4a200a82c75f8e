// The module's pages on a real Drupal, in a browser: set up, a person's edit, the account's tab, the report.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BROWSER, launch } from "../browser/find-browser.ts";
import { eventually } from "../e2e/stack.ts";
import { withSite } from "./with-site.ts";

const at = withSite({ DRUPAL_CONSOLE: "on" });

describe.skipIf(BROWSER === null)("the module's pages", () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await launch();
    page = await signedIn("admin", "admin");
  });
  afterAll(() => browser?.close());

  async function signedIn(name: string, password: string): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const opened = await context.newPage();
    await opened.goto(`${at.site.url}/user/login`);
    await opened.getByLabel("Username").fill(name);
    await opened.getByLabel("Password").fill(password);
    await opened.getByRole("button", { name: "Log in" }).click();
    await opened.waitForURL(/\/user\/\d+/);
    return opened;
  }
  const goTo = async (path: string) => {
    const response = await page.goto(`${at.site.url}${path}`);
    expect(response?.status()).toBe(200);
  };
  const words = () => page.locator("body").innerText();
  /** Someone whom both sides know. */
  const joined = async () => {
    const [person] = await at.site.people();
    if (person === undefined) throw new Error("the site has nobody");
    await at.site.call("save", { uuids: [person.uuid], department: "Joined", terminate: true });
    const user = await eventually("in Entra", () => at.stack.entraUser(person.mail ?? ""), 30_000);
    return { ...person, objectId: user.id };
  };

  it("take the address of the app, and tell in words that a test event was accepted", async () => {
    await goTo("/admin/config/people/entra-user-sync");
    await page.getByLabel("Address of the sync app").fill(at.app.url);
    await page.getByRole("button", { name: /send a test event/i }).click();
    await page.waitForLoadState();
    expect(await words()).toMatch(/accepted/i);
    expect(at.app.deliveries.map(({ event, status }) => [event.type, status])).toEqual([
      ["test", 202],
    ]);
  });

  it("say what is wrong when the app does not know the secret", async () => {
    at.app.behaviour = { status: 401 };
    await goTo("/admin/config/people/entra-user-sync");
    await page.getByRole("button", { name: /send a test event/i }).click();
    await page.waitForLoadState();
    expect(await words()).toMatch(/secret/i);
  });

  it("a person's edit in Drupal's own form is in Entra within a second or so", async () => {
    const person = await joined();
    const figures: number[] = [];
    for (const department of ["Navy", "Reserve", "Academy"]) {
      await goTo(`/user/${person.uid}/edit`);
      await page.getByRole("textbox", { name: "Department" }).fill(department);
      const began = Date.now();
      await page.getByRole("button", { name: "Save" }).click({ noWaitAfter: true });
      await eventually(
        "in Entra",
        async () => (await at.stack.entraUser(person.mail ?? ""))?.department === department,
        30_000,
      );
      figures.push(Date.now() - began);
      await page.waitForLoadState();
    }
    console.log(`from the button in Drupal's form to Entra: ${figures.join(", ")} ms`);
  });

  it("the account's tab tells the story, previews and syncs", async () => {
    const person = await joined();
    await at.stack.editEntraUser(person.objectId, { surname: "Lovelace-King" });
    await goTo(`/user/${person.uid}/entra-sync`);
    expect(await words()).toContain(person.mail ?? "");
    expect(await words()).toContain("Joined");
    await page.getByRole("button", { name: "Preview" }).click();
    await page.waitForLoadState();
    expect(await words()).toMatch(/nothing (was|has been) written|preview/i);
    const before = (await at.stack.drupalUser(person.uuid))?.attributes.field_last_name;
    expect(before).not.toBe("Lovelace-King");
    await page.getByRole("button", { name: "Sync now" }).click();
    await page.waitForLoadState();
    await eventually(
      "in Drupal",
      async () =>
        (await at.stack.drupalUser(person.uuid))?.attributes.field_last_name === "Lovelace-King",
    );
  });

  it("the report lists what was done, and is refused, and asks nobody, without the permission", async () => {
    await joined();
    await goTo("/admin/reports/entra-user-sync");
    expect(await page.locator("table tbody tr").count()).toBeGreaterThan(0);
    const name = `nobody.special.${Date.now()}`;
    await at.site.call("makeAccount", { name, permissions: ["access site reports"] });
    const other = await signedIn(name, name);
    const before = at.app.asked.length;
    expect(before).toBeGreaterThan(0);
    const response = await other.goto(`${at.site.url}/admin/reports/entra-user-sync`);
    expect(response?.status()).toBe(403);
    const tab = await other.goto(
      `${at.site.url}/user/${(await at.site.people())[0]?.uid}/entra-sync`,
    );
    expect(tab?.status()).toBe(403);
    expect(at.app.asked).toHaveLength(before);
    await other.context().close();
  });
});
